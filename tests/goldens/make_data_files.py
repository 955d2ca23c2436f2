"""Small files in the formats that data.Dataset reads, written by their reference implementations.

Writes data/files/*: TFRecords by TensorFlow, Parquet by pyarrow, CSV by Python's csv, zstd by
zstandard; and data_files.json, which says what they hold and what moons and blobs of scikit-learn
are like.
"""

import csv
import gzip
import io
import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
import sklearn.datasets  # noqa: E402
import tensorflow as tf  # noqa: E402
import zstandard  # noqa: E402

from golden import DATA, rng, write  # noqa: E402

FILES = DATA / "files"
FILES.mkdir(parents=True, exist_ok=True)
cases = []

# --- TFRecord
payloads = [b"", b"abc", bytes(range(256)) * 3, "schön".encode()]
for name, compression in (("plain.tfrecord", ""), ("gzip.tfrecord.gz", "GZIP"), ("zlib.tfrecord.zz", "ZLIB")):
    with tf.io.TFRecordWriter(str(FILES / name), compression) as writer:
        for p in payloads:
            writer.write(p)
# The time stamp in a gzip header would make another file every time.
raw = gzip.decompress((FILES / "gzip.tfrecord.gz").read_bytes())
(FILES / "gzip.tfrecord.gz").write_bytes(gzip.compress(raw, 9, mtime=0))
cases.append({"fn": "tfRecord", "want": [list(p) for p in payloads]})


def feature(x):
    if isinstance(x[0], bytes):
        return tf.train.Feature(bytes_list=tf.train.BytesList(value=x))
    if isinstance(x[0], float):
        return tf.train.Feature(float_list=tf.train.FloatList(value=x))
    return tf.train.Feature(int64_list=tf.train.Int64List(value=x))


examples = [
    {"id": [7], "size": [1.5, -2.25], "words": [b"one", "zwei \u00e4".encode()], "big": [2**40], "neg": [-3, 300]},
    {"id": [-1], "size": [0.1, float("inf")], "words": [b""], "big": [-(2**45)], "neg": [0]},
]
with tf.io.TFRecordWriter(str(FILES / "examples.tfrecord")) as writer:
    for e in examples:
        example = tf.train.Example(features=tf.train.Features(feature={k: feature(v) for k, v in e.items()}))
        writer.write(example.SerializeToString(deterministic=True))
spec = {
    "id": tf.io.FixedLenFeature([], tf.int64),
    "size": tf.io.FixedLenFeature([2], tf.float32),
    "words": tf.io.VarLenFeature(tf.string),
    "big": tf.io.FixedLenFeature([], tf.int64),
    "neg": tf.io.VarLenFeature(tf.int64),
    "gone": tf.io.FixedLenFeature([2], tf.float32, default_value=[1.0, 2.0]),
}
parsed = [tf.io.parse_single_example(r, spec) for r in tf.data.TFRecordDataset(str(FILES / "examples.tfrecord"))]
dense = lambda x: tf.sparse.to_dense(x).numpy() if isinstance(x, tf.SparseTensor) else x.numpy()  # noqa: E731
cases.append({"fn": "parseExample", "want": [
    {"id": p["id"].numpy().astype(np.int32), "size": p["size"].numpy(), "words": [w.decode() for w in dense(p["words"])],
     "big": p["big"].numpy().astype(np.float64), "neg": dense(p["neg"]).astype(np.int32), "gone": p["gone"].numpy()}
    for p in parsed]})

# --- CSV
rows = [["id", "x", "text", "flag", "big"],
        [1, 0.1, 'plain', "true", 3000000000],
        [-2, 1e-7, 'with, comma', "false", 1],
        [3, -123456.789, 'with "quotes"', "true", 2],
        [4, 3.0, 'two\nlines', "false", 3],
        [5, 1 / 3, '', "true", 4]]
