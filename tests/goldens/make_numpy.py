"""np: values from NumPy in a wider type, rounded once; dtypes from jax.numpy.

float32 inputs are computed in float64 and float64 ones in x87 extended precision, so `want` is the
true value to half an ulp and a test may count ulps. Every case is also run through jax.numpy; where
that differs by more than rounding, the script stops unless the case says which of the two it wants.
"""

import jax
import jax.numpy as jnp
import numpy as np
from scipy.special import logsumexp

from golden import rng, snake, write

NARROW = {"int64": "int32", "uint64": "uint32"}
cases = []


def f32(*x):
    return np.array(x, np.float32)


def f64(*x):
    return np.array(x, np.float64)


def i32(*x):
    return np.array(x, np.int32)


def u32(*x):
    return np.array(x, np.uint32)


def u8(*x):
    return np.array(x, np.uint8)


def b8(*x):
    return np.array(x, bool)


def arrays(x):
    if isinstance(x, np.ndarray):
        return [x]
    if isinstance(x, (list, tuple)):
        return [a for v in x for a in arrays(v)]
    return []


def each(f, x):
    if isinstance(x, np.ndarray):
        return f(x)
    if isinstance(x, (list, tuple)):
        return type(x)(each(f, v) for v in x)
    return x


def narrow(x):
    return x.astype(NARROW.get(str(x.dtype), x.dtype))


def case(fn, *args, np_fn=None, jx_fn=None, wide=True, ulp=None, rtol=None, atol=None, tags=(),
         jax_differs=False, note=None, **options):
    """One call np.fn(*args, options); np_fn and jx_fn when the Python spelling is another."""
    has64 = any(a.dtype == np.float64 for a in arrays(args)) or options.get("dtype") == "float64"
    kw = {("k" if k == "k" else k if k == "M" else snake(k)): v for k, v in options.items()}
    kw = {k: (np.dtype(v) if k == "dtype" else v) for k, v in kw.items()}
    np_fn = np_fn or getattr(np, snake(fn))
    jx_fn = jx_fn or getattr(jnp, snake(fn))
    with jax.enable_x64(has64):
        got = jx_fn(*each(jnp.asarray, list(args)), **kw)
        got = [np.asarray(g) for g in got] if isinstance(got, (list, tuple)) else [np.asarray(got)]
        ins = arrays(args)
        common = jnp.result_type(*ins) if ins and fn not in MIXED else None
    dtypes = [np.dtype(NARROW.get(str(g.dtype), g.dtype)) for g in got]

    def widen(a):
        if common is not None and a.dtype != common:
            a = a.astype(common)
        if a.dtype == bool and dtypes[0].kind != "f":
            return a
        if a.dtype == np.float64:
            return a.astype(np.longdouble)
        return a.astype(np.float64 if a.dtype == np.float32 or dtypes[0].kind == "f" else np.int64)

    with np.errstate(all="ignore"):
        want = np_fn(*(each(widen, list(args)) if wide else args), **kw)
        want = list(want) if isinstance(want, (list, tuple)) else [want]
        want = [np.asarray(w).astype(d) for w, d in zip(want, dtypes, strict=True)]
    for w, g in zip(want, got):
        assert w.shape == g.shape, (fn, options, w.shape, g.shape)
        tol = 1e-5 if w.dtype == np.float32 else 1e-9
        if not (jax_differs or "denormal" in tags or "huge" in tags):
            if not np.allclose(w.astype(float), g.astype(float), rtol=max(tol, rtol or 0),
                               atol=max(1e-6 if w.dtype == np.float32 else 1e-12, atol or 0),
                               equal_nan=True):
                print("JAX differs:", fn, args, options, "\n  numpy", want, "\n  jax", got)
    if ulp is None and rtol is None and atol is None and fn in ULP and dtypes[0].kind == "f":
        ulp = 2 if dtypes[0] == np.float32 else 4
    record = {"fn": fn, "args": list(args), "options": options,
              "want": want if got and isinstance(jx_fn_result(got, fn), list) else want[0]}
    for key, value in (("ulp", ulp), ("rtol", rtol), ("atol", atol), ("note", note)):
        if value is not None:
            record[key] = value
    if tags:
        record["tags"] = list(tags)
    cases.append(record)


def jx_fn_result(got, fn):
    return got if fn == "split" else got[0]


MIXED = {"where", "take", "takeAlongAxis", "allclose", "repeat"}
ULP = {"exp", "exp2", "expm1", "log", "log2", "log10", "log1p", "sin", "cos", "tan", "arcsin",
       "arccos", "arctan", "arctan2", "sinh", "cosh", "tanh", "arcsinh", "arccosh", "arctanh",
       "hypot", "cbrt", "sinc", "logaddexp", "logaddexp2", "power", "deg2rad", "rad2deg",
       "reciprocal"}

# Values that break things: zeros of both signs, ties of rounding, the ends of the type.
EDGE = [0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, -2.5, 0.1, -0.1, 3.0, -7.0, 10.0, 88.5,
        -88.5, 1e-3, 1e-10, -1e-10, 1e5, -1e5, np.inf, -np.inf, np.nan]
HUGE32 = [1e7, -1e9, 3e15, -1e30, 3.4e38]
HUGE64 = [1e7, -1e9, 3e15, -1e100, 1.7e308]
DENORMAL32 = [1e-40, -1e-40, 1.4e-45, 1.1754944e-38, -5e-39]
DENORMAL64 = [1e-310, -1e-310, 5e-324, 2.2250738585072014e-308, -1e-320]

