"""random, initializers, Dropout masks and setRandomSeed: JAX's and Keras' numbers, bit by bit.

`hash` is FNV-1a (32 bit) over the little-endian bytes of all elements, in row-major order.
"""

from keras_on_jax import PACKAGES

import jax
import jax.numpy as jnp
import keras
import numpy as np

from golden import camel, snake, write

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


# --- further draws: fn, positional parameters, shape, options; the same call in JAX
def tolerant(fn, seed, args, shape=None, want=None, rtol=2e-6, atol=2e-6, name=None, dtype=None, **options):
    k = jax.random.key(seed)
    shown = options | ({"dtype": dtype} if dtype else {})
    positional = list(args) + ([] if shape is None else [shape])
    with jax.enable_x64(dtype == "float64"):
        if dtype == "float64":
            k = jax.random.wrap_key_data(jnp.asarray(data(k)))
        kw = {snake(n): v for n, v in options.items()} | ({} if shape is None else {"shape": tuple(shape)})
        kw |= {"dtype": jnp.dtype(dtype)} if dtype else {}
        up = [np.asarray(a, dtype) if dtype and isinstance(a, np.ndarray) and a.dtype.kind == "f" else a for a in args]
        want = np.asarray(getattr(jax.random, name or snake(fn))(k, *up, **kw))
    if want.dtype == np.int64:
        want = want.astype(np.int32)
    tol = {} if want.dtype.kind in "iub" else {"rtol": 1e-11, "atol": 1e-12} if dtype == "float64" else {"rtol": rtol, "atol": atol}
    cases.append({"fn": fn, "key": seed, "args": positional, "options": shown, "want": want} | tol)


def f32(*x):
    return np.array(x, np.float32)


