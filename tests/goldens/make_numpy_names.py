"""np: the rest of NumPy's main namespace. float32 inputs are computed in float64 and rounded once.

`want` may be a list of arrays. What has no array as result (shapes, booleans, numbers) is JSON.
"""

import jax
import jax.numpy as jnp
import numpy as np

from golden import rng, snake, write

NARROW = {"int64": "int32", "uint64": "uint32"}
cases = []
KEEP = ("M", "N", "k", "n", "m")


def f32(*x):
    return np.array(x, np.float32)


def f64(*x):
    return np.array(x, np.float64)


def i32(*x):
    return np.array(x, np.int32)


def b8(*x):
    return np.array(x, bool)


def plain(x):
    return tuple(x) if isinstance(x, list) else x


def flat(out):
    if isinstance(out, dict):
        return list(out.values())
    return list(out) if isinstance(out, (list, tuple)) else [out]


def each(value, f):
    if isinstance(value, np.ndarray):
        return f(value)
    if isinstance(value, (list, tuple)):
        return type(value)(each(v, f) for v in value)
    return value


def case(fn, *args, f=None, rtol=1e-6, atol=1e-6, tags=(), wide=None, **options):
    kw = {k if k in KEEP else snake(k): plain(v) for k, v in options.items()}
    f = f or getattr(jnp, snake(fn))
    given = [tuple(a) if isinstance(a, list) and all(isinstance(v, int) for v in a) else a for a in args]
    arrays = []
    each(list(args) + list(options.values()), lambda a: arrays.append(a) or a)
    big = any(a.dtype == np.float64 for a in arrays) if wide is None else wide
    with jax.enable_x64(big):
        narrow = lambda a: jnp.asarray(a)
        out = f(*each(given, narrow), **{k: each(v, narrow) for k, v in kw.items()})
        many = isinstance(out, (list, tuple, dict))
        dtypes = [np.asarray(o).dtype for o in flat(out)]
    with jax.enable_x64(True):
        up = lambda a: jnp.asarray(a, np.float64) if a.dtype.kind == "f" else jnp.asarray(a)
        out = f(*each(given, up), **{k: each(v, up) for k, v in kw.items()})
        out = [np.asarray(o).astype(NARROW.get(str(d), str(d))) for o, d in zip(flat(out), dtypes)]
    record = {"fn": fn, "namespace": "np", "args": list(args), "options": options, "want": out if many else out[0]}
    if any(o.dtype.kind == "f" for o in out):
        record |= {"rtol": 1e-12, "atol": 1e-13} if big else {"rtol": rtol, "atol": atol}
    if tags:
        record["tags"] = list(tags)
    cases.append(record)


def fixed(fn, args, want, **options):
    """A result that is known, or no array."""
    cases.append({"fn": fn, "namespace": "np", "args": list(args), "options": options, "want": want})


r = rng("names")
X = np.round(r.normal(size=(2, 3, 4)) * 3, 3).astype(np.float32)
M = np.round(r.normal(size=(3, 4)) * 3, 3).astype(np.float32)
V = np.round(r.normal(size=7) * 3, 3).astype(np.float32)
SQ = np.round(r.normal(size=(3, 3)), 3).astype(np.float32)
HOLES = np.where(r.random((3, 4)) < 0.3, np.nan, M).astype(np.float32)
HOLES[1] = np.nan
HOLES[0, 1] = 2.5
EDGE = f32(0, -0.0, 1.5, -1.5, 2.5, 1e6, np.inf, -np.inf, np.nan)
ANY = {"size": 4, "fillValue": 9}

# --- floating
exactly = dict(rtol=0, atol=0)
for a, b in ((f32(1, 1, 0, -0.0, 2, -2, 1e-40, -1e-40, np.inf, -np.inf, np.nan, 3, 3.4028235e38, 1), f32(2, -2, 1, -1, 0, 0, 0, -1, 0, 0, 1, np.nan, np.inf, 1)),
             (f64(1, 1, 0, 2, -2, 5e-324, np.inf, 1.7976931348623157e308, -4), f64(2, -2, -1, 0, 0, 0, 0, np.inf, -3))):
    cases.append({"fn": "nextafter", "namespace": "np", "args": [a, b], "options": {}, "want": np.nextafter(a, b), "rtol": 0, "atol": 0})