r = rng("numpy")
small = np.round(r.normal(size=(2, 3, 4)) * 3, 3)
odd33 = np.round(r.normal(size=33) * 2, 4)

# --- elementwise, one operand: domain (lo, hi) of the plain sample, and whether integers are taken
REAL = {
    "negative": (-9, 9, "iu"), "positive": (-9, 9, "iu"), "abs": (-9, 9, "iub"),
    "sign": (-9, 9, "iu"), "floor": (-9, 9, "i"), "ceil": (-9, 9, "i"), "trunc": (-9, 9, "i"),
    "sqrt": (0, 50, "i"), "square": (-9, 9, "iu"), "cbrt": (-30, 30, "i"),
    "reciprocal": (-5, 5, ""), "exp": (-20, 20, "ib"), "exp2": (-20, 20, "i"),
    "expm1": (-3, 3, "i"), "log": (0, 50, "i"), "log2": (0, 50, "i"), "log10": (0, 50, "i"),
    "log1p": (-1, 5, "i"), "sin": (-30, 30, "ib"), "cos": (-30, 30, "i"), "tan": (-7, 7, "i"),
    "arcsin": (-1, 1, "b"), "arccos": (-1, 1, "b"), "arctan": (-9, 9, "i"),
    "sinh": (-10, 10, "i"), "cosh": (-10, 10, "i"), "tanh": (-5, 5, "i"),
    "arcsinh": (-20, 20, "i"), "arccosh": (1, 20, "i"), "arctanh": (-1, 1, "b"),
    "deg2rad": (-400, 400, "i"), "rad2deg": (-7, 7, "i"), "sinc": (-4, 4, "i"),
    "isnan": (-1, 1, "i"), "isfinite": (-1, 1, "i"), "isinf": (-1, 1, "i"),
    "logicalNot": (-1, 1, "iub"), "round": (-9, 9, "i"),
}
# sinc at and beyond 1e5 and at non-finite input is not worth a promise: sin of a rounded product.
for fn, (lo, hi, ints) in REAL.items():
    g = rng(fn)
    plain = g.uniform(lo, hi, 33)
    tags = ()
    kw = {}
    if fn == "sinc":
        kw = {"atol": 3e-7}
        edge = [v for v in EDGE if np.isfinite(v) and abs(v) < 1e3]
    elif fn == "tan":
        edge = EDGE
    else:
        edge = EDGE
    if fn == "round":
        case(fn, plain.astype(np.float32), decimals=2, rtol=3e-7)
        case(fn, i32(15, 25, -15, 149), decimals=0)
    case(fn, np.array(edge, np.float32), tags=("edge",), **kw)
    case(fn, np.array(edge, np.float64), tags=("edge",), **({"atol": 1e-15} if kw else {}))
    case(fn, plain.astype(np.float32), **kw)
    case(fn, plain[:7], **({"atol": 1e-15} if kw else {}))
    case(fn, plain[:24].reshape(2, 3, 4).astype(np.float32), **kw)
    case(fn, np.array(plain[0], np.float32), **kw)
    case(fn, np.zeros((0, 3), np.float32), tags=("empty",), **kw)
    if fn not in ("sinc",):
        big = fn in ("sin", "cos", "tan")
        case(fn, np.array(HUGE32, np.float32), tags=("huge",) if big else ("edge",))
        case(fn, np.array(HUGE64), tags=("huge",) if big else ("edge",))
        case(fn, np.array(DENORMAL32, np.float32), tags=("denormal",))
        case(fn, np.array(DENORMAL64), tags=("denormal",))
    if "i" in ints:
        v = [2, 0, 1, 5, 7, 3, 9] if lo >= 0 else [-3, 0, 1, -2, 7, 3, -9]
        case(fn, np.array(v if fn != "arccosh" else [1, 2, 3], np.int32), **kw)
    if "u" in ints:
        case(fn, u8(0, 1, 2, 200, 255))
        case(fn, u32(0, 1, 7, 4294967295))
    if "b" in ints:
        case(fn, b8(True, False, True), **kw)

# --- elementwise, two operands
A34 = np.round(rng("a").normal(size=(3, 4)) * 4, 3)
B34 = np.round(rng("b").normal(size=(3, 4)) * 4, 3)
EA = np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 2.5, 1, np.inf, -7.5, 7.5, 5, -5, 0.3])
EB = np.array([2.0, 3, np.nan, np.inf, np.inf, np.inf, 1, -np.inf, 1, -1, 2, -2, 5, 5, 0.1])
ZA, ZB = np.array([1.0, -1, 0, np.inf, np.nan]), np.array([0.0, 0, 0, 0, 0])
IA, IB = [7, -7, 7, -7, 0, 6, -6, 1], [3, 3, -3, -3, 5, 2, 2, 4]
TWO = ("add subtract multiply divide floorDivide mod remainder fmod power arctan2 hypot maximum "
       "minimum fmax fmin equal notEqual less lessEqual greater greaterEqual logicalAnd logicalOr "
       "logicalXor heaviside copysign logaddexp").split()
