"""np and nn: the names that make_numpy.py and make_nn.py leave out, and less common options.

float32 inputs are computed in float64 by NumPy or JAX and rounded once; dtypes are jax.numpy's.
"""

import jax
import jax.numpy as jnp
import numpy as np

from golden import rng, snake, write

NARROW = {"int64": "int32", "uint64": "uint32"}
cases = []


def f32(*x):
    return np.array(x, np.float32)


def i32(*x):
    return np.array(x, np.int32)


def plain(x):
    return tuple(x) if isinstance(x, list) else x


def case(fn, *args, f=None, dtype_of=None, space="np", rtol=1e-6, atol=1e-6, tags=(), **options):
    kw = {k if k in ("M", "k") else snake(k): plain(v) for k, v in options.items()}
    f = f or getattr(jax.nn if space == "nn" else jnp, snake(fn))
    wide = any(isinstance(a, np.ndarray) and a.dtype == np.float64 for a in args)
    narrow = [jnp.asarray(a) if isinstance(a, np.ndarray) and not wide else a for a in args]
    with jax.enable_x64(wide):
        out = f(*narrow, **kw)
        many = isinstance(out, (list, tuple))
        dtypes = [np.asarray(o).dtype for o in (out if many else [out])]
    with jax.enable_x64(wide or fn != "nanToNum"):  # the largest float32 is not the largest float64
        up = lambda a: jnp.asarray(a, np.float64 if jax.config.jax_enable_x64 else a.dtype) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a
        out = f(*[up(a) for a in args], **kw)
        out = [np.asarray(o).astype(NARROW.get(str(d), d)) for o, d in zip(out if many else [out], dtypes)]
    exact = out[0].dtype.kind != "f"
    record = {"fn": fn, "namespace": space, "args": list(args), "options": options, "want": out if many else out[0]}
    if not exact:
        record |= {"rtol": 1e-13, "atol": 1e-14} if wide else {"rtol": rtol, "atol": atol}
    if tags:
        record["tags"] = list(tags)
    cases.append(record)


r = rng("more")
X = np.round(r.normal(size=(2, 3, 4)) * 3, 3).astype(np.float32)
EDGE = f32(0, -0.0, 1.5, -1.5, 2.5, 1e6, np.inf, -np.inf, np.nan)

case("floatPower", i32(2, 3, 4), i32(3, -1, 0), f=jnp.float_power)
case("floatPower", f32(4, 9), f32(0.5, 1.5))
case("floatPower", np.array([4.0, 9]), np.array([0.5, 1.5]))
for a, b in [(f32(7, -7, 5.5), f32(2, 2, -2)), (i32(7, -7, 9), i32(2, 2, -2)), (X, f32(1.5))]:
    case("divmod", a, b)
case("logaddexp2", f32(0, 3, -40, 100), f32(0, 5, 2, 100), rtol=2e-6)
case("logaddexp2", np.array([0.0, 3]), np.array([1.0, -5]))
case("logaddexp2", f32(-np.inf, np.inf), f32(1, 2), tags=["edge"])
case("nanToNum", f32(np.nan, np.inf, -np.inf, 2))
case("nanToNum", np.array([np.nan, np.inf, -np.inf, 2]))
case("nanToNum", f32(np.nan, np.inf, -np.inf, 2), nan=-1, posinf=5, neginf=-5)
case("nanToNum", i32(1, 2))
case("isclose", f32(1, 2, np.nan, np.inf, -np.inf), f32(1.000001, 2.1, np.nan, np.inf, np.inf))
case("isclose", f32(1, np.nan), f32(1.05, np.nan), rtol=0.1, equalNan=True)
case("isclose", i32(100, 5), i32(101, 5), atol=1)
case("ptp", X)
case("ptp", X, axis=1)
case("ptp", X, axis=[0, 2], keepdims=True)
case("ptp", i32(3, -4, 9))
case("rint", EDGE)
case("rint", i32(1, -2))
case("rint", np.array([0.5, 1.5, -2.5]))
case("fix", EDGE, f=jnp.trunc)
case("fix", i32(1, -2), f=jnp.trunc)
case("fix", np.array([1.7, -1.7]), f=jnp.trunc)
case("round", f32(126, -134, 5), f=lambda x, decimals: jnp.round(x, decimals), decimals=-1)
case("fullLike", X, 2.5)
case("fullLike", i32(1, 2), 7)
case("fullLike", i32(1, 2), 1.5, dtype="float32")
case("fullLike", f32(1, 2), f32(3, 4))
case("fullLike", f32(1, 2), 3, shape=[2, 2])
case("zerosLike", f32(1, 2), shape=[3])
mask = np.array([True, False, True, True])
for fn in ("mean", "var", "std"):
    case(fn, X, axis=2, where=mask)
    case(fn, X, keepdims=True, where=mask)