cases.append({"fn": "nextafter", "namespace": "np", "args": [M, f32(0)[0]], "options": {}, "want": np.nextafter(M, f32(0)[0]), "rtol": 0, "atol": 0})
for a in (f32(1, -4, 0.1, 3e30, np.inf, np.nan, 0), f64(1, -4, 0.1)):
    cases.append({"fn": "spacing", "namespace": "np", "args": [a], "options": {}, "want": np.spacing(a), "rtol": 0, "atol": 0})
case("signbit", EDGE[:-1])
case("signbit", i32(-1, 0, 2))
case("fabs", EDGE)
case("fabs", i32(-3, 3), f=lambda x: jnp.fabs(x.astype(jnp.float32)))
case("isneginf", EDGE)
case("isposinf", EDGE)
case("modf", f32(1.5, -2.25, 0, -0.0, 1e6, np.inf, -np.inf, np.nan))
case("modf", f64(1.5, -2.25))
case("ldexp", M, i32(3, -2, 0, 10))
case("ldexp", f32(1, 1, 1e-30, 1e30), i32(127, -126, 100, -100))
case("ldexp", f64(1, 3, 1e-300), i32(1000, -1000, 900))
case("frexp", f32(8, 0.75, -3, 0, 1, 1e-38, 3e38, np.inf, np.nan))
case("frexp", f64(8, -0.1, 1e300, 1e-300))

# --- integers
for a, b in ((i32(12, 0, -12, 7, 1 << 30), i32(18, 5, 8, 0, 12345)), (i32(*range(12)).reshape(3, 4), i32(6)[0]),
             (np.array([200, 100], np.uint8), np.array([150, 75], np.uint8)), (np.array([4000000000], np.uint32), np.array([1000], np.uint32))):
    case("gcd", a, b)
    case("lcm", *((a, b) if a.dtype == np.int32 and a.max() < 1000 else (i32(4, 6, 0, -3), i32(6, 4, 5, 5))))
case("bitwiseCount", i32(0, 1, 7, -8, 2**31 - 1))
case("bitwiseCount", np.array([0, 255, 170], np.uint8))
case("bitwiseCount", np.array([2**32 - 1, 5], np.uint32))
BITS = b8(1, 0, 1, 1, 0, 0, 1, 0, 1, 1)
case("packbits", BITS)
case("packbits", BITS, bitorder="little")
case("packbits", np.stack([BITS, ~BITS]), axis=1)
case("packbits", i32(0, 2, 0, 3, 1, 1, 0, 0, 5).reshape(9, 1), axis=0)
BYTES = np.array([[2], [7], [23]], np.uint8)
case("unpackbits", BYTES)
case("unpackbits", BYTES, axis=1)
case("unpackbits", BYTES, axis=1, count=-3, bitorder="little")
case("unpackbits", BYTES, axis=0, count=30)

# --- windows
for fn in ("bartlett", "blackman", "hamming", "hanning"):
    for n in (0, 1, 2, 5, 12):
        case(fn, n, f=lambda n, fn=fn: getattr(np, fn)(n).astype(np.float32), wide=False, atol=1e-7)
for n, beta in ((0, 1), (1, 3), (5, 0), (6, 14), (9, 2.5)):
    case("kaiser", n, beta, f=lambda n, b: np.kaiser(n, b).astype(np.float32), wide=False, atol=1e-7)
case("i0", f32(0, 1, -2.5, 10, 80), rtol=2e-6)
case("i0", f64(0, 1, -2.5, 10, 80, 600))
case("i0", i32(0, 3), f=lambda x: jnp.i0(x.astype(jnp.float32)))

# --- arrangement
case("ravel", X)
for a in (f32(3)[0] * np.ones((), np.float32), V, M, X):
    case("atleast1d", a, f=jnp.atleast_1d)
    case("atleast2d", a, f=jnp.atleast_2d)
    case("atleast3d", a, f=jnp.atleast_3d)
for axis, start in ((2, 0), (0, 3), (1, 0), (-1, 1), (0, -1)):
    case("rollaxis", X, axis, start)
for k in (0, 1, 2, 3, -1, 5):
    case("rot90", M, k, f=lambda x, k: jnp.rot90(x, k))
case("rot90", X, k=1, axes=[1, 2])
case("rot90", X, k=3, axes=[2, 0])
for fn in ("fliplr", "flipud", "matrixTranspose"):
    case(fn, M)
    case(fn, X)
