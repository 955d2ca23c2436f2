"""The numbers that every contestant computes with, from one formula that inputs.ts writes as well."""

import math

import numpy as np


def uniform(seed, shape, scale=1.0, dtype=np.float32):
    """Float32 numbers in [-scale, scale): bits of a hash of the position, the same everywhere."""
    h = np.arange(math.prod(shape), dtype=np.uint32)
    h += np.uint32((seed * 0x9E3779B9) & 0xFFFFFFFF)
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    h >>= np.uint32(8)
    u = h.astype(np.float32)
    u *= np.float32(2.0**-23)
    u -= np.float32(1)
    if scale != 1.0:
        u = (u.astype(np.float64) * scale).astype(np.float32)
    return u.reshape(shape).astype(dtype, copy=False)


def labels(seed, count, classes):
    """Integers in 0..classes-1."""
    u = uniform(seed, (count,)).astype(np.float64)
    return np.floor((u + 1) / 2 * classes).astype(np.int32)


def glorot(seed, shape):
    """Weights of a dense layer [in, out] or a convolution [height, width, in, out]."""
    area = math.prod(shape[:-2])
    return uniform(seed, shape, math.sqrt(6 / (area * (shape[-2] + shape[-1]))))


def zeros(*shape):
    return np.zeros(shape, np.float32)


def mlp_parameters(sizes):
    """Weights and biases of the dense layers, in turn."""
    widths = [sizes["features"], *sizes["hidden"], sizes["classes"]]
    parameters = []
    for i, (rows, columns) in enumerate(zip(widths, widths[1:])):
        parameters += [glorot(101 + i, (rows, columns)), zeros(columns)]
    return parameters


def mlp_batches(sizes):
    """(x, labels) of each batch."""
    batch, features, classes = sizes["batch"], sizes["features"], sizes["classes"]
    return [
        (uniform(1000 + b, (batch, features)), labels(2000 + b, batch, classes))
        for b in range(sizes["batches"])
    ]


def loop_data(sizes):
    """The rows of the whole loop, and their labels."""
    rows = sizes["rows"]
    return uniform(7, (rows, sizes["features"])), labels(8, rows, sizes["classes"])


def cnn_parameters():
    """28x28x1: two convolutions 3x3 (32, 64), each pooled by 2, dense 128, dense 10."""
    return [
        glorot(201, (3, 3, 1, 32)), zeros(32),
        glorot(202, (3, 3, 32, 64)), zeros(64),
        glorot(203, (1600, 128)), zeros(128),
        glorot(204, (128, 10)), zeros(10),
    ]  # fmt: skip


def cnn_batches(sizes):
    batch = sizes["batch"]
    return [
        (uniform(3000 + b, (batch, 28, 28, 1)), labels(4000 + b, batch, 10))
        for b in range(sizes["batches"])
    ]


def block_parameters(sizes):
    """Norm, one product for query, key and value, projection, norm, two dense layers."""
    d = sizes["width"]
    return [
        np.ones(d, np.float32), zeros(d),
        glorot(301, (d, 3 * d)), zeros(3 * d),
        glorot(302, (d, d)), zeros(d),
        np.ones(d, np.float32), zeros(d),
        glorot(303, (d, 4 * d)), zeros(4 * d),
        glorot(304, (4 * d, d)), zeros(d),
    ]  # fmt: skip


def block_data(sizes):
    shape = (sizes["batch"], sizes["length"], sizes["width"])
    return uniform(901, shape), uniform(902, shape)


def one_hot(y, classes):
    return np.eye(classes, dtype=np.float32)[y]


def digest(values):
    """A few numbers that tell whether two results are the same array."""
    flat = np.asarray(values).reshape(-1)
    n = flat.size
    mean = float(np.mean(np.abs(flat), dtype=np.float64))
    return [mean, *(float(flat[i]) for i in (0, n // 3, 2 * n // 3, n - 1))]
