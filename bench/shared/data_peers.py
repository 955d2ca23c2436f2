"""The loaders and parsers of Python that bench/data.ts and bench/data_files.ts stand beside, each on its
fast path. They take turns with ours: a line of standard input names a work, and a line of JSON
answers with its seconds and how many batches it gave. The first line says which works there are, and
of which libraries there is nothing, and why.

python data_peers.py images ORDER      epochs of MNIST-like images; ORDER holds the row numbers of one
python data_peers.py files CSV RECORDS  parsing of files
"""

import importlib
import json
import os
import sys
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np  # noqa: E402

ROWS, BATCH, FILE_BATCH = 60_000, 32, 256
works, absent = {}, {}


def library(name):
    try:
        return importlib.import_module(name)
    except ImportError as missing:
        absent[name] = str(missing)


def numpy_by_hand(x, y, make_order):
    def epoch():
        order = make_order()
        for at in range(0, ROWS, BATCH):
            rows = order[at : at + BATCH]
            yield x.take(rows, 0), y.take(rows)

    return epoch


def tf_images(tf, dtype, x, y):
    slices = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1024).batch(BATCH)
    ahead = slices.prefetch(tf.data.AUTOTUNE)
    tx, ty = tf.constant(x), tf.constant(y)
    gathered = tf.data.Dataset.range(ROWS).shuffle(1024).batch(BATCH)
    gathered = gathered.map(lambda i: (tf.gather(tx, i), tf.gather(ty, i)))
    works[f"{dtype} tf.data"] = slices.as_numpy_iterator
    works[f"{dtype} tf.data, prefetch"] = ahead.as_numpy_iterator
    works[f"{dtype} tf.data, numbers gathered"] = gathered.as_numpy_iterator


def torch_images(data, torch, dtype, x, y):
    ds = data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    rows = data.BatchSampler(data.RandomSampler(ds), BATCH, False)
    works[f"{dtype} PyTorch DataLoader"] = lambda: data.DataLoader(ds, sampler=rows, batch_size=None)


def grain_images(grain, dtype, x, y):
    rows = grain.MapDataset.range(ROWS).shuffle(seed=1).batch(BATCH)
    works[f"{dtype} Grain"] = lambda: rows.map(lambda i: (x[i], y[i]))


def images(order_path):
    bytes_ = np.arange(ROWS * 784, dtype=np.uint32).astype(np.uint8).reshape(ROWS, 28, 28)
    y = (np.arange(ROWS) % 10).astype(np.uint8)
    same = np.fromfile(order_path, dtype=np.int32).astype(np.int64)
    torch, grain, tf = library("torch"), library("grain"), library("tensorflow")
    for dtype in ["uint8", "float32"]:
        x = bytes_.astype(dtype)
        works[f"{dtype} NumPy, these rows by hand"] = numpy_by_hand(x, y, lambda: same)
        works[f"{dtype} NumPy, a permutation by hand"] = numpy_by_hand(
            x, y, lambda: np.random.permutation(ROWS)
        )
        if tf:
            tf_images(tf, dtype, x, y)
        if torch:
            torch_images(importlib.import_module("torch.utils.data"), torch, dtype, x, y)
        if grain:
            grain_images(grain, dtype, x, y)


def files(csv, records):
    pd, tf = library("pandas"), library("tensorflow")
    if pd:
        works["csv pandas in pieces"] = lambda: pd.read_csv(csv, chunksize=FILE_BATCH)
        works["csv pandas, the whole file at once"] = lambda: [pd.read_csv(csv)]
    if not tf:
        return
    auto = tf.data.AUTOTUNE
    kinds = [tf.float32] * 9 + [tf.int32]
    spec = {"x": tf.io.FixedLenFeature([64], tf.float32), "y": tf.io.FixedLenFeature([], tf.int64)}
    works["csv tf.data CsvDataset"] = lambda: tf.data.experimental.CsvDataset(
        csv, kinds, header=True
    ).batch(FILE_BATCH)
    works["csv tf.data decode_csv"] = lambda: (
        tf.data.TextLineDataset(csv)
        .skip(1)
        .batch(FILE_BATCH)
        .map(lambda l: tf.io.decode_csv(l, [0.0] * 9 + [0]), num_parallel_calls=auto)
        .prefetch(auto)
    )
    works["records tf.data"] = lambda: tf.data.TFRecordDataset(records).batch(FILE_BATCH)
    works["examples tf.data"] = lambda: (
        tf.data.TFRecordDataset(records)
        .batch(FILE_BATCH)
        .map(lambda b: tf.io.parse_example(b, spec), num_parallel_calls=auto)
        .prefetch(auto)
    )


{"images": images, "files": files}[sys.argv[1]](*sys.argv[2:])
print(json.dumps({"works": list(works), "absent": absent}), flush=True)
for line in sys.stdin:
    start = time.perf_counter()
    batches = sum(1 for _ in works[line.strip()]())
    print(json.dumps({"seconds": time.perf_counter() - start, "batches": batches}), flush=True)