fixed("broadcastShapes", [[2, 1], [3], 1], [2, 3])
fixed("broadcastShapes", [], [])
case("broadcastArrays", M, V[:4], f32(1)[0] * np.ones((), np.float32), f=jnp.broadcast_arrays)
case("resize", M, [2, 7])
case("resize", V, 3)
case("resize", V, [4, 4])
case("resize", np.zeros((0,), np.float32), [2])
case("unstack", X)
case("unstack", X, axis=-1)
for fn, want in (("shape", [2, 3, 4]), ("ndim", 3), ("size", 24)):
    fixed(fn, [X], want)
fixed("size", [X, 1], 3)

# --- editing
case("columnStack", [V, V * 2], f=jnp.column_stack)
case("columnStack", [M, i32(1, 2, 3)], f=jnp.column_stack)
case("dstack", [V, V], f=jnp.dstack)
case("dstack", [X, X], f=jnp.dstack)
case("block", [[M, M], [f32(1, 2, 3, 4).reshape(1, 4), f32(5, 6, 7, 8).reshape(1, 4)]], f=jnp.block)
case("block", [V, V], f=jnp.block)
case("block", M, f=jnp.block)
for n in (1, 2, 3, 5, 9):
    case("arraySplit", V, n, f=jnp.array_split)
case("arraySplit", M, 3, axis=1, f=jnp.array_split)
case("arraySplit", V, [2, 5], f=lambda x, i: jnp.array_split(x, tuple(i)))
case("hsplit", V[:6], 3, f=jnp.hsplit)
case("hsplit", M, 2, f=jnp.hsplit)
case("vsplit", M, 3, f=jnp.vsplit)
case("dsplit", X, [1, 3], f=lambda x, i: jnp.dsplit(x, tuple(i)))
case("append", M, V)
case("append", M, M[:1], axis=0)
for obj in (0, -1, [1, 3], [0, 0, -2]):
    case("delete", V, obj, f=lambda x, o, **k: jnp.delete(x, np.array(o) if isinstance(o, (list, tuple)) else o, **k))
case("delete", M, 1, axis=1, f=lambda x, o, axis: jnp.delete(x, o, axis))
case("delete", M, [0, 2], axis=0, f=lambda x, o, axis: jnp.delete(x, np.array(o), axis))
ins = lambda x, o, v, **k: jnp.insert(x, np.array(o) if isinstance(o, (list, tuple)) else o, v, **k)
for obj, vals in ((0, f32(9)[0]), (7, f32(9)[0]), (2, f32(8, 9)), ([1, 1, 5], f32(7, 8, 9)), ([3, 0], f32(8, 9)), ([-1], f32(5))):
    case("insert", V, obj, np.asarray(vals), f=ins)
case("insert", M, 1, f32(1, 2, 3), axis=1, f=ins)
case("insert", M, 1, f32(1, 2, 3, 4), axis=0, f=ins)
case("insert", M, 1, f32(1, 2, 3, 4, 5, 6).reshape(2, 3), axis=1, f=ins)
case("insert", X, 1, f32(1, 2, 3, 4, 5, 6, 7, 8).reshape(2, 4), axis=1, f=ins)
case("insert", M, [0, 2], f32(1, 2, 3, 4, 5, 6).reshape(3, 2), axis=1, f=ins)
case("insert", M, 3, f32(5)[0] * np.ones((), np.float32), axis=0, f=ins)
nput = lambda x, *a, **k: jnp.put(x, *a, inplace=False, **k)
case("put", V, i32(0, 2, -1), f32(9, 8, 7), f=nput)
case("put", M, i32(99, -1), f32(9, 8), f=nput, mode="clip")
case("put", M, i32(13, 14), f32(9, 8), f=nput, mode="wrap")
pal = lambda x, i, v, axis: jnp.put_along_axis(x, i, v, axis, inplace=False)
case("putAlongAxis", M, i32(0, 3, 1).reshape(3, 1), f32(9)[0] * np.ones((), np.float32), 1, f=pal)
case("putAlongAxis", M, i32(0, -1, 1, 2).reshape(1, 4), f32(9, 8, 7, 6).reshape(1, 4), 0, f=pal)
case("putAlongAxis", X, i32(1, 0, 0, 1).reshape(1, 1, 4), f32(5)[0] * np.ones((), np.float32), 0, f=pal)
case("putAlongAxis", V, i32(1, 3), f32(9, 8), None, f=pal)
case("place", M, M > 0, f32(1, 2), f=lambda x, m, v: jnp.place(x, m, v, inplace=False))
case("place", V, V > 9, f32(1), f=lambda x, m, v: jnp.place(x, m, v, inplace=False))
fd = lambda x, v, wrap=False: jnp.fill_diagonal(x, v, wrap=wrap, inplace=False)
case("fillDiagonal", M, f32(9)[0] * np.ones((), np.float32), f=fd)
case("fillDiagonal", np.zeros((7, 2), np.float32), f32(1, 2), f=fd)
case("fillDiagonal", np.zeros((3, 3, 3), np.float32), f32(4), f=fd)
fixed("fillDiagonal", [np.zeros((5, 2), np.float32), f32(4)], (lambda a: (np.fill_diagonal(a, 4, wrap=True), a)[1])(np.zeros((5, 2), np.float32)), wrap=True)
case("choose", i32(0, 2, 1, 0), [V[:4], V[3:], i32(1, 2, 3, 4)], f=lambda a, c: jnp.choose(a, c, mode="clip"))
case("choose", i32(-1, 5, 1, 0), [V[:4], V[3:], i32(1, 2, 3, 4)], f=jnp.choose, mode="clip")
case("choose", i32(-1, 5, 1, 0), [V[:4], V[3:], i32(1, 2, 3, 4)], f=jnp.choose, mode="wrap")
case("select", [M > 1, M > 0], [M, -M], f=jnp.select)
case("select", [V > 1, V > 0], [V, i32(1, 2, 3, 4, 5, 6, 7)], default=9, f=jnp.select)