JAX_ZERO = {"floorDivide", "mod", "remainder", "fmod"}
for fn in TWO:
    pos = fn == "power"
    a = np.abs(A34) + 0.1 if pos else A34
    kw = {"rtol": 1e-6} if fn == "logaddexp" else {}
    kw64 = {"rtol": 1e-14, "atol": 1e-15} if fn == "logaddexp" else {}
    quotient = fn in JAX_ZERO
    f = lambda x: x.astype(np.float32)
    case(fn, f(a), f(B34), **kw)
    case(fn, a, B34, **kw64)
    case(fn, f(a[:, :1]), f(B34[:1]), tags=("broadcast",), **kw)
    case(fn, f(a[0]), f(B34), tags=("broadcast",), **kw)
    case(fn, f(np.abs(small) if pos else small), np.float32(1.75) * np.ones((), np.float32),
         tags=("broadcast",), **kw)
    case(fn, np.zeros((0, 3), np.float32), np.ones(3, np.float32), tags=("empty", "broadcast"))
    # A quotient by 0 or infinity: where JAX differs from NumPy, NumPy's is the wanted value.
    case(fn, f(EA), f(EB), tags=("edge",), jax_differs=quotient, **kw)
    case(fn, EA, EB, tags=("edge",), jax_differs=quotient, **kw64)
    if fn not in ("fmax", "fmin", "maximum", "minimum", "copysign"):
        case(fn, f(ZA), f(ZB), tags=("edge",), jax_differs=quotient, **kw)
    if fn not in ("heaviside", "copysign", "logaddexp", "hypot", "arctan2"):
        ints = ([2, 3, -2, -1, 0, 1, 5, -3], [3, 2, 3, 5, 4, 0, 1, 2]) if pos else (IA, IB)
        case(fn, i32(*ints[0]), i32(*ints[1]))
        case(fn, u8(*map(abs, ints[0])), u8(*map(abs, ints[1])))
        case(fn, u32(*map(abs, ints[0])), u32(*map(abs, ints[1])))
        case(fn, i32(*map(abs, ints[0])), u8(*map(abs, ints[1])), tags=("promote",))
        case(fn, i32(*map(abs, ints[0])), u32(*map(abs, ints[1])), tags=("promote",))
        case(fn, i32(*map(abs, ints[0])), f32(*map(abs, ints[1])), tags=("promote",))
        case(fn, f32(*map(abs, ints[0])), f64(*map(abs, ints[1])), tags=("promote",))
        case(fn, f32(1, 2, 3.5), 2, tags=("number",))
        case(fn, i32(1, 2, 9), 2, tags=("number",))
    if fn not in ("subtract", "floorDivide", "mod", "remainder", "fmod", "power", "heaviside",
                  "copysign", "logaddexp", "arctan2", "hypot"):
        case(fn, b8(True, True, False, False), b8(True, False, True, False))
    if fn in ("add", "subtract", "multiply", "maximum", "less", "equal", "divide"):
        case(fn, i32(1, 2, 9), 1.5, tags=("number", "promote"))
        case(fn, b8(True, False), i32(3, -4), tags=("promote",))
        case(fn, b8(True, False), f32(3, -4), tags=("promote",))
        case(fn, f64(1, 2, 9), 1.5, tags=("number", "promote"))
    if fn in ("add", "subtract", "multiply"):
        case(fn, i32(2147483647, -2147483648, 65537), i32(1, 1, 65537), tags=("wrap",))
        case(fn, u8(255, 0, 16), u8(1, 1, 17), tags=("wrap",))
        case(fn, u32(4294967295, 0, 65537), u32(1, 1, 65537), tags=("wrap",))
case("power", f32(-2, -2, 0, 0, -1, 4, 2, -8), f32(3, 2, 0, -1, 0.5, 0.5, -3, 1 / 3), tags=("edge",))
case("power", f32(1.5, -2, 3), 3, tags=("number",))
case("power", f32(1.5, 2, 3), 0.5, tags=("number",))
for fn in ("bitwiseAnd", "bitwiseOr", "bitwiseXor"):
    case(fn, i32(12, -1, 7, 0), i32(10, 5, -8, 9))
    case(fn, u8(12, 255, 7, 0), u8(10, 5, 8, 9))
    case(fn, u32(12, 4294967295, 7), u32(10, 5, 8))
    case(fn, b8(True, True, False, False), b8(True, False, True, False))
    case(fn, i32(12, 7, 1).reshape(3, 1), i32(10, 5, 8, 6), tags=("broadcast",))
    case(fn, i32(12, 7), u8(10, 5), tags=("promote",))
case("bitwiseNot", i32(0, -1, 5, 2147483647))
case("bitwiseNot", u8(0, 255, 5))
case("bitwiseNot", u32(0, 4294967295, 5))
case("bitwiseNot", b8(True, False))
for fn in ("leftShift", "rightShift"):
    case(fn, i32(1, -1, 5, -16), i32(3, 1, 30, 2))
    case(fn, u32(1, 4294967295, 2147483648), u32(3, 1, 31))
    case(fn, u8(1, 255, 128), u8(3, 1, 7))
    case(fn, i32(256, -256), 4, tags=("number",))

