"""data.Dataset: what the stages of tf.data give, and the orders of Grain's shuffle and mix.

A case of "tfdata" has a `name`, which the test knows a pipeline by, and the `elements` of two passes.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402
import grain  # noqa: E402

from golden import write  # noqa: E402

D = tf.data.Dataset
cases = []


def plain(x):
    if isinstance(x, (tuple, list)):
        return [plain(v) for v in x]
    return x.numpy().tolist()


def case(name, ds):
    cases.append({"fn": "tfdata", "name": name, "passes": [[plain(x) for x in ds] for _ in range(2)],
                  "cardinality": int(ds.cardinality())})


def words(lists):
    """A dataset of sequences of unequal lengths."""
    return D.from_generator(lambda: iter(lists), output_signature=tf.TensorSpec([None], tf.int32))


LISTS = [[0], [1, 2, 3, 4], [5, 6, 7], [7, 8, 9, 10, 11], [13, 14, 15, 16, 19, 20], [21, 22]]
R = D.range

case("paddedBatch(2)", words(LISTS).padded_batch(2))
case("paddedBatch(4, drop)", words(LISTS).padded_batch(4, drop_remainder=True))
case("paddedBatch(2, shape 7, value -1)", words(LISTS).padded_batch(2, [7], tf.constant(-1, tf.int32)))
case("unbatch", words(LISTS).unbatch())
case("rebatch(2)", R(10).batch(3).rebatch(2))
case("rebatch([1, 3])", R(11).batch(4).rebatch([1, 3]))
case("rebatch(4, drop)", R(10).batch(3).rebatch(4, drop_remainder=True))
repeated = lambda x: D.from_tensors(x).repeat(6)
case("interleave(2, 4)", R(1, 6).interleave(repeated, cycle_length=2, block_length=4))
for cycle in (1, 2, 3, 5):
    for block in (1, 2, 3):
        ds = R(6).interleave(lambda x: R(x), cycle_length=cycle, block_length=block)
        case(f"interleave of ranges({cycle}, {block})", ds)
case("flatMap", R(5).flat_map(lambda x: R(x)))
for size, shift, stride, drop in ((3, None, 1, False), (3, 1, 1, False), (3, 1, 1, True), (2, 3, 1, False),
                                  (3, 2, 2, False), (3, 2, 2, True), (1, 4, 1, True), (12, 1, 1, False)):
    ds = R(10).window(size, shift, stride, drop)
    count = int(ds.cardinality())
    ds = ds.flat_map(lambda w: w.batch(100))
    case(f"window({size}, {shift}, {stride}, {drop})", ds)
    cases[-1]["cardinality"] = count
case("groupByWindow", R(20).group_by_window(lambda x: (x * 7) % 3, lambda k, w: w.batch(10), 4))
case("groupByWindow by key", R(20).group_by_window(lambda x: x % 3, lambda k, w: w.batch(10),
                                                   window_size_func=lambda k: k + 1))
length = lambda x: tf.shape(x)[0]
case("bucket", words(LISTS).bucket_by_sequence_length(length, [3, 5], [2, 2, 2]))
case("bucket, drop", words(LISTS).bucket_by_sequence_length(length, [3, 5], [2, 2, 2], drop_remainder=True))
case("bucket, boundary", words(LISTS[:5]).bucket_by_sequence_length(length, [3, 5, 8], [2, 2, 2, 1],
                                                                  pad_to_bucket_boundary=True, padding_values=-1))
case("takeWhile", R(10).take_while(lambda x: x % 7 < 5))
case("filter", R(10).filter(lambda x: x % 3 > 0))
case("scan", R(1, 8).scan(np.int64(1), lambda s, x: (s * x, s + x)))
case("zip", D.zip((R(3), R(5, 10))))
case("concatenate", R(3).concatenate(R(7, 9)))
for n in (1, 2, 3, 4):
    for i in range(n):
        case(f"shard({n}, {i})", R(7).shard(n, i))
case("enumerate(5)", R(3).enumerate(5))
case("cache after shuffle", R(8).shuffle(8, seed=3).cache().repeat(2))
case("shuffle of batches", R(12).batch(2).shuffle(3, seed=5))
case("flatMap of shuffle", R(4).shuffle(4, seed=3).flat_map(lambda x: R(x)))

# --- Grain
for n in (1, 2, 3, 10, 100, 257, 1000):
    for seed in (0, 1, 10, 42, 2**32 - 1):
        ds = grain.MapDataset.range(n).shuffle(seed=seed)
        passes = [[int(ds[i]) for i in range(e * n, e * n + n)] for e in range(2)]
        cases.append({"fn": "globalShuffle", "n": n, "seed": seed, "passes": passes})
for n in (65536, 65538, 100_000, 131_073, 262_144, 262_146, 10**8, 2**31 - 1):
    ds = grain.MapDataset.range(n).shuffle(seed=42)
    at = sorted({0, 1, 2, n // 3, n // 2, n - 2, n - 1})
    cases.append({"fn": "globalShuffleAt", "n": n, "seed": 42, "at": at, "want": [int(ds[i]) for i in at]})
for weights in ([1, 1], [2, 1], [1, 2, 3], [0.25, 0.75], [0.7, 0.2, 0.1], [5, 1]):
    parts = [grain.MapDataset.range(100 * i, 100 * i + 10).to_iter_dataset() for i in range(len(weights))]
    mixed = [int(x) for x in grain.IterDataset.mix(parts, weights=weights)]
    cases.append({"fn": "mix", "weights": weights, "want": mixed})

write("pipelines.json.gz", ["numpy", "tensorflow-cpu", "grain"], cases)