# --- diagonals
for k in (0, 1, -2, 9):
    case("diagonal", M, k, f=lambda x, k: jnp.diagonal(x, k))
    case("trace", M, k, f=lambda x, k: jnp.trace(x, k))
case("diagonal", X, offset=1, axis1=2, axis2=0)
case("trace", X, axis1=1, axis2=2)
case("trace", i32(*range(6)).reshape(2, 3), dtype="float32")
case("diagflat", M[:2, :2], 1, f=lambda x, k: jnp.diagflat(x, k))
case("diagflat", V, k=-1)
for args in ((3,), (3, 5), (0,)):
    case("tri", *args, wide=False)
case("tri", 3, M=2, k=-1, dtype="int32", wide=False)
for fn in ("trilIndices", "triuIndices"):
    case(fn, 3, wide=False)
    case(fn, 3, 1, f=lambda n, k, fn=fn: getattr(jnp, snake(fn))(n, k), wide=False)
    case(fn, 3, k=-1, m=5, wide=False)
    case(fn + "From", M, k=1)
case("diagIndices", 3, wide=False)
case("diagIndices", 2, 3, wide=False)
case("diagIndicesFrom", SQ)
for n in (None, 0, 1, 5):
    case("vander", V, **({} if n is None else {"N": n}))
case("vander", i32(1, 2, 3), increasing=True)

# --- grids
case("meshgrid", V[:2], i32(1, 2, 3), f=jnp.meshgrid)
case("meshgrid", V[:2], i32(1, 2, 3), V[:4], f=jnp.meshgrid, indexing="ij")
case("meshgrid", V[:2], i32(1, 2, 3), f=jnp.meshgrid, sparse=True)
case("meshgrid", V[:2], f=jnp.meshgrid)
case("indices", [2, 3], f=lambda s: jnp.indices(tuple(s)), wide=False)
case("indices", [2, 3], f=lambda s, sparse: jnp.indices(tuple(s), sparse=sparse), sparse=True, wide=False)
case("ix_", i32(0, 2), i32(1, 2, 3), f=jnp.ix_)
rm = lambda i, s, mode="clip": jnp.ravel_multi_index(tuple(i), tuple(s), mode=mode)
case("ravelMultiIndex", [i32(0, 1), i32(2, 0)], [2, 3], f=rm)
case("ravelMultiIndex", [i32(5, -1), i32(7, -2)], [2, 3], f=rm, mode="clip")
case("ravelMultiIndex", [i32(5, -1), i32(7, -2)], [2, 3], f=rm, mode="wrap")
case("unravelIndex", i32(2, 3, 99, -1, -99), [2, 3], f=lambda i, s: jnp.unravel_index(i, tuple(s)))
case("unravelIndex", np.array(5, np.int32), [2, 3], f=lambda i, s: jnp.unravel_index(i, tuple(s)))
case("logspace", 0, 2, num=5, wide=False, rtol=3e-6)
case("logspace", 0, 3, num=4, base=2, endpoint=False, wide=False, rtol=3e-6)
case("logspace", f32(0, 1), f32(2, 3), num=3, rtol=3e-6)
case("geomspace", 1, 1000, num=4, wide=False, rtol=3e-6)
case("geomspace", -1, -8, num=4, wide=False, rtol=3e-6)
case("geomspace", 1, 8, num=3, endpoint=False, wide=False, rtol=3e-6)
case("geomspace", f32(1, 2), f32(100, 8), num=3, rtol=3e-6)
case("identity", 3, wide=False)
case("identity", 2, dtype="int32", wide=False)
case("empty", [2, 3], f=lambda s: jnp.empty(tuple(s)), wide=False)
case("emptyLike", i32(1, 2))