# --- where, clip, tests
case("where", b8(True, False, True), f32(1, 2, 3), f32(-1, -2, -3))
case("where", b8(True, False, True), f32(1, 2, 3), 0, tags=("number",))
case("where", b8(True, False), f32(1, np.nan), f32(np.inf, 2), tags=("edge",))
case("where", b8(True, False, True).reshape(3, 1), i32(1, 2, 3, 4), f32(0.5), tags=("promote",))
case("where", i32(0, 2, -1), i32(1, 2, 3), i32(4, 5, 6))
case("where", f32(0, -0.0, np.nan), f64(1, 2, 3), f64(4, 5, 6))
case("where", np.zeros((0, 3), bool), np.zeros((0, 3), np.float32), f32(1, 2, 3), tags=("empty",))
case("where", np.array(True), u8(1, 2), u8(3, 4), tags=("broadcast",))
case("clip", f32(-2, -0.5, 0, 0.5, 2, np.nan, np.inf), 0, 1)
case("clip", f32(-2, 0.5, 2), -1.5, 1.5)
case("clip", f64(-2, 0.5, 2), -1.5, 1.5)
case("clip", i32(-2, 0, 5, 9), 0, 5)
case("clip", u8(0, 100, 255), 10, 200)
case("clip", small.astype(np.float32), f32(-1, 0, -2, -3), f32(1, 0.5, 2, 3), tags=("broadcast",))
case("clip", f32(-2, 3), 0, None, tags=("open",))
case("clip", f32(-2, 3), None, 0, tags=("open",))
case("clip", f32(1, 2), 5, 3, tags=("edge",), note="lower bound above the upper one: upper wins")
for a, b, o in [(f32(1, 2), f32(1, 2), {}), (f32(1, 2), f32(1, 2.1), {}),
                (f32(1, np.nan), f32(1, np.nan), {}), (f32(1, np.nan), f32(1, np.nan), {"equalNan": True}),
                (f32(np.inf), f32(np.inf), {}), (f32(np.inf), f32(-np.inf), {}),
                (f32(1), f32(1.05), {"rtol": 0.1}), (f32(0), f32(0.05), {"atol": 0.1}),
                (f64(1.0), f64(1 + 2e-5), {}), (f64(1.0), f64(1 + 5e-6), {}),
                (i32(1, 2), i32(1, 2), {}), (f32(1, 1, 1), np.array(1, np.float32), {})]:
    case("allclose", a, b, wide=False, **o)

# --- reductions
X = small.astype(np.float32)
REDUCE = "sum mean max min prod any all var std argmax argmin logsumexp".split()
for fn in REDUCE:
    kw = {"np_fn": lambda x, **k: logsumexp(x, **k), "jx_fn": jax.nn.logsumexp} if fn == "logsumexp" else {}
    real = fn in ("sum", "mean", "prod", "var", "std", "logsumexp")
    t32 = {"rtol": 2e-6, "atol": 2e-6} if real else {}
    t64 = {"rtol": 1e-14, "atol": 1e-14} if real else {}
    index = fn in ("argmax", "argmin")
    no_empty = fn in ("max", "min", "argmax", "argmin", "logsumexp")
    case(fn, X, **t32, **kw)
    case(fn, X, axis=0, **t32, **kw)
    case(fn, X, axis=-1, keepdims=True, **t32, **kw)
    case(fn, X, axis=1, **t32, **kw)
    case(fn, X, keepdims=True, **t32, **kw)
    if not index:
        case(fn, X, axis=[0, 2], np_fn=lambda x, axis, k=kw.get("np_fn"), n=fn: (k or getattr(np, n))(x, axis=tuple(axis)),
             jx_fn=lambda x, axis, k=kw.get("jx_fn"), n=fn: (k or getattr(jnp, n))(x, axis=tuple(axis)), **t32)
        case(fn, X, axis=[0, 2], keepdims=True,
             np_fn=lambda x, axis, keepdims, k=kw.get("np_fn"), n=fn: (k or getattr(np, n))(x, axis=tuple(axis), keepdims=keepdims),
             jx_fn=lambda x, axis, keepdims, k=kw.get("jx_fn"), n=fn: (k or getattr(jnp, n))(x, axis=tuple(axis), keepdims=keepdims), **t32)
        case(fn, X, axis=[], np_fn=lambda x, axis, k=kw.get("np_fn"), n=fn: (k or getattr(np, n))(x, axis=()),
             jx_fn=lambda x, axis, k=kw.get("jx_fn"), n=fn: (k or getattr(jnp, n))(x, axis=()), tags=("noAxes",), **t32)
    case(fn, small, axis=2, **t64, **kw)
    case(fn, odd33.astype(np.float32), **t32, **kw)
    case(fn, odd33, **t64, **kw)
    case(fn, np.array(2.5, np.float32), tags=("scalar",), **t32, **kw)
    case(fn, f32(3), axis=0, **t32, **kw)
    case(fn, f32(1, np.nan, 3), tags=("edge",), **t32, **kw)
    case(fn, f32(1, np.inf, 3), tags=("edge",), **t32, **kw)
    case(fn, f32(1, -np.inf, 3), tags=("edge",), **t32, **kw)
    case(fn, f32(0, -0.0, 0), tags=("edge",), **t32, **kw)
    if not no_empty:
        case(fn, np.zeros((0,), np.float32), tags=("empty",), **t32, **kw)
        case(fn, np.zeros((0, 3), np.float32), axis=0, tags=("empty",), **t32, **kw)
    case(fn, np.zeros((0, 3), np.float32), axis=1, tags=("empty",), **t32, **kw)
    case(fn, i32(3, -1, 4, 1, 5, -9, 2, 6), **t32, **kw)
    if fn != "logsumexp":
        case(fn, i32(3, -1, 4, 1, 5, -9).reshape(2, 3), axis=1, **t32, **kw)
        case(fn, u32(3, 1, 4), **t32, **kw)
    case(fn, u8(3, 1, 4, 200) if fn != "prod" else u8(3, 1, 4, 20), **t32, **kw)
    case(fn, b8(True, False, True), **t32, **kw)
    if fn in ("var", "std"):
        case(fn, X, ddof=1, **t32)
        case(fn, X, axis=1, ddof=1, **t32)
        case(fn, small, axis=0, ddof=1, keepdims=True, **t64)
        case(fn, f32(5), ddof=1, tags=("edge",), **t32)
        case(fn, f32(10000.1, 10000.2, 10000.3, 10000.4), rtol=5e-2, atol=1e-6, tags=("cancel",))
    if index:
        case(fn, f32(2, 5, 5, 1, 1), tags=("tie",))
        case(fn, f32(2, np.nan, 9, np.nan), tags=("edge",))
    if fn == "logsumexp":
        case(fn, f32(1000, 1000.5), rtol=2e-6, tags=("huge",), **kw)
        case(fn, f32(-np.inf, -np.inf), tags=("edge",), rtol=2e-6, **kw)
    if fn in ("sum", "prod", "max", "min", "mean"):
        mask = b8(True, False, True, True)
        init = {} if fn == "mean" else {"initial": 2.0 if fn != "max" else -1.0}
        case(fn, X, axis=2, where=mask, tags=("where",), **init, **t32)
    if fn in ("sum", "prod"):
        case(fn, i32(2147483647, 2, 3), tags=("wrap",))
        case(fn, f32(1.5, 2.5), dtype="float64", tags=("dtype",), **t64)
        case(fn, X, axis=0, initial=3, tags=("initial",), **t32)
    if fn == "sum":
        case(fn, np.full(4096, 0.1, np.float32), rtol=1e-5)