case("var", X, axis=2, where=mask, ddof=1)
for fn in ("any", "all"):
    case(fn, X > 0, axis=2, where=mask)
case("max", np.zeros((0, 3), np.float32), axis=0, initial=-1.0)
case("min", np.zeros((2, 0), np.int32), axis=1, initial=5, keepdims=True)
case("mean", i32(1, 2, 4), dtype="float32")
case("cumsum", np.array([200, 100], np.uint8), dtype="int32")
case("cumsum", np.array([True, True, False]))
case("cumprod", f32(1, 2, 3), axis=0)
case("linspace", f32(0), f32(1, 2), num=3)
case("concatenate", [X, X * 2], axis=None)
case("take", X, i32(0, 2, 2), axis=1, mode="wrap")
case("tensordot", X, X, f=lambda a, b, axes: jnp.tensordot(a, b, axes=[list(k) for k in axes]), axes=[[0, 2], [0, 2]], rtol=1e-5)
for spec, *shapes in [("aab->b", (2, 2, 3)), ("...,...", (3,), (1,)), ("i...,i...->...i", (2, 3), (2, 1)),
                      ("ij,ij,ij->j", (2, 3), (2, 3), (2, 3)), ("abc,cd,def->abef", (2, 3, 2), (2, 3), (3, 2, 2)),
                      ("ba,bc->ac", (3, 2), (3, 4)), ("iii->i", (3, 3, 3)), ("...ii->...", (2, 3, 3))]:
    ops = [np.round(rng(spec + str(i)).normal(size=s), 3).astype(np.float32) for i, s in enumerate(shapes)]
    case("einsum", spec, *ops, f=jnp.einsum, rtol=1e-5)
for mode in ("reflect", "symmetric"):
    case("pad", f32(1, 2, 4), [5, 4], f=lambda x, w, mode, reflect_type: np.pad(np.asarray(x), w, mode=mode, reflect_type=reflect_type), mode=mode, reflectType="odd", tags=["wide"])
case("pad", i32(1, 2, 4, 8), [1, 2], f=lambda x, w, mode: jnp.pad(x, w, mode=mode), mode="mean")
case("pad", X, [1, 2], f=lambda x, w, mode, stat_length: jnp.pad(x, w, mode=mode, stat_length=stat_length), mode="median", statLength=3)
case("pad", f32(1), 2, f=lambda x, w, mode: jnp.pad(x, w, mode=mode), mode="reflect")
case("pad", X, 0, f=lambda x, w: jnp.pad(x, w))

PLAIN = np.round(rng("nn more").normal(size=21) * 3, 3)
TAIL = f32(0, -0.0, 6, -6, 30, -30, 100, -100)
NN = {"relu6": {}, "logSigmoid": {}, "softSign": {}, "mish": {}, "selu": {}}
FS = {"softSign": jax.nn.soft_sign, "logSigmoid": jax.nn.log_sigmoid}
for fn in NN:
    for x in (PLAIN.astype(np.float32), PLAIN, TAIL, np.zeros((0, 2), np.float32)):
        case(fn, x, space="nn", f=FS.get(fn))
case("logsumexp", X, space="nn")
case("logsumexp", X, space="nn", axis=1, keepdims=True)
case("relu", i32(-2, 3), space="nn")
case("relu6", i32(-2, 3, 9), space="nn")


def grad(fn, x, f, c=None):
    with jax.enable_x64(True):
        out, pull = jax.vjp(f, jnp.asarray(x, jnp.float64))
        c = np.ones(out.shape)
        (g,) = pull(jnp.asarray(c))
    tol = {"rtol": 1e-13, "atol": 1e-14} if x.dtype == np.float64 else {"rtol": 1e-6, "atol": 1e-7}
    cases.append({"fn": fn, "namespace": "nn", "kind": "grad", "args": [x], "options": {}, "cotangent": c.astype(x.dtype),
                  "want": [np.asarray(g).astype(x.dtype)]} | tol)


for fn in NN:
    f = FS.get(fn) or getattr(jax.nn, snake(fn))
    grad(fn, np.array([0, -0.0, 6, -6, 1.5, -2.5]), f)
    grad(fn, TAIL, f)
write("numpy_more.json.gz", ["jax", "numpy"], cases)