# --- quantiles
Q = f32(0, 0.3, 0.5, 0.99, 1)
for fn, nan in (("quantile", False), ("nanquantile", True)):
    A = HOLES if nan else M
    case(fn, A, np.asarray(f32(0.4)[0]))
    case(fn, A, Q, axis=0)
    case(fn, A, Q, axis=1, keepdims=True)
    case(fn, X, Q[:2], axis=[0, 2])
    for method in ("lower", "higher", "midpoint", "nearest"):
        case(fn, A, Q, axis=-1, method=method)
    case(fn, A.astype(np.float64), Q.astype(np.float64), axis=0)
case("quantile", HOLES, Q, axis=0)
case("quantile", i32(3, 1, 2), np.asarray(f32(0.25)[0]))
case("percentile", M, f32(10, 50, 90), axis=1)
case("nanpercentile", HOLES, f32(10, 50, 90), axis=1)
for fn in ("median", "nanmedian"):
    for A in (M, X, HOLES, V, i32(4, 1, 3, 2)):
        case(fn, A)
        case(fn, A, axis=-1, keepdims=True)
    case(fn, X, axis=[0, 1])

# --- NaN left out
for fn in ("nansum", "nanprod", "nanmean", "nanmax", "nanmin", "nanstd", "nanvar"):
    for A in (HOLES, X, i32(3, -1, 2)):
        case(fn, A, rtol=2e-6)
        case(fn, A, axis=-1, keepdims=True, rtol=2e-6)
    case(fn, HOLES, axis=0)
    case(fn, HOLES.astype(np.float64), axis=0)
case("nansum", HOLES, axis=1, where=b8(1, 0, 1, 1))
case("nanmean", HOLES, axis=1, where=b8(1, 0, 1, 1))
case("nanvar", HOLES, axis=0, ddof=1)
case("nanstd", X, ddof=2)
case("nanmax", HOLES, axis=1, initial=0.5)
for fn in ("nancumsum", "nancumprod"):
    case(fn, HOLES)
    case(fn, HOLES, axis=1)
for fn in ("nanargmax", "nanargmin"):
    case(fn, HOLES)
    case(fn, HOLES, axis=1)
    case(fn, HOLES, axis=0, keepdims=True)
    case(fn, i32(3, 9, 2))

# --- differences
case("diff", V)
case("diff", V, 2, f=lambda x, n: jnp.diff(x, n))
case("diff", X, axis=1)
case("diff", M, n=2, axis=0)
case("diff", M, prepend=0.0, append=M[:, :2])
case("diff", b8(1, 0, 0, 1))
case("diff", i32(5, 1, 9), n=3)
case("diff", V, n=0)
case("ediff1d", M)
case("ediff1d", V, toEnd=f32(1, 2), toBegin=f32(9))
case("gradient", V)
case("gradient", V, 0.5)
case("gradient", M, f=jnp.gradient)
case("gradient", X, axis=1)
case("gradient", M, spacing=[0.5, 2.0], f=lambda x, spacing: jnp.gradient(x, *spacing))
G = f32(0, 1, 3, 3.5, 5, 8, 8.5)
fixed("gradient", [V], np.gradient(V.astype(np.float64), G.astype(np.float64)).astype(np.float32), spacing=[G])
cases[-1] |= {"rtol": 1e-5, "atol": 1e-6}
case("gradient", i32(1, 4, 9, 16))
case("trapezoid", V)
case("trapezoid", M, dx=0.5, axis=0)
case("trapezoid", M, x=f32(0, 1, 3, 4))
case("trapezoid", M, x=np.abs(M), axis=1)
W = f32(0, 3, -3, 6, 12, -12, 0.5)
case("unwrap", W)
case("unwrap", W, period=4.0)
case("unwrap", M * 3, axis=0, discont=4.0)
XP, FP = f32(0, 1, 2.5, 4), f32(10, 20, 0, 5)
case("interp", f32(-1, 0, 0.5, 1, 2, 3.9, 4, 9), XP, FP)
case("interp", M, XP, FP, left=-1.0, right=99.0)
case("interp", f32(-1, 0.5, 7, 12), XP, FP, period=5.0)
case("interp", f64(0.5, 3), XP.astype(np.float64), FP.astype(np.float64))