# --- contractions
M = lambda name, *s: np.round(rng(name).normal(size=s), 3)
T32, T64 = {"rtol": 3e-6, "atol": 3e-6}, {"rtol": 1e-13, "atol": 1e-13}
for sa, sb in [((3, 4), (4, 5)), ((4,), (4,)), ((3, 4), (4,)), ((4,), (4, 5)), ((2, 3, 4), (4, 5)),
               ((2, 3, 4), (2, 4, 5)), ((2, 1, 3, 4), (5, 4, 2)), ((1, 1), (1, 1)), ((0, 4), (4, 3)),
               ((3, 0), (0, 2)), ((17, 33), (33, 9)), ((4,), (2, 4, 3)), ((2, 3, 4), (4,))]:
    case("matmul", M("ma", *sa).astype(np.float32), M("mb", *sb).astype(np.float32), **T32)
case("matmul", M("ma", 5, 7), M("mb", 7, 3), **T64)
case("matmul", i32(1, 2, 3, 4).reshape(2, 2), i32(5, 6, 7, -8).reshape(2, 2))
case("matmul", u8(200, 100).reshape(1, 2), u8(2, 3).reshape(2, 1), tags=("wrap",))
case("matmul", b8(True, False, True, True).reshape(2, 2), b8(False, True, True, False).reshape(2, 2))
case("matmul", i32(1, 2), f32(0.5, 0.25), tags=("promote",), **T32)
case("matmul", f32(1, np.nan, 0, 1).reshape(2, 2), f32(1, 2, np.inf, 0).reshape(2, 2), tags=("edge",), **T32)
for sa, sb in [((), ()), ((3,), ()), ((4,), (4,)), ((3, 4), (4,)), ((3, 4), (4, 2)), ((2, 3, 4), (4,)),
               ((2, 3, 4), (5, 4, 2)), ((0,), (0,))]:
    case("dot", M("da", *sa).astype(np.float32) if sa else np.array(1.5, np.float32),
         M("db", *sb).astype(np.float32) if sb else np.array(-2.5, np.float32), **T32)
case("dot", i32(1, 2, 3), i32(4, 5, 6))
case("dot", M("da", 4), M("db", 4), **T64)
for fn in ("inner", "outer", "vdot"):
    case(fn, M("ia", 4).astype(np.float32), M("ib", 4).astype(np.float32), **T32)
    case(fn, M("ia", 4), M("ib", 4), **T64)
    case(fn, i32(1, 2, 3), i32(4, 5, -6))
    case(fn, M("ia", 2, 3).astype(np.float32), M("ib", 2, 3).astype(np.float32), **T32)
    case(fn, np.zeros(0, np.float32), np.zeros(0, np.float32), tags=("empty",))
case("inner", M("ia", 2, 3, 4).astype(np.float32), M("ib", 5, 4).astype(np.float32), **T32)
case("outer", f32(1, 2, 3), f32(4, 5))
for axes, sa, sb in [(2, (2, 3, 4), (3, 4, 5)), (1, (2, 3), (3, 4)), (0, (2,), (3,)),
                     ([[0, 1], [1, 0]], (3, 4, 5), (4, 3, 2)), ([[1], [0]], (2, 3), (3, 4)),
                     ([[-1], [-2]], (2, 3), (3, 4)), ([1, 0], (2, 3), (3, 4))]:
    case("tensordot", M("ta", *sa).astype(np.float32), M("tb", *sb).astype(np.float32), axes=axes, **T32)
case("tensordot", M("ta", 2, 3, 4), M("tb", 3, 4), axes=2, **T64)
case("tensordot", M("ta", 2, 3, 4), M("tb", 3, 4, 2), **T64)
for spec, *shapes in [("ij,jk->ik", (2, 3), (3, 4)), ("ij,jk", (2, 3), (3, 4)), ("ij->ji", (2, 3)),
                      ("ij->", (2, 3)), ("ij->j", (2, 3)), ("ii->i", (3, 3)), ("ii", (3, 3)),
                      ("ba", (2, 3)), ("bij,bjk->bik", (2, 3, 4), (2, 4, 5)), ("i,j->ij", (3,), (4,)),
                      ("i,i", (4,), (4,)), ("...ij,...jk->...ik", (2, 1, 3, 4), (5, 4, 2)),
                      ("...i->...", (2, 3, 4)), ("ijk,jil->kl", (3, 4, 5), (4, 3, 2)),
                      ("bhqd,bhkd->bhqk", (2, 2, 3, 4), (2, 2, 5, 4)), ("ij,ij->i", (3, 4), (3, 4)),
                      ("i,ij,j->", (3,), (3, 4), (4,)), ("ab,bc,cd->ad", (2, 3), (3, 4), (4, 2)),
                      ("ij,kl->ijkl", (2, 2), (2, 3)), ("iij->ij", (2, 2, 3)), (" i j , j k -> i k ", (2, 3), (3, 2)),
                      ("a...,...b->a...b", (2, 3), (3, 4)), ("ij,jk->ki", (2, 3), (3, 4)),
                      ("ij,->ij", (2, 3), ())]:
    ops = [np.asarray(M(f"e{i}", *s)).astype(np.float32) for i, s in enumerate(shapes)]
    case("einsum", spec, *ops, **T32)
