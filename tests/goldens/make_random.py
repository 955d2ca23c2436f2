"""random, initializers, Dropout masks and setRandomSeed: JAX's and Keras' numbers, bit by bit.

`hash` is FNV-1a (32 bit) over the little-endian bytes of all elements, in row-major order.
"""

from keras_on_jax import PACKAGES

import jax
import jax.numpy as jnp
import keras
import numpy as np

from golden import camel, write

cases = []


def fnv(x):
    h = 2166136261
    for byte in np.ascontiguousarray(x).astype(x.dtype.newbyteorder("<")).tobytes():
        h = ((h ^ byte) * 16777619) & 0xFFFFFFFF
    return h


def data(key):
    return np.asarray(jax.random.key_data(key))


def case(fn, key, want, args=(), options=None, exact=True, **more):
    tol = {} if exact else ({"rtol": 1e-12, "atol": 1e-14} if want.dtype == np.float64 else {"rtol": 1e-6, "atol": 1e-6})
    cases.append({"fn": fn, "key": key, "args": list(args), "options": options or {}, "want": want} | tol | more)


# --- keys
for seed in (0, 1, 42, 1337, 1701, 2**31 - 1, 2**32 - 1, -1):
    case("key", seed, data(jax.random.key(seed)))
SEEDS = (0, 42, 1701)
SHAPES = ([], [1], [3], [4], [2, 3], [7], [33], [2, 3, 4], [0], [1, 1])
for seed in SEEDS:
    k = jax.random.key(seed)
    for n in (1, 2, 3, 4, 7):
        case("split", seed, data(jax.random.split(k, n)), [n])
    case("split", seed, data(jax.random.split(k)), [])
    case("split", seed, data(jax.random.split(k, (2, 3))), [[2, 3]])
    for d in (0, 1, 4, 123456789, 2**32 - 1):
        case("foldIn", seed, data(jax.random.fold_in(k, d)), [d])
    for shape in SHAPES:
        case("bits", seed, np.asarray(jax.random.bits(k, tuple(shape))), [shape])
        case("uniform", seed, np.asarray(jax.random.uniform(k, tuple(shape))), [shape])
        case("normal", seed, np.asarray(jax.random.normal(k, tuple(shape))), [shape], exact=False)
    case("bits", seed, np.asarray(jax.random.bits(k, (9,), "uint8")), [[9]], {"dtype": "uint8"})
    for lo, hi in ((-1.0, 1.0), (-0.05, 0.05), (2.0, 5.0), (-0.0841, 0.0841)):
        case("uniform", seed, np.asarray(jax.random.uniform(k, (33,), minval=lo, maxval=hi)), [[33]],
             {"minval": lo, "maxval": hi})
    for p in (0.5, 0.1, 0.0, 1.0):
        case("bernoulli", seed, np.asarray(jax.random.bernoulli(k, p, (20,))), [p, [20]])
    p = np.array([0.1, 0.5, 0.9], np.float32)
    case("bernoulli", seed, np.asarray(jax.random.bernoulli(k, p, (4, 3))), [p, [4, 3]])
    case("bernoulli", seed, np.asarray(jax.random.bernoulli(k, p)), [p])
    case("bernoulli", seed, np.asarray(jax.random.bernoulli(k)), [])
    big = np.asarray(jax.random.bits(k, (1000,)))
    case("bits", seed, big[:4], [[1000]], first=4, hash=fnv(big))
    big = np.asarray(jax.random.uniform(k, (1000,)))
    case("uniform", seed, big[:4], [[1000]], first=4, hash=fnv(big))
    for lo, hi in ((0, 20), (-5, 5), (0, 1)):
        case("randint", seed, np.asarray(jax.random.randint(k, (8,), lo, hi)), [[8], lo, hi])
    for n in (1, 2, 10, 33):
        case("permutation", seed, np.asarray(jax.random.permutation(k, n)), [n])
    case("truncatedNormal", seed, np.asarray(jax.random.truncated_normal(k, -2, 2, (9,))), [-2, 2, [9]], exact=False)
    case("gumbel", seed, np.asarray(jax.random.gumbel(k, (9,))), [[9]], exact=False)
    case("exponential", seed, np.asarray(jax.random.exponential(k, (9,))), [[9]], exact=False)
    logits = np.array([0.1, -1, 2, 0], np.float32)
    case("categorical", seed, np.asarray(jax.random.categorical(k, logits, shape=(12,))), [logits], {"shape": [12]})
    with jax.enable_x64(True):
        k64 = jax.random.wrap_key_data(jnp.asarray(data(k)))
        for shape in ([], [5], [2, 3]):
            u = np.asarray(jax.random.uniform(k64, tuple(shape), jnp.float64))
            case("uniform", seed, u, [shape], {"dtype": "float64"})
            case("uniform", seed, np.asarray(jax.random.uniform(k64, tuple(shape), jnp.float64, -2, 3)), [shape],
                 {"dtype": "float64", "minval": -2, "maxval": 3}, exact=False)
            case("normal", seed, np.asarray(jax.random.normal(k64, tuple(shape), jnp.float64)), [shape],
                 {"dtype": "float64"}, exact=False)
# The block cipher itself: Random123's known answers, from JAX.
from jax.extend.random import threefry_2x32  # noqa: E402

for key, count in (((0, 0), (0, 0)), ((0xFFFFFFFF,) * 2, (0xFFFFFFFF,) * 2),
                   ((0x13198A2E, 0x03707344), (0x243F6A88, 0x85A308D3))):
    want = np.asarray(threefry_2x32(np.array(key, np.uint32), np.array(count, np.uint32)))
    cases.append({"fn": "threefry2x32", "key": np.array(key, np.uint32), "args": [np.array(count, np.uint32)],
                  "options": {}, "want": want})

