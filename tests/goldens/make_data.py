"""data.Dataset: the orders of tf.data, and the Philox stream under its shuffle.

A case has `size` (range(size) as source), `ops` (name and arguments, in order), and `epochs`: what
three passes over the dataset yield; a batched pass yields lists.
"""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

from golden import snake, write  # noqa: E402

cases = []


def pipeline(size, ops):
    ds = tf.data.Dataset.range(size)
    for name, args, options in ops:
        kw = {snake(k): v for k, v in options.items()}
        ds = getattr(ds, name)(*args, **kw)
    return ds


def passes(ds, n=3):
    return [[x.tolist() for x in ds.as_numpy_iterator()] for _ in range(n)]


def case(size, *ops, **more):
    ops = [(name, args, options) for name, args, options in ops]
    ds = pipeline(size, ops)
    epochs = passes(ds)
    if all(e == epochs[0] for e in epochs):
        record = {"everyEpoch": epochs[0]}
    else:
        record = {"epochs": epochs}
    cases.append({"fn": "pipeline", "size": size, "cardinality": int(ds.cardinality()),
                  "ops": [{"name": n, "args": list(a), "options": o} for n, a, o in ops]} | record | more)


def shuffle(b, **o):
    return ("shuffle", [b], o)


def op(name, *args, **options):
    return (name, list(args), options)


# --- shuffle: sizes, buffers, seeds, both modes
for size in (0, 1, 2, 7, 10, 33, 100):
    for buffer in (1, 2, 3, 10, 1024):
        for seed in (0, 42) if size in (10, 33) else (1337,):
            for again in (True, False):
                if size in (100, 33) and buffer in (2, 3) and seed != 42:
                    continue
                case(size, shuffle(buffer, seed=seed, **({} if again else {"reshuffleEachIteration": False})))
for seed in (1, 2**31 - 1, 2**31, 123456789012345):
    case(10, shuffle(10, seed=seed))
case(3000, shuffle(1024, seed=7))

# --- orders
B = lambda n, **o: op("batch", n, **o)
for size in (0, 1, 7, 10, 12):
    case(size, B(4))
    case(size, B(4, dropRemainder=True))
case(10, B(1))
case(10, B(100))
case(10, B(100, dropRemainder=True))
case(10, B(2), B(2))
for n in (0, 1, 3):
    case(4, op("repeat", n))
case(3, op("repeat"), op("take", 8))
case(4, op("repeat", -1), op("take", 6))
case(0, op("repeat"), op("take", 5))
for n in (0, 2, 5, 9, -1):
    case(5, op("take", n))
    case(5, op("skip", n))
case(10, op("skip", 2), op("take", 3))
case(10, op("take", 5), op("skip", 2), B(2))
case(10, B(3), op("repeat", 2))
case(10, op("repeat", 2), B(3))
case(10, B(3), op("take", 2))
case(10, B(3), op("skip", 3))
case(10, op("prefetch", 2), B(4))
case(10, shuffle(4, seed=1), B(4))
case(10, B(3), shuffle(4, seed=1))
case(6, shuffle(3, seed=1), op("repeat", 2), note="the epochs stay apart")
case(6, shuffle(3, seed=1, reshuffleEachIteration=False), op("repeat", 2))
case(6, op("repeat", 2), shuffle(3, seed=1), note="the epochs mix")
case(6, shuffle(3, seed=1), op("take", 3))
case(6, shuffle(3, seed=1), op("skip", 3))
case(6, shuffle(3, seed=1), shuffle(4, seed=2))
case(10, op("shard", 3, 1))
case(20, shuffle(8, seed=3), op("repeat", 2), B(6, dropRemainder=True), op("take", 4))

# Last of all, for the global seed stays set.
for global_seed, seed in ((1, 2), (0, 0), (812, 5)):
    for again in (True, False):
        tf.random.set_seed(global_seed)
        ds = tf.data.Dataset.range(10).shuffle(10, seed=seed, reshuffle_each_iteration=again)
        cases.append({"fn": "shuffleBothSeeds", "globalSeed": global_seed, "seed": seed, "size": 10, "buffer": 10,
                      "reshuffleEachIteration": again, "epochs": passes(ds)})


# --- Philox4x32-10, written out; the shuffle of TensorFlow rests on it (its known answers: Random123)
def philox(counter, key):
    c, k = [int(x) for x in counter], [int(x) for x in key]
    for _ in range(10):
        p0, p1 = 0xD2511F53 * c[0], 0xCD9E8D57 * c[2]
        c = [(p1 >> 32) ^ c[1] ^ k[0], p1 & 0xFFFFFFFF, (p0 >> 32) ^ c[3] ^ k[1], p0 & 0xFFFFFFFF]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.array(c, np.uint32)


F = 0xFFFFFFFF
KNOWN = [((0, 0, 0, 0), (0, 0), (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
         ((F, F, F, F), (F, F), (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
         ((0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344), (0xA4093822, 0x299F31D0),
          (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1))]
for counter, key, want in KNOWN:
    assert philox(counter, key).tolist() == list(want)
for counter, key in [*((c, k) for c, k, _ in KNOWN), ((1, 0, 42, 0), (87654321, 0)), ((5, 6, 7, 8), (9, 10))]:
    cases.append({"fn": "philox4x32", "counter": np.array(counter, np.uint32), "key": np.array(key, np.uint32),
                  "want": philox(counter, key)})

write("data.json.gz", ["numpy", "tensorflow-cpu"], cases)