ROW = f32(0.5, 1, 2.5)
for seed in (0, 42):
    k = jax.random.key(seed)
    case("keyData", seed, data(k))
    for fn in ("cauchy", "laplace", "logistic", "maxwell"):
        tolerant(fn, seed, [], [9], rtol=1e-5)
        tolerant(fn, seed, [], [2, 3], dtype="float64")
    tolerant("gumbel", seed, [], [9], mode="high")
    tolerant("gumbel", seed, [], [3], dtype="float64", mode="high")
    for fn, params in {"pareto": [ROW], "rayleigh": [ROW], "weibullMin": [ROW, 1 / ROW], "lognormal": [ROW], "wald": [ROW],
                       "triangular": [f32(0, -1, 2), f32(0.5, 0, 3), f32(2, 0, 4)]}.items():
        tolerant(fn, seed, params, [4, 3], rtol=1e-5)
        tolerant(fn, seed, params, [3], dtype="float64")
        if fn != "weibullMin":
            tolerant(fn, seed, params, rtol=1e-5)
    tolerant("doubleSidedMaxwell", seed, [f32(1)[0], f32(2)[0]], [5], rtol=1e-5)
    tolerant("geometric", seed, [f32(0.1, 0.5, 1)], [6, 3])
    tolerant("geometric", seed, [f32(0.01)[0]], [20])
    tolerant("rademacher", seed, [], [9])
    tolerant("rademacher", seed, [], [2, 2], dtype="float32")
    cases[-1] |= {"rtol": 0, "atol": 0}
    tolerant("truncatedNormal", seed, [f32(-1, 0, 2), f32(1, 0.5, 9)], [4, 3])
    tolerant("truncatedNormal", seed, [f32(-1, 0, 2), f32(1, 0.5, 9)])
    tolerant("truncatedNormal", seed, [-2, 0.5], [5], dtype="float64")
    # integers
    for lo, hi, dtype in ((0, 256, "uint8"), (3, 9, "uint8"), (-3, 300, "uint8"), (0, 2**31 - 1, "int32"), (5, 5, "int32"), (7, 2, "int32"),
                          (0, 7, "uint32"), (-2**31, 2**31 - 1, "int32")):
        case("randint", seed, np.asarray(jax.random.randint(k, (12,), lo, hi, dtype)), [[12], lo, hi], {"dtype": dtype})
    lo, hi = np.array([0, -5, 7, 3], np.int32), np.array([10, 5, 2**31 - 1, 3], np.int32)
    for dtype in ("int32", "uint32", "uint8"):
        case("randint", seed, np.asarray(jax.random.randint(k, (5, 4), lo, hi, dtype)), [[5, 4], lo, hi], {"dtype": dtype})
    big = np.array([2**31, 2**32 - 1, 10], np.uint32)
    for dtype in ("int32", "uint32"):
        case("randint", seed, np.asarray(jax.random.randint(k, (4, 3), 1, big, dtype)), [[4, 3], 1, big], {"dtype": dtype})
    # orders
    rows = np.arange(24, dtype=np.float32).reshape(4, 3, 2)
    case("permutation", seed, np.asarray(jax.random.permutation(k, rows)), [rows])
    case("permutation", seed, np.asarray(jax.random.permutation(k, rows, axis=1)), [rows], {"axis": 1})
    case("permutation", seed, np.asarray(jax.random.permutation(k, rows, axis=-1, independent=True)), [rows], {"axis": -1, "independent": True})
    case("permutation", seed, np.asarray(jax.random.permutation(k, rows, independent=True)), [rows], {"independent": True})
    case("permutation", seed, np.asarray(jax.random.permutation(k, 3000))[:9], [3000], first=9, hash=fnv(np.asarray(jax.random.permutation(k, 3000))))
    p = f32(0.1, 0, 0.4, 0.2, 0.3)
    vals = np.arange(5, dtype=np.int32) * 10
    for replace in (True, False):
        for options in ({}, {"p": p}):
            for a in (5, vals):
                for shape in ([], [3], [2, 2]):
                    want = np.asarray(jax.random.choice(k, a, tuple(shape), replace=replace, **options))
                    case("choice", seed, want, [a, shape], {"replace": replace} | options)
        want = np.asarray(jax.random.choice(k, rows, (2, 1), replace=replace, axis=1))
        case("choice", seed, want, [rows, [2, 1]], {"replace": replace, "axis": 1})
    case("choice", seed, np.asarray(jax.random.choice(k, 5, (3,), replace=False, p=p, mode="high")), [5, [3]], {"replace": False, "p": p, "mode": "high"})
    logits = np.round(np.random.default_rng(seed).normal(size=(3, 4)), 3).astype(np.float32)
    case("categorical", seed, np.asarray(jax.random.categorical(k, logits)), [logits])
    case("categorical", seed, np.asarray(jax.random.categorical(k, logits, axis=0)), [logits], {"axis": 0})
    case("categorical", seed, np.asarray(jax.random.categorical(k, logits, shape=(5, 3), mode="high")), [logits], {"shape": [5, 3], "mode": "high"})
    case("categorical", seed, np.asarray(jax.random.categorical(k, logits, shape=(2, 3), replace=False)), [logits], {"shape": [2, 3], "replace": False})
    case("categorical", seed, np.asarray(jax.random.categorical(k, logits, axis=0, shape=(3, 4), replace=False)), [logits], {"axis": 0, "shape": [3, 4], "replace": False})
    case("bernoulli", seed, np.asarray(jax.random.bernoulli(k, f32(0.3, 0.6), (4, 2), "high")), [], {"p": f32(0.3, 0.6), "shape": [4, 2], "mode": "high"})