# --- statistics
case("average", M)
case("average", M, axis=1, weights=f32(1, 2, 0, 1))
case("average", M, weights=np.abs(M), keepdims=True)
case("average", M, axis=0, returned=True)
case("average", M, axis=0, weights=f32(1, 2, 3), returned=True)
case("cov", M, rtol=2e-6)
case("cov", V)
case("cov", M, rowvar=False, rtol=2e-6)
case("cov", M, bias=True)
case("cov", M, ddof=0, aweights=f32(1, 2, 0.5, 1))
case("cov", M, fweights=i32(1, 2, 1, 3))
case("cov", M, fweights=i32(1, 2, 1, 3), aweights=f32(1, 2, 0.5, 1), rtol=2e-6)
case("cov", V, y=V[::-1].copy())
case("corrcoef", M, rtol=2e-6)
case("corrcoef", V, y=V[::-1].copy())
case("corrcoef", M, rowvar=False, rtol=2e-6)
case("countNonzero", M > 0)
case("countNonzero", i32(0, 3, 0).reshape(1, 3), axis=0, keepdims=True)
case("cumulativeSum", V)
case("cumulativeSum", X, axis=1, includeInitial=True)
case("cumulativeProd", M, axis=0, includeInitial=True)
case("cumulativeProd", b8(1, 1, 0))

# --- products
for a, b in ((V, f32(1, 2)), (M, SQ), (SQ, V[:2]), (X, M)):
    case("kron", a, b)