case("einsum", "ij,jk->ik", M("e0", 2, 3), M("e1", 3, 4), **T64)
case("einsum", "ij,jk->ik", i32(1, 2, 3, 4).reshape(2, 2), i32(5, 6, 7, 8).reshape(2, 2))

# --- movement: no arithmetic, so every dtype is exact
I24 = np.arange(24, dtype=np.int32).reshape(2, 3, 4)
I6 = np.arange(6, dtype=np.float32).reshape(2, 3)


def move(fn, *args, **kw):
    case(fn, *args, wide=False, **kw)


for shape in ([6, 4], [-1], [2, -1, 2], [4, 3, 2], [24, 1]):
    move("reshape", I24, shape)
move("reshape", np.array(5, np.float32), [1, 1])
move("reshape", np.zeros((0, 3), np.float32), [3, 0])
move("reshape", f32(7), [])
move("reshape", b8(1, 0, 1, 0), [2, 2])
move("reshape", f64(1, 2), -1)
move("transpose", I24)
move("transpose", I6)
move("transpose", I24, axes=[1, 2, 0])
move("transpose", I24, axes=[-1, 0, 1])
move("transpose", f32(1, 2))
move("transpose", np.array(3, np.float32))
move("transpose", np.zeros((0, 3), np.float32))
move("transpose", u8(1, 2, 3, 4, 5, 6).reshape(3, 2))
move("swapaxes", I24, 0, 2)
move("swapaxes", I24, -1, 1)
move("swapaxes", I6, 0, 0)
move("moveaxis", I24, 0, -1)
move("moveaxis", I24, [0, 1], [2, 0])
move("moveaxis", I24, -1, 0)
for axis in (0, 1, -1, 2):
    move("expandDims", I6, axis)
move("expandDims", I6, [0, 2])
move("expandDims", np.array(1, np.float32), 0)
move("squeeze", I6.reshape(1, 2, 1, 3))
move("squeeze", I6.reshape(1, 2, 1, 3), axis=0)
move("squeeze", I6.reshape(1, 2, 1, 3), axis=-2)
move("squeeze", I6.reshape(1, 2, 1, 3), axis=[0, 2], np_fn=lambda x, axis: np.squeeze(x, tuple(axis)),
     jx_fn=lambda x, axis: jnp.squeeze(x, tuple(axis)))
move("squeeze", f32(3).reshape(1, 1))
move("broadcastTo", f32(1, 2, 3), [2, 3])
move("broadcastTo", f32(1, 2).reshape(2, 1), [3, 2, 4])
move("broadcastTo", np.array(1, np.int32), [2, 2])
move("broadcastTo", f32(1), [0])
move("broadcastTo", np.array(True), [])
for axis in (0, 1, -1):
    move("concatenate", [I24, I24 + 100], axis=axis)
    move("stack", [I6, -I6, I6 + 1], axis=axis)
move("concatenate", [f32(1, 2), f32(), f32(3)])
move("concatenate", [i32(1, 2), f32(3.5)], tags=("promote",))
move("concatenate", [u8(1, 2), i32(-3)], tags=("promote",))
move("concatenate", [b8(1, 0), b8(1)])
move("concatenate", [f32(1, 2), f64(3)], tags=("promote",))
move("concatenate", [I6, np.zeros((2, 0), np.float32), I6], axis=1)
move("stack", [np.array(1, np.float32), np.array(2, np.float32)])
move("stack", [i32(1), f32(2)], tags=("promote",))
move("stack", [f32(1, 2)], axis=1)
for fn in ("vstack", "hstack"):
    move(fn, [f32(1, 2, 3), f32(4, 5, 6)])
    move(fn, [I6, I6 + 10])
    move(fn, [I24, I24])
    move(fn, [np.array(1, np.float32), np.array(2, np.float32)])
    move(fn, [i32(1, 2), f32(3, 4)], tags=("promote",))
move("split", np.arange(9, dtype=np.float32), 3)
move("split", np.arange(8, dtype=np.int32), [3, 5])
move("split", np.arange(8, dtype=np.int32), [3, 5, 5, 10], jx_fn=np.split)
move("split", I24, 2, axis=2)
move("split", I24, [1], axis=-2)
move("split", I6, 1)
PADS = [("constant", {}), ("constant", {"constantValues": 7}), ("edge", {}), ("reflect", {}),
        ("symmetric", {}), ("wrap", {}), ("maximum", {}), ("minimum", {}), ("mean", {}),
        ("linear_ramp", {"endValues": 5}), ("empty", {}), ("reflect", {"reflectType": "odd"}),
        ("symmetric", {"reflectType": "odd"}), ("median", {}), ("maximum", {"statLength": 2})]