# --- rejection sampling
for seed in (0, 42):
    for fn in ("gamma", "loggamma"):
        tolerant(fn, seed, [f32(0.05, 0.3, 0.99, 1, 1.7, 10, 1000)], [6, 7], rtol=1e-5)
        tolerant(fn, seed, [f32(0.3, 1, 5)])
        tolerant(fn, seed, [2.0], [4])
        tolerant(fn, seed, [f32(0.3, 1, 5)], [4, 3], dtype="float64")
    tolerant("beta", seed, [f32(0.5, 1, 20), f32(2, 0.1, 30)], [5, 3], rtol=1e-5)
    tolerant("beta", seed, [f32(0.5), f32(2)], [3], dtype="float64")
    tolerant("chisquare", seed, [f32(0.5, 1, 20)], [4, 3], rtol=1e-5)
    tolerant("f", seed, [f32(0.5, 1, 20), f32(2, 5, 30)], [3], rtol=2e-5)
    tolerant("t", seed, [f32(0.5, 1, 20)], [4, 3], rtol=1e-5)
    tolerant("generalizedNormal", seed, [1.5], [9], rtol=1e-5)
    tolerant("ball", seed, [3], [5], rtol=1e-5)
    tolerant("ball", seed, [2], [4], rtol=1e-5, p=1.0)
    tolerant("dirichlet", seed, [f32(0.1, 1, 5, 20)], rtol=1e-5)
    tolerant("dirichlet", seed, [f32(0.1, 1, 5, 20).reshape(2, 2)], [3, 2], rtol=1e-5)
    tolerant("dirichlet", seed, [f32(0.1, 1, 5)], [2], dtype="float64")
    tolerant("poisson", seed, [f32(0, 0.1, 1, 9.9, 10, 30, 300)], [20, 7])
    tolerant("poisson", seed, [f32(np.nan, -1, 3)])
    tolerant("poisson", seed, [4.0], [5])
    tolerant("binomial", seed, [f32(0, 5, 20, 100, 1000, 40), f32(0.3, 0.5, 0.9, 0.02, 0.4, 0.7)], [20, 6], rtol=0, atol=0)
    tolerant("binomial", seed, [f32(3, -1, np.nan, np.inf, 5, 5), f32(np.nan, 0.5, 0.5, 0.5, 1, 0)], rtol=0, atol=0)
    tolerant("binomial", seed, [f32(50), f32(0.3)], [4], dtype="float64")
    tolerant("multinomial", seed, [f32(20)[0] * np.ones((), np.float32), f32(0.2, 0.3, 0.5)], rtol=0, atol=0)
    for n, kw in ((1, {}), (3, {}), (5, {"m": 3}), (2, {"m": 6})):
        tolerant("orthogonal", seed, [n], rtol=1e-5, atol=1e-5, **kw)
    tolerant("orthogonal", seed, [4], [2, 3], rtol=1e-5, atol=1e-5)
    tolerant("orthogonal", seed, [4], dtype="float64")
    k = jax.random.key(seed)
    a = f32(0.05, 0.3, 1, 2.5, 30, 1000)
    for fn in ("gamma", "loggamma"):
        slope = np.asarray(jax.grad(lambda a: getattr(jax.random, fn)(k, a).sum())(a))
        cases.append({"fn": "slope", "of": fn, "key": seed, "args": [a], "options": {}, "want": slope, "rtol": 1e-4, "atol": 1e-6})
cases.append({"fn": "wrapKeyData", "key": None, "args": [[3, 4294967295]], "options": {}, "want": np.array([3, 2**32 - 1], np.uint32)})

# --- the layout before JAX 0.5
with jax.threefry_partitionable(False):
    for seed in (0, 42, 1701):
        k = jax.random.key(seed)
        old = {"layout": "original"}
        for n in (1, 2, 3, 4, 7):
            case("split", seed, data(jax.random.split(k, n)), [n], **old)
        case("split", seed, data(jax.random.split(k, (2, 3))), [[2, 3]], **old)
        case("foldIn", seed, data(jax.random.fold_in(k, 4)), [4], **old)
        for shape in SHAPES:
            case("bits", seed, np.asarray(jax.random.bits(k, tuple(shape))), [shape], **old)
            case("uniform", seed, np.asarray(jax.random.uniform(k, tuple(shape))), [shape], **old)
        for n in (0, 1, 4, 5, 9):
            case("bits", seed, np.asarray(jax.random.bits(k, (n,), "uint8")), [[n]], {"dtype": "uint8"}, **old)
        case("normal", seed, np.asarray(jax.random.normal(k, (9,))), [[9]], exact=False, **old)
        case("randint", seed, np.asarray(jax.random.randint(k, (8,), -5, 20)), [[8], -5, 20], **old)
        case("permutation", seed, np.asarray(jax.random.permutation(k, 33)), [33], **old)
        case("bernoulli", seed, np.asarray(jax.random.bernoulli(k, 0.3, (20,))), [0.3, [20]], **old)
        with jax.enable_x64(True):
            k64 = jax.random.wrap_key_data(jnp.asarray(data(k)))
            for shape in ([], [5], [2, 3]):
                case("uniform", seed, np.asarray(jax.random.uniform(k64, tuple(shape), jnp.float64)), [shape], {"dtype": "float64"}, **old)
with jax.threefry_partitionable(False):
    for fn, args in (("gamma", [f32(0.3, 1, 5)]), ("poisson", [f32(3, 30)]), ("choice", [5])):
        tolerant(fn, 0, args, [4, len(args[0])] if fn != "choice" else [4])
        cases[-1] |= {"layout": "original"}

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
