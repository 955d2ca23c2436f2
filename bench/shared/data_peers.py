"""The loaders that bench/data.ts stands beside: one epoch of 60,000 images of 28x28 bytes, in random
order and batches of 32, each by the loader's fastest path. Prints one line of JSON for each: its name
and the microseconds a batch took in the best of its epochs, or why there is no number.
"""

import json
import os
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

import numpy as np  # noqa: E402

ROWS, BATCH = 60_000, 32
x = np.arange(ROWS * 784, dtype=np.uint32).astype(np.uint8).reshape(ROWS, 28, 28)
y = (np.arange(ROWS) % 10).astype(np.uint8)


def by_hand():
    order = np.random.permutation(ROWS)
    for at in range(0, ROWS, BATCH):
        rows = order[at : at + BATCH]
        yield x[rows], y[rows]


def tf_data():
    import tensorflow as tf

    ds = tf.data.Dataset.from_tensor_slices((x, y)).shuffle(1024).batch(BATCH).prefetch(tf.data.AUTOTUNE)
    return lambda: ds.as_numpy_iterator()


def data_loader():
    import torch
    from torch.utils import data

    ds = data.TensorDataset(torch.from_numpy(x), torch.from_numpy(y))
    rows = data.BatchSampler(data.RandomSampler(ds), BATCH, False)
    return lambda: iter(data.DataLoader(ds, sampler=rows, batch_size=None))


def grain_map():
    import grain

    rows = grain.MapDataset.range(ROWS).shuffle(seed=1).batch(BATCH)
    return lambda: iter(rows.map(lambda i: (x[i], y[i])))


for name, make in [
    ("NumPy, rows by hand", lambda: by_hand),
    ("tf.data", tf_data),
    ("PyTorch DataLoader", data_loader),
    ("Grain", grain_map),
]:
    try:
        epoch = make()
    except ImportError as missing:
        print(json.dumps({"name": name, "absent": str(missing)}), flush=True)
        continue
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        batches = sum(1 for _ in epoch())
        best = min(best, (time.perf_counter() - start) * 1e6 / batches)
    print(json.dumps({"name": name, "us": best}), flush=True)