for mode, options in PADS:
    if mode == "empty":
        continue
    t = {"rtol": 1e-6} if mode in ("mean", "linear_ramp", "median") else {}
    name = {"linear_ramp": "linearRamp"}.get(mode, mode)
    fix = lambda f, m=mode: (lambda x, w, mode, **k: f(x, w, mode=m, **k))
    for x, w in [(f32(1, 2, 4, 8), [2, 3]), (f32(1, 5, 2, 4, 8, 3).reshape(2, 3), [[1, 0], [2, 1]])]:
        case("pad", x, w, mode=name, np_fn=fix(np.pad), jx_fn=fix(jnp.pad), wide=False, **options, **t)
for mode in ("reflect", "symmetric", "wrap", "edge"):
    move("pad", f32(1, 2, 3), [5, 7], mode=mode, tags=("wide",))
move("pad", f32(1, 2), 1)
move("pad", I6, [[1, 2]])
move("pad", I6, 1, constantValues=-1)
move("pad", i32(1, 2), [1, 2], constantValues=[8, 9])
move("pad", I6, [[1, 0], [0, 2]], constantValues=[[1, 2], [3, 4]])
move("pad", b8(1, 1), 1)
move("pad", np.zeros((0, 2), np.float32), [[1, 1], [0, 0]])
move("flip", I24)
for axis in (0, -1, 1):
    move("flip", I24, axis=axis)
move("flip", I24, axis=[0, 2], np_fn=lambda x, axis: np.flip(x, tuple(axis)),
     jx_fn=lambda x, axis: jnp.flip(x, tuple(axis)))
move("flip", f64(1, 2, 3))
move("roll", I6, 2)
move("roll", I6, -1, axis=1)
move("roll", I6, 4, axis=0)
move("roll", I6, [1, 1], axis=[0, 1])
move("roll", np.zeros(0, np.float32), 1)
move("roll", np.arange(7, dtype=np.int32), -9)
move("tile", f32(1, 2), 3)
move("tile", I6, [2, 1])
move("tile", I6, 2)
move("tile", f32(1, 2), [2, 2])
move("tile", I24, [2])
move("tile", u8(1), 0)
move("repeat", f32(1, 2, 3), 2)
move("repeat", I6, 2)
move("repeat", I6, 2, axis=0)
move("repeat", I6, 3, axis=-1)
move("repeat", I6, [1, 0, 2], axis=1, jx_fn=lambda x, n, axis: jnp.repeat(x, np.array(n), axis=axis))
move("repeat", np.array(4, np.int32), 3)
move("repeat", i32(1, 2), 0)
NAN = "an index out of range fills: NaN, the smallest signed or the largest unsigned integer"


def fill(x, i, axis=None, mode=None):
    return np.asarray(jnp.take(x, i, axis=axis, mode="fill"))


move("take", f32(10, 20, 30), i32(2, 0, -1))
move("take", I24, i32(1, 0, 1), axis=0)
move("take", I24, i32(0, 3, 1, 1).reshape(2, 2), axis=2)
move("take", I24, i32(5, 23))
move("take", I6, 1, axis=1)
move("take", I6, u8(1, 0), axis=0)
move("take", f32(1, 2), np.zeros((0,), np.int32), tags=("empty",))
move("take", f32(1, 2, 3), i32(5, -9, 1), mode="clip", tags=("outside",), np_fn=np.take,
     note="below the first element clips to the first, as in NumPy", jax_differs=True)
move("take", f32(1, 2, 3), i32(5, -4, 1, 3), mode="wrap", tags=("outside",))
for x in (f32(1, 2, 3), i32(1, 2, 3), u8(1, 2, 3), u32(1, 2, 3), b8(0, 0, 0), f64(1, 2, 3)):
    move("take", x, i32(3, -1, -4, 0), np_fn=fill if x.dtype != np.float64 else
         (lambda x, i: np.array([np.nan, 3, np.nan, 1])), tags=("outside",), note=NAN)
move("takeAlongAxis", I6, i32(2, 0, 1, 1).reshape(2, 2), axis=1)
move("takeAlongAxis", I6, i32(1, 0, 1).reshape(1, 3), axis=0)
move("takeAlongAxis", I24, i32(3, -1).reshape(1, 1, 2), axis=-1, tags=("broadcast",))
move("takeAlongAxis", f64(3, 1, 2), i32(1, 2, 0), axis=0)
move("takeAlongAxis", f32(3, 1, 2), i32(1, 3, -4), axis=0, tags=("outside",), note=NAN,
     np_fn=lambda x, i, axis: np.array([1, np.nan, np.nan]))

# --- scans and sorts
for fn in ("cumsum", "cumprod"):
    case(fn, X, axis=1, rtol=3e-6, atol=3e-6)
    case(fn, X, rtol=3e-5, atol=3e-5)
    case(fn, X, axis=-1, rtol=3e-6, atol=3e-6)
    case(fn, small, axis=0, rtol=1e-14, atol=1e-14)
    case(fn, odd33, rtol=1e-13, atol=1e-13)
    case(fn, i32(3, -1, 4, 1, -5))
    case(fn, u8(200, 100, 3), tags=("wrap",))
    case(fn, u32(4294967295, 2, 3), tags=("wrap",))
    case(fn, b8(True, True, False))
    case(fn, np.zeros((0, 3), np.float32), axis=0, tags=("empty",))
    case(fn, np.array(3, np.float32), tags=("scalar",))
    case(fn, f32(1, np.nan, 2, np.inf), tags=("edge",))