# --- initializers: key [seed, 0]
INITIALIZERS = [
    ("Zeros", {}), ("Ones", {}), ("Constant", {"value": 0.5}), ("RandomUniform", {}),
    ("RandomUniform", {"minval": -1.0, "maxval": 2.0}), ("RandomNormal", {}),
    ("RandomNormal", {"mean": 1.0, "stddev": 0.5}), ("TruncatedNormal", {}),
    ("TruncatedNormal", {"mean": 1.0, "stddev": 0.5}), ("GlorotUniform", {}), ("GlorotNormal", {}),
    ("HeUniform", {}), ("HeNormal", {}), ("LecunUniform", {}), ("LecunNormal", {}),
    ("VarianceScaling", {}), ("VarianceScaling", {"scale": 2.0, "mode": "fan_out", "distribution": "uniform"}),
    ("VarianceScaling", {"mode": "fan_avg", "distribution": "untruncated_normal"}), ("Orthogonal", {}),
    ("Orthogonal", {"gain": 2.0}), ("Identity", {}), ("Identity", {"gain": 2.0}),
]
ALL = ([784, 64], [64, 10], [3, 3, 4, 8])
for name, options in INITIALIZERS:
    seeded = name not in ("Zeros", "Ones", "Constant", "Identity")
    shapes = ALL[:2] if name == "Identity" else ALL
    if seeded:
        shapes = [*shapes, [], [5]] if name != "Orthogonal" else [*shapes, [10, 64]]
    elif name != "Identity":
        shapes = [*shapes[:1], []]
    for shape in shapes:
        kw = options | ({"seed": 1337} if seeded else {})
        cls = getattr(keras.initializers, "OrthogonalInitializer" if name == "Orthogonal" else name)
        w = np.asarray(cls(**kw)(tuple(shape), dtype="float32"))
        flat = w.reshape(-1)
        uniform = "Uniform" in name or options.get("distribution") == "uniform"
        exact = not seeded or uniform
        shown = {k: camel(v) if isinstance(v, str) else v for k, v in kw.items()}
        record = {"fn": "initializer", "name": name, "options": shown, "shape": shape, "first": flat[:8],
                  "sum": float(flat.astype(np.float64).sum()), "sumOfSquares": float((flat.astype(np.float64)**2).sum()),
                  "min": float(flat.min()), "max": float(flat.max())}
        record |= {"hash": fnv(flat)} if exact else {"rtol": 1e-4 if name == "Orthogonal" else 2e-6, "atol": 1e-5 if name == "Orthogonal" else 1e-7}
        cases.append(record)
for seed in (0, 1, 1337):
    w = np.asarray(keras.initializers.GlorotUniform(seed=seed)((16, 8)))
    cases.append({"fn": "initializer", "name": "GlorotUniform", "options": {"seed": seed}, "shape": [16, 8], "want": w,
                  "hash": fnv(w)})

# --- keras raw keys: random.* of a seed, SeedGenerator sequences, Dropout masks
for seed in (0, 7, 1337):
    raw = np.array([seed, 0], np.uint32)
    cases.append({"fn": "kerasUniform", "key": raw, "args": [[6]], "options": {},
                  "want": np.asarray(keras.random.uniform((6,), seed=seed))})
    cases.append({"fn": "kerasNormal", "key": raw, "args": [[6]], "options": {},
                  "want": np.asarray(keras.random.normal((6,), seed=seed)), "rtol": 1e-6, "atol": 1e-6})
for rate in (0.1, 0.2, 0.5, 0.75):
    for seed in (1, 1337):
        layer = keras.layers.Dropout(rate, seed=seed)
        ones = np.ones((4, 8), np.float32)
        calls = [np.asarray(layer(ones, training=True)) for _ in range(3)]
        cases.append({"fn": "dropout", "rate": rate, "seed": seed, "input": ones, "outputs": calls,
                      "stateAfter": np.asarray(layer.seed_generator.state.value)})
x = np.round(np.random.default_rng(5).normal(size=(4, 8)), 3).astype(np.float32)
cases.append({"fn": "dropout", "rate": 0.3, "seed": 11, "input": x,
              "outputs": [np.asarray(keras.layers.Dropout(0.3, seed=11)(x, training=True))],
              "stateAfter": np.array([11, 1], np.uint32)})


# --- setRandomSeed: the seeds that unseeded initializers and Dropout take, in creation order
def seeded_model(n):
    keras.backend.clear_session()
    keras.utils.set_random_seed(n)
    a = keras.layers.Dense(4, kernel_initializer="glorot_uniform")
    b = keras.layers.Dense(3, kernel_initializer="he_normal", bias_initializer="zeros")
    d = keras.layers.Dropout(0.5)
    model = keras.Sequential([keras.Input((5,)), a, d, b])
    return [a.kernel_initializer.seed, d.seed_generator.state.value, b.kernel_initializer.seed], model


for n in (0, 1, 812, 1337):
    keras.utils.set_random_seed(n)
    drawn = [keras.initializers.GlorotUniform().seed for _ in range(10)]
    (a, d, b), model = seeded_model(n)
    cases.append({"fn": "setRandomSeed", "seed": n, "initializerSeeds": drawn,
                  "model": {"layers": "input 5, Dense 4 (glorotUniform), Dropout 0.5, Dense 3 (heNormal)",
                            "created": "Dense, Dense, Dropout", "seeds": {"dense": int(a), "dense_1": int(b)},
                            "dropoutState": np.asarray(d),
                            "variables": [np.asarray(v.value) for v in model.trainable_variables]},
                  "rtol": 2e-6, "atol": 1e-7})
write("random.json.gz", PACKAGES, cases)