T3 = np.round(r.normal(size=(4, 3)), 3).astype(np.float32)
case("cross", T3, T3[::-1].copy())
case("cross", T3[0], T3)
case("cross", T3.T.copy(), T3.T[:, ::-1].copy(), axis=0)
case("cross", T3[:, :2], T3[:, 1:], f=lambda a, b: a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
case("cross", T3.T.copy(), T3, axisa=0, axisc=0)
for fn in ("convolve", "correlate"):
    for mode in ("full", "same", "valid"):
        for a, b in ((V, f32(1, -2, 0.5)), (f32(1, -2, 0.5, 3), V), (V[:4], V[3:]), (f32(2), V)):
            case(fn, a, b, mode=mode, rtol=1e-5, atol=1e-5)
    case(fn, i32(1, 2, 3), i32(0, 1))
case("vecdot", M, V[:4])
case("vecdot", X, X[:1], axis=1)
case("matvec", X, V[:4], rtol=1e-5)
case("vecmat", V[:3], X, rtol=1e-5)

# --- polynomials
P, P2 = f32(1, -2, 0.5, 3), f32(2, 1)
case("polyval", P, M, rtol=1e-5)
case("polyval", P, np.asarray(f32(2)[0]))
for fn in ("polyadd", "polysub", "polymul"):
    case(fn, P, P2)
    case(fn, P2, P)
    case(fn, i32(1, 2), i32(3, 4, 5))
for a, b in ((P, P2), (P2, P), (f32(1, 0, -1), f32(1, 1)), (P, f32(2))):
    case("polydiv", a, b, rtol=1e-5)
for m in (0, 1, 2, 5):
    case("polyder", P, m)
case("polyint", P)
case("polyint", P, m=2, k=f32(4, 5))
case("polyint", P, m=2, k=f32(4), f=lambda p, m, k: jnp.polyint(p, m=m, k=jnp.array([4.0, 4.0])))
case("poly", f32(1, -1, 2), f=lambda z: jnp.poly(z))
TX = f32(*np.linspace(-1, 2, 9))
TY = np.round(r.normal(size=9), 3).astype(np.float32)
for deg in (0, 1, 3):
    case("polyfit", TX, TY, deg, rtol=1e-4, atol=1e-5)
case("polyfit", TX, np.stack([TY, TY**2], 1), 2, rtol=1e-4, atol=1e-5)
case("polyfit", TX, TY, 2, w=np.abs(TY), rtol=1e-4, atol=1e-5)
for p, want in ((f32(1, -3, 2), f32(2, 1)), (f32(0, 2, 4, 0, 0), f32(-2, 0, 0)), (f32(5), f32()), (f32(0), f32()),
                (f32(1, 1e4, 1), f32(-9999.9999, -1.00000001e-4)), (f32(2, 0, -8), f32(-2, 2)), (f64(1, 3, 2), f64(-2, -1))):
    fixed("roots", [p], want)
    cases[-1] |= {"rtol": 1e-6, "atol": 1e-7}

# --- sets and positions
S = i32(3, 1, 2, 3, 1, 7)
NF = f32(2, np.nan, 1, 2, np.nan, -0.0, 0)
for A in (S, NF, M, np.zeros((0,), np.float32), b8(1, 0, 1)):
    case("unique", A, f=np.unique if A.dtype == bool else jnp.unique)
    case("unique", A, size=9, fillValue=1)
    if A.size:
        case("unique", A, returnIndex=True, returnInverse=True, returnCounts=True)
        case("unique", A, size=4, returnIndex=True, returnInverse=True, returnCounts=True)
        case("unique", A, size=9, fillValue=1, returnIndex=True, returnCounts=True)
case("unique", NF, equalNan=False)
ROWS = i32(1, 2, 0, 1, 1, 2, 0, 0).reshape(4, 2)
case("unique", ROWS, axis=0, returnIndex=True, returnInverse=True, returnCounts=True)
case("unique", ROWS, axis=1)
case("unique", ROWS, axis=0, size=2)
for fn in ("uniqueValues",):
    case(fn, S)
    case(fn, NF)
A1, B1 = i32(5, 1, 3, 3, 2, 9), i32(3, 9, 4, 4)
for a, b in ((A1, B1), (A1.astype(np.float32), f32(3, np.nan)), (NF, f32(1, 0)), (A1, np.zeros(0, np.int32))):
    case("isin", a, b)
    case("isin", a, b, invert=True)
    for fn in ("setdiff1d", "union1d", "intersect1d", "setxor1d"):
        case(fn, a, b)
        if not np.isnan(a).any() and b.size:
            case(fn, a, b, size=6, fillValue=7)
case("in1d", A1.reshape(2, 3), B1, f=lambda a, b: jnp.isin(a, b).ravel())
for fn in ("setdiff1d", "union1d", "intersect1d", "setxor1d"):
    case(fn, A1, B1, size=1)
    if fn != "union1d":
        case(fn, i32(5, 1, 3), i32(3, 9), assumeUnique=True)
    case(fn, A1, B1, size=8)
case("intersect1d", A1, B1, returnIndices=True)
case("intersect1d", A1, B1, returnIndices=True, size=3)
Z = i32(0, 3, 0, 0, 5, 1).reshape(2, 3)
for fn in ("nonzero", "argwhere", "flatnonzero"):
    case(fn, Z)
    case(fn, M > 0)
    case(fn, np.zeros((2, 2), np.float32))
    case(fn, Z, size=2)
    case(fn, Z, size=5)
    case(fn, Z, size=5, fillValue=-1)
case("nonzero", Z, size=5, fillValue=[7, 8])
case("extract", M > 0, M)
case("extract", M > 0, M, size=9, fillValue=5)
case("compress", b8(1, 0, 1), M, axis=0)
case("compress", b8(0, 1), M)
case("compress", b8(1, 0, 1, 1), M, axis=1, size=2)
for trim in ("f", "b", "fb"):
    case("trimZeros", f32(0, 0, 1, 0, 2, 0), trim=trim, f=lambda x, trim: jnp.trim_zeros(x, trim))
case("trimZeros", i32(0, 0), f=jnp.trim_zeros)

# --- order
case("searchsorted", f32(1, 3, 3, 5), f32(0, 1, 3, 4, 9, np.nan))
case("searchsorted", f32(1, 3, 3, 5), f32(0, 1, 3, 4, 9, np.nan), side="right")
case("searchsorted", f32(1, 3, np.nan), f32(0, 9, np.nan))
case("searchsorted", i32(1, 3, 5), i32(2, 9).reshape(2, 1))
case("searchsorted", f32(5, 1, 3), f32(2, 4), sorter=i32(1, 2, 0))
case("searchsorted", np.zeros(0, np.float32), f32(2, 4))
case("searchsorted", f64(1, 2), f64(1.5))
case("lexsort", [i32(2, 1, 1, 0), i32(0, 0, -1, 0)], f=lambda k: jnp.lexsort(tuple(k)))
case("lexsort", [M, (M > 0).astype(np.int32)], f=lambda k: jnp.lexsort(tuple(k)))
case("lexsort", [M, (M > 0).astype(np.int32)], axis=0, f=lambda k, axis: jnp.lexsort(tuple(k), axis))
case("partition", V, 2, f=lambda x, k: jnp.sort(x))
case("partition", M, 1, axis=0, f=lambda x, k, axis: jnp.sort(x, axis))
case("argpartition", V, 2, f=lambda x, k: jnp.argsort(x))

# --- counting
case("bincount", S)
case("bincount", S, minlength=12)
case("bincount", S, length=3)
case("bincount", S, weights=f32(1, 2, 3, 4, 5, 6))
case("bincount", S, weights=f32(1, 2, 3, 4, 5, 6), length=9)
case("bincount", np.array([3, 3, 0], np.uint8))
case("bincount", np.zeros(0, np.int32), minlength=2)
for right in (False, True):
    case("digitize", f32(-1, 0, 0.5, 1, 3), f32(0, 1, 2), right=right)
    case("digitize", f32(-1, 0, 0.5, 1, 3), f32(2, 1, 0), right=right)
case("histogram", M)
case("histogram", M, 5, f=lambda x, n: jnp.histogram(x, n))
case("histogram", M, bins=f32(-3, 0, 1, 5))
case("histogram", V, bins=4, range=[-2.0, 2.0])
case("histogram", V, bins=4, density=True)
case("histogram", V, bins=4, weights=np.abs(V))
case("histogram", i32(1, 2, 1), bins=[0, 1, 2, 3], f=lambda x, bins: jnp.histogram(x, jnp.array(bins)))
case("histogram", np.ones(3, np.float32), bins=3)
case("histogramBinEdges", M, bins=3)
case("histogramBinEdges", M, bins=3, range=[0.0, 1.0])
PTS = np.round(r.normal(size=(20, 2)), 3).astype(np.float32)
case("histogramdd", PTS, bins=3, f=lambda p, bins: (lambda h, e: [h, *e])(*jnp.histogramdd(p, bins)))
case("histogramdd", PTS, bins=[2, 4], density=True, f=lambda p, bins, density: (lambda h, e: [h, *e])(*jnp.histogramdd(p, list(bins), density=density)))
case("histogram2d", PTS[:, 0].copy(), PTS[:, 1].copy(), bins=4, f=lambda x, y, bins: jnp.histogram2d(x, y, bins))
case("histogram2d", PTS[:, 0].copy(), PTS[:, 1].copy(), bins=2, range=[[-1.0, 1.0], [0.0, 1.0]], f=lambda x, y, bins, range: jnp.histogram2d(x, y, bins, range=[list(k) for k in range]))

# --- dtypes
for d in ("float32", "float64"):
    o = np.finfo(d)
    fixed("finfo", [d], [d, o.bits, float(o.eps), float(o.epsneg), float(o.max), float(o.min), float(o.tiny), float(o.smallest_subnormal), o.nmant])
for d in ("uint8", "int32", "uint32"):
    o = np.iinfo(d)
    fixed("iinfo", [d], [d, o.bits, o.max, o.min])
for a, b in (("int32", "float32"), ("uint8", "bool"), ("float64", "float32"), ("uint8", "uint32")):
    fixed("promoteTypes", [a, b], str(jnp.promote_types(a, b)))
fixed("resultType", [i32(1), f32(1)], "float32")
fixed("resultType", ["uint8", i32(1)], "int32")
fixed("resultType", [i32(1), 2], "int32")
for A in (S, NF):
    vals, index, inverse, counts = (np.asarray(v) for v in jnp.unique_all(A))
    fixed("uniqueAll", [A], [vals, index, inverse, counts])
    fixed("uniqueCounts", [A], [vals, counts])
    fixed("uniqueInverse", [A], [vals, inverse])
for a, b, want in ((V, V, True), (V, M, False), (NF, NF, False), (V, V + 1, False)):
    fixed("arrayEqual", [a, b], want)
fixed("arrayEqual", [NF, NF], True, equalNan=True)
for a, b, want in ((V, V, True), (V, M, False), (f32(2, 2), f32(2), True), (M, M[:1], False)):
    fixed("arrayEquiv", [a, b], want)

case("astype", f32(1.5, -2.5, 300), "uint8", f=lambda x, d: x.astype(d))
case("astype", i32(0, 3), "bool", f=lambda x, d: x.astype(d))

# --- other names
for fn, f in (("pow", jnp.pow), ("concat", None), ("copy", jnp.copy)):
    if fn == "pow":
        case("pow", np.abs(M), f32(2)[0] * np.ones((), np.float32), rtol=1e-5)
    elif fn == "copy":
        case("copy", M)
    else:
        case("concat", [V, V], f=jnp.concat)
write("numpy_names.json.gz", ["jax", "numpy"], cases)