for name, options in (("lf.csv", {"lineterminator": "\n"}), ("crlf.csv", {"lineterminator": "\r\n"}),
                      ("quoted.csv", {"quoting": csv.QUOTE_ALL}), ("tabs.tsv", {"delimiter": "\t", "lineterminator": "\n"})):
    text = io.StringIO(newline="")
    csv.writer(text, **options).writerows(rows)
    (FILES / name).write_bytes(text.getvalue().encode())
columns = [[r[k] for r in rows[1:]] for k in range(5)]
cases.append({"fn": "csv", "want": {
    "id": np.array(columns[0], np.int32), "x": np.array(columns[1], np.float32), "text": columns[2],
    "flag": np.array([f == "true" for f in columns[3]]), "big": np.array(columns[4], np.float64)}})
numbers = ["0", "-0", "1e22", "1e23", "123456789012345", "9007199254740993", "1.7976931348623157e308", "5e-324",
           "2.2250738585072011e-308", "0.1", "+.5", "5.", "1E-3", "-1e400", "nan", "-inf", "3.14159265358979323846"]
cases.append({"fn": "csvNumbers", "cells": numbers, "want": np.array([float(n) for n in numbers], np.float64)})

# --- zstd, with and without checksum and content size, several frames
text = b"".join(b"line %d\n" % i for i in range(2000))
one = zstandard.ZstdCompressor(level=3, write_checksum=True).compress(text[:9000])
stream = zstandard.ZstdCompressor(level=1, write_content_size=False).compressobj()
two = stream.compress(text[9000:]) + stream.flush()
skippable = bytes([0x50, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3])
(FILES / "lines.txt.zst").write_bytes(one + skippable + two)
(FILES / "lines.txt.gz").write_bytes(gzip.compress(text[:9000], 9, mtime=0) + gzip.compress(text[9000:], 9, mtime=0))
cases.append({"fn": "lines", "count": 2000})

# --- Parquet
n = 10
table = pa.table({
    "i32": pa.array(range(n), pa.int32()),
    "i64": pa.array([i * 1000 - 5 for i in range(n)], pa.int64()),
    "u8": pa.array([i * 20 for i in range(n)], pa.uint8()),
    "f32": pa.array([i / 3 for i in range(n)], pa.float32()),
    "f64": pa.array([i / 7 if i != 4 else None for i in range(n)], pa.float64()),
    "flag": pa.array([i % 3 == 0 for i in range(n)], pa.bool_()),
    "text": pa.array([f"row {i}" for i in range(n)], pa.string()),
    "list": pa.array([[i, i + 0.5] for i in range(n)], pa.list_(pa.float32())),
})
for codec in ("none", "snappy", "gzip", "zstd", "brotli"):
    pq.write_table(table, FILES / f"{codec}.parquet", row_group_size=4, compression=codec)
cases.append({"fn": "parquet", "want": {
    name: column.to_pylist() if name == "text" else
    np.array(column.to_pylist(), {"i32": np.int32, "i64": np.int32, "u8": np.uint8, "f32": np.float32, "f64": np.float64,
                                  "flag": bool, "list": np.float32}[name])
    for name, column in zip(table.column_names, table.columns)}})

# the smallest that have it all, for the tests that change every byte
tiny = pa.table({
    "a": pa.array([1, 2, 3], pa.int32()),
    "x": pa.array([0.5, None, 2.5], pa.float32()),
    "s": pa.array(["one", "two", "one"]),
})
for codec in ("snappy", "zstd"):
    pq.write_table(tiny, FILES / f"tiny.{codec}.parquet", row_group_size=2, compression=codec,
                   store_schema=False, write_statistics=False)

# --- scikit-learn's shapes without noise and shuffling
for n in (10, 11):
    x, y = sklearn.datasets.make_moons(n, shuffle=False, noise=None)
    cases.append({"fn": "moons", "n": n, "x": x.astype(np.float32), "y": y.astype(np.int32)})
iris = sklearn.datasets.load_iris()
cases.append({"fn": "iris", "x": iris.data.astype(np.float32), "y": iris.target.astype(np.int32), "names": list(map(str, iris.target_names))})

write("data_files.json.gz", ["numpy", "tensorflow-cpu", "pyarrow", "scikit-learn", "zstandard"], cases)