SORT = f32(3, np.nan, -1, np.inf, 2, -np.inf, 2, -3)
for fn in ("sort", "argsort"):
    k = {} if fn == "sort" else {"np_fn": lambda x, axis=-1, **o: np.argsort(x, axis=axis, kind="stable")}
    move(fn, SORT, tags=("edge",), **k)
    move(fn, X, **k)
    move(fn, X, axis=0, **k)
    move(fn, X, axis=1, **k)
    move(fn, X, axis=None, np_fn=(np.sort if fn == "sort" else lambda x, axis: np.argsort(x, axis=None, kind="stable")))
    move(fn, small, axis=-1, **k)
    move(fn, i32(5, -1, 5, 3, -1, 5), tags=("tie",), **k)
    move(fn, u32(4294967295, 0, 7, 0), tags=("tie",), **k)
    move(fn, u8(9, 200, 1), **k)
    move(fn, b8(1, 0, 1, 0), tags=("tie",), **k)
    move(fn, np.zeros((0, 3), np.float32), axis=0, tags=("empty",), **k)
    move(fn, f32(4), **k)
    move(fn, odd33.astype(np.float32), **k)
    move(fn, np.round(rng("big sort").normal(size=300), 1).astype(np.float32), tags=("tie",), **k)
move("sort", X, descending=True, np_fn=lambda x, descending: -np.sort(-x), tags=("descending",))
move("argsort", i32(5, 1, 5, 3), descending=True, tags=("descending", "tie"),
     np_fn=lambda x, descending: np.argsort(-x, kind="stable"))

# --- creation
def make(fn, *args, **kw):
    case(fn, *args, wide=False, **kw)


make("zeros", [2, 3])
make("zeros", [])
make("zeros", [0, 3])
make("zeros", 4)
make("ones", [2, 3])
for dtype in ("bool", "uint8", "int32", "uint32", "float32", "float64"):
    make("zeros", [2], dtype=dtype)
    make("ones", [2], dtype=dtype)
    make("zerosLike", np.ones((2, 2), dtype))
    make("onesLike", np.zeros((2, 2), dtype))
    make("eye", 2, dtype=dtype)
make("zerosLike", f32(1, 2), dtype="int32")
make("full", [2, 2], 1.5)
make("full", [3], 7, dtype="int32")
make("full", [2], 1.5, dtype="float64")
make("full", [2], True)
make("full", [0], 1.5)
make("full", [2, 3], f32(1, 2, 3), tags=("broadcast",))
make("arange", 5)
make("arange", 2, 9)
make("arange", 2, 9, 3)
make("arange", 5, 0, -2)
make("arange", 0)
make("arange", 3, 1)
make("arange", 0.5, 3, rtol=3e-7)
make("arange", 0, 1, 0.25, rtol=3e-7)
make("arange", 5, dtype="float32")
make("arange", 4, dtype="uint8")
make("arange", 0, 2, 0.5, dtype="float64", rtol=1e-15)
make("linspace", 0, 1, num=5, rtol=3e-7, atol=1e-7)
make("linspace", -2.5, 7, num=11, rtol=3e-7, atol=1e-6)
make("linspace", 0, 1, num=4, endpoint=False, rtol=3e-7, atol=1e-7)
make("linspace", 0, 1, num=1, rtol=3e-7)
make("linspace", 0, 1, num=0)
make("linspace", 0, 1, rtol=3e-7, atol=1e-7)
make("linspace", 3, 3, num=3, rtol=3e-7)
make("linspace", 0, 1, num=7, dtype="float64", rtol=1e-14)
make("linspace", 0, 10, num=5, dtype="int32", np_fn=lambda a, b, num, dtype: np.floor(np.linspace(a, b, num)))
make("linspace", f32(0, 1), f32(1, 3), num=3, rtol=3e-7, atol=1e-7)
make("eye", 3)
make("eye", 2, M=4)
make("eye", 3, k=1)
make("eye", 3, k=-2)
make("eye", 4, M=2, k=-1)
make("eye", 0)
for fn in ("tril", "triu"):
    make(fn, I24.reshape(4, 6))
    make(fn, I24, k=1)
    make(fn, I24.reshape(6, 4), k=-2)
    make(fn, np.ones((3, 3), bool))
    make(fn, f32(1, np.nan, np.inf, 4).reshape(2, 2))
    make(fn, np.zeros((0, 3), np.float32))
make("diag", f32(1, 2, 3))
make("diag", i32(1, 2), k=1)
make("diag", i32(1, 2), k=-2)
make("diag", I24.reshape(4, 6))
make("diag", I24.reshape(4, 6), k=2)
make("diag", I24.reshape(4, 6), k=-1)
make("array", [1, 2, 3], dtype="float32")
make("array", [[1, 2], [3, 4]], dtype="int32")
make("array", [True, False])
make("array", [1.5, 2])
make("array", [[1.5], [2]], dtype="float64")
make("asarray", f32(1, 2))
make("asarray", i32(1, 2), dtype="float32")
make("array", f32(2.9, -2.9, 300, -5, np.nan, np.inf), dtype="int32", tags=("cast",),
     np_fn=lambda x, dtype: np.asarray(jnp.asarray(x).astype("int32")), note="truncates, saturates, NaN is 0")
make("array", f32(2.9, -2.9, 300, np.nan), dtype="uint8", tags=("cast",),
     np_fn=lambda x, dtype: np.asarray(jnp.asarray(x).astype("uint8")), note="truncates, saturates, NaN is 0")
make("array", i32(-1, 256, 300), dtype="uint8", tags=("cast",), note="wraps")
make("array", f32(0, -0.0, np.nan, 0.5), dtype="bool", tags=("cast",))

write("numpy.json.gz", ["numpy", "jax", "scipy"], cases)
