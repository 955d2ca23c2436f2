"""Every op of the op table at op level: {op, ins, params, outs} and how near `outs` must be met.

Exact results come from NumPy or from the loops written here; elementwise functions of float32 are
computed in float64 and those of float64 in extended precision or by mpmath, then rounded once.
Casts, sorting, windows and gathers are also run through JAX, which must agree.
"""

import itertools

import jax
import jax.numpy as jnp
import mpmath
import numpy as np
from scipy import special

from golden import DTYPES, rng, write

jax.config.update("jax_enable_x64", True)
np.seterr(all="ignore")
mpmath.mp.prec = 120
cases = []

NUMBER = ("uint8", "int32", "uint32", "float32", "float64")
INTEGER = ("uint8", "int32", "uint32")
FLOAT = ("float32", "float64")
LIMITS = {"uint8": (0, 255), "int32": (-(2**31), 2**31 - 1), "uint32": (0, 2**32 - 1)}
SPECIAL = {
    "bool": [0, 1],
    "uint8": [0, 1, 2, 3, 7, 8, 100, 127, 128, 254, 255],
    "int32": [0, 1, -1, 2, -2, 3, -3, 7, 31, 32, 33, 65536, 2**31 - 1, -(2**31), -(2**31) + 1],
    "uint32": [0, 1, 2, 3, 7, 31, 32, 33, 65536, 2**31 - 1, 2**31, 2**32 - 2, 2**32 - 1],
    "float32": [0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, np.inf, -np.inf, np.nan, 1e-30, 7e9, -3e20],
    "float64": [0.0, -0.0, 1, -1, 0.5, -0.5, 1.5, 2.5, -2.5, 3, np.inf, -np.inf, np.nan, 1e-200, 7e9, -3e200],
}


def special_values(dtype):
    return np.array(SPECIAL[dtype], np.float64 if "float" in dtype else np.int64).astype(dtype)


def draw(name, shape, dtype):
    r = rng(f"ops {name} {shape} {dtype}")
    if dtype == "bool":
        return np.asarray(r.integers(0, 2, shape)).astype(bool)
    if dtype in INTEGER:
        return np.asarray(r.integers(-40 if dtype == "int32" else 0, 41, shape)).astype(dtype)
    return np.asarray(np.round(r.normal(size=shape) * 2, 2)).astype(dtype)


def add(op, ins, outs, params=None, **near):
    outs = outs if isinstance(outs, list) else [outs]
    ins, outs = [np.asarray(x) for x in ins], [np.asarray(x) for x in outs]
    cases.append({"op": op, "ins": ins, "params": params or {}, "outs": outs} | near)


def wrap(x, dtype):
    """Integers of any size, modulo the width of the dtype."""
    low, high = LIMITS[dtype]
    size = high - low + 1
    flat = [((int(v) - low) % size) + low for v in np.asarray(x, object).reshape(-1)]
    return np.array(flat, np.int64).astype(dtype).reshape(np.shape(x))


# ---- elementwise

PAIRS = [((), ()), ((0,), (1,)), ((7,), (7,)), ((3, 1), (1, 5)), ((2, 3, 4), (4,)), ((), (5,)), ((2, 0, 3), (3,)), ((19,), ())]
SHAPES = [(), (0,), (7,), (3, 5), (2, 1, 3, 2), (33,)]


def exact_binary(op, kinds, f, bool_out=False):
    for dtype in kinds:
        out = "bool" if bool_out else dtype
        for k, (p, q) in enumerate(PAIRS):
            a, b = draw(f"{op} a{k}", p, dtype), draw(f"{op} b{k}", q, dtype)
            add(op, [a, b], np.asarray(f(a, b)).astype(out))
        s = special_values(dtype)
        add(op, [s[:, None], s[None, :]], np.asarray(f(s[:, None], s[None, :])).astype(out), tags=["edge"])


def by_integers(f):
    """A function of two numbers, for integers computed without overflow and then wrapped."""

    def run(a, b):
        if a.dtype.kind not in "iu":
            return None
        a, b = np.broadcast_arrays(a, b)
        values = np.empty(a.shape, object)
        for i in np.ndindex(a.shape):
            values[i] = f(int(a[i]), int(b[i]))
        return wrap(values, str(a.dtype))

    return run


def truncated(a, b):
    return 0 if b == 0 else (abs(a) // abs(b)) * (1 if (a < 0) == (b < 0) else -1)


def power(a, b):
    if b >= 0:
        return pow(a, b, 2**32)
    return 1 if a == 1 else (1 if b % 2 == 0 else -1) if a == -1 else 0


INTEGERS = {
    "div": by_integers(truncated),
    "floorDiv": by_integers(lambda a, b: 0 if b == 0 else a // b),
    "mod": by_integers(lambda a, b: 0 if b == 0 else a % b),
    "rem": by_integers(lambda a, b: 0 if b == 0 else a - b * truncated(a, b)),
    "pow": by_integers(power),
}
FLOATS = {"div": np.divide, "floorDiv": np.floor_divide, "mod": np.mod, "rem": np.fmod}


def arithmetic(op):
    def run(a, b):
        r = INTEGERS[op](a, b)
        return FLOATS[op](a, b) if r is None else r

    return run


exact_binary("add", NUMBER, np.add)
exact_binary("sub", NUMBER, np.subtract)
exact_binary("mul", NUMBER, np.multiply)
for name in ("div", "floorDiv", "mod", "rem"):
    exact_binary(name, NUMBER, arithmetic(name))
exact_binary("pow", INTEGER, INTEGERS["pow"])
exact_binary("maximum", DTYPES, np.maximum)
exact_binary("minimum", DTYPES, np.minimum)
for name, f in {"eq": np.equal, "ne": np.not_equal, "lt": np.less, "le": np.less_equal, "gt": np.greater, "ge": np.greater_equal}.items():
    exact_binary(name, DTYPES, f, bool_out=True)
BITS = ("bool",) + INTEGER
exact_binary("and", BITS, np.bitwise_and)
exact_binary("or", BITS, np.bitwise_or)
exact_binary("xor", BITS, np.bitwise_xor)


def shift(op):
    def one(a, b, dtype):
        inside = 0 <= b <= 31
        if op == "shl":
            return a << b if inside else 0
        if dtype == "int32":
            return a >> (b if inside else 31)
        return a >> b if inside else 0

    def run(a, b):
        x, y = np.broadcast_arrays(a, b)
        values = np.empty(x.shape, object)
        for i in np.ndindex(x.shape):
            values[i] = one(int(x[i]), int(y[i]), str(a.dtype))
        return wrap(values, str(a.dtype))

    return run


exact_binary("shl", INTEGER, shift("shl"))
exact_binary("shr", INTEGER, shift("shr"))


def wide(x):
    return x.astype(np.float64 if x.dtype == np.float32 else np.longdouble)


def mp_map(f, out, *xs):
    xs = np.broadcast_arrays(*xs)
    flat = [float(f(*map(mpmath.mpf, map(float, v)))) for v in zip(*(x.reshape(-1) for x in xs))]
    return np.array(flat, np.float64).reshape(xs[0].shape).astype(out)


def near(dtype, f32=2, f64=4):
    return {"ulp": f32 if dtype == "float32" else f64}


for dtype in FLOAT:
    for k, (p, q) in enumerate(PAIRS):
        a, b = draw(f"pow a{k}", p, dtype), draw(f"pow b{k}", q, dtype)
        add("pow", [np.abs(a), b], np.power(wide(np.abs(a)), wide(b)).astype(dtype), **near(dtype))
        add("atan2", [a, b], np.arctan2(wide(a), wide(b)).astype(dtype), **near(dtype))
        tiny = 1e-7 if dtype == "float32" else 2e-16
        add("logaddexp", [a, b], np.logaddexp(wide(a), wide(b)).astype(dtype), rtol=2 * tiny, atol=tiny)
    s = special_values(dtype)
    for name, f in {"pow": np.power, "atan2": np.arctan2, "logaddexp": np.logaddexp}.items():
        x, y = s[:, None], s[None, :]
        add(name, [x, y], f(wide(x), wide(y)).astype(dtype), tags=["edge"], **near(dtype))

for dtype in DTYPES:
    for k, (p, q, r) in enumerate([((), (), ()), ((0,), (), (1,)), ((7,), (7,), (7,)), ((3, 1), (1, 5), ()), ((4,), (2, 3, 1), (3, 4))]):
        c, a, b = draw(f"where c{k}", p, "bool"), draw(f"where a{k}", q, dtype), draw(f"where b{k}", r, dtype)
        add("where", [c, a, b], np.where(c, a, b))
    s = special_values(dtype)
    add("where", [np.arange(len(s)) % 2 == 0, s, s[::-1].copy()], np.where(np.arange(len(s)) % 2 == 0, s, s[::-1]), tags=["edge"])


def cast(x, to):
    if x.dtype.kind == "f" and to in LIMITS:
        low, high = LIMITS[to]
        whole = np.trunc(np.where(np.isnan(x), 0, x).astype(np.float64))
        want = np.clip(whole, low, high).astype(np.int64).astype(to)
    else:
        want = x.astype(to)
    assert np.array_equal(want, np.asarray(jnp.asarray(x).astype(to)), equal_nan=True), (x, to)
    return want


LARGE = [255.5, 256, -0.99, 2147483520, 2147483648, -2147483904, 4294967040, 4294967296, 16777217, 0.1, 1e-46, 3.4028236e38]
for source, to in itertools.product(DTYPES, DTYPES):
    for k, shape in enumerate(SHAPES[:5]):
        x = draw(f"cast {k}", shape, source)
        add("cast", [x], cast(x, to), {"dtype": to})
    x = special_values(source)
    if source in FLOAT:
        x = np.concatenate([x, np.array(LARGE, source)])
    add("cast", [x], cast(x, to), {"dtype": to}, tags=["edge"])


def exact_unary(op, kinds, f):
    for dtype in kinds:
        for k, shape in enumerate(SHAPES):
            x = draw(f"{op} {k}", shape, dtype)
            add(op, [x], np.asarray(f(x)).astype(dtype))
        add(op, [special_values(dtype)], np.asarray(f(special_values(dtype))).astype(dtype), tags=["edge"])


exact_unary("not", BITS, np.invert)
exact_unary("neg", NUMBER, np.negative)
exact_unary("abs", NUMBER, np.abs)
exact_unary("sign", NUMBER, np.sign)
for name, f in {"floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "round": np.round, "sqrt": np.sqrt}.items():
    exact_unary(name, FLOAT, f)

FUNCTIONS = {
    "rsqrt": lambda x: 1 / np.sqrt(x),
    "exp": np.exp,
    "expm1": np.expm1,
    "log": np.log,
    "log1p": np.log1p,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "asin": np.arcsin,
    "acos": np.arccos,
    "atan": np.arctan,
    "sinh": np.sinh,
    "cosh": np.cosh,
    "tanh": np.tanh,
    "asinh": np.arcsinh,
    "acosh": np.arccosh,
    "atanh": np.arctanh,
    "erf": special.erf,
    "erfinv": special.erfinv,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
}
# what moves the random numbers into the domain
DOMAIN = {
    "rsqrt": np.abs,
    "log": np.abs,
    "log1p": np.abs,
    "acosh": lambda x: np.abs(x) + 1,
    **dict.fromkeys(("asin", "acos", "atanh", "erfinv"), lambda x: x / 10),
}
for name, f in FUNCTIONS.items():
    for dtype in FLOAT:
        limit = near(dtype, f32=4) if name == "erfinv" else near(dtype)

        def compute(x):
            if name in ("erf", "erfinv"):
                plain = f(x.astype(np.float64))
                if dtype == "float64":
                    ok = np.isfinite(x) & (np.abs(plain) < np.inf) & ~np.isnan(plain)
                    mp = {"erf": mpmath.erf, "erfinv": mpmath.erfinv}[name]
                    plain = np.where(ok, mp_map(mp, "float64", np.where(ok, x, 0)), plain)
                return plain.astype(dtype)
            return np.asarray(f(wide(x))).astype(dtype)

        for k, shape in enumerate(SHAPES):
            x = np.asarray(DOMAIN.get(name, lambda v: v)(draw(f"{name} {k}", shape, dtype)), dtype)
            add(name, [x], compute(x), **limit)
        x = special_values(dtype)[:-2]
        add(name, [x], compute(x), tags=["edge"], **limit)

# ---- reductions and running combinations

REDUCED = [((), []), ((7,), [0]), ((3, 5), [0]), ((3, 5), [1]), ((3, 5), [0, 1]), ((2, 3, 4), [1]), ((2, 3, 4, 2), [0, 2]), ((0, 3), [0]), ((3, 0), [0]), ((1, 6, 1), [0, 2]), ((131,), [0]), ((5, 37), [1]), ((2, 3), [])]
IDENTITY = {
    "max": lambda d: False if d == "bool" else LIMITS[d][0] if d in LIMITS else -np.inf,
    "min": lambda d: True if d == "bool" else LIMITS[d][1] if d in LIMITS else np.inf,
}
for name, dtype in itertools.product(("sum", "prod", "max", "min"), DTYPES):
    if dtype == "bool" and name in ("sum", "prod"):
        continue
    samples = [(draw(f"{name} {k}", shape, dtype), axes) for k, (shape, axes) in enumerate(REDUCED)]
    if dtype in INTEGER:
        big = special_values(dtype)[None, :] * np.ones((2, 1), dtype)
        samples += [(big, [1]), (big, [0])]
    if dtype in FLOAT:
        bad = np.array([[1, np.nan, 3], [np.inf, 2, 1], [-np.inf, 2, 1], [np.inf, -np.inf, 1], [-0.0, 0.0, -0.0]], dtype)
        samples += [(bad, [1]), (bad, [0])]
    for k, (x, axes) in enumerate(samples):
        keep = k % 2 == 1
        if name in IDENTITY:
            f = {"max": np.max, "min": np.min}[name]
            want = f(x, axis=tuple(axes), keepdims=keep, initial=np.asarray(IDENTITY[name](dtype), dtype))
            tolerance = {}
        else:
            f = {"sum": np.sum, "prod": np.prod}[name]
            inner = np.float64 if dtype in FLOAT else dtype
            want = f(x, axis=tuple(axes), keepdims=keep, dtype=inner)
            tolerance = {} if dtype in INTEGER else {"rtol": 4e-6 if dtype == "float32" else 1e-14, "atol": 1e-6 if dtype == "float32" else 1e-13}
        add(name, [x], np.asarray(want).astype(dtype), {"axes": axes, "keepdims": keep}, **tolerance)

for name, dtype in itertools.product(("argmax", "argmin"), DTYPES):
    for k, (shape, axis) in enumerate([((7,), 0), ((3, 5), 0), ((3, 5), 1), ((2, 3, 4), 1), ((0, 3), 1), ((130,), 0), ((1, 1), 0)]):
        x = draw(f"{name} {k}", shape, dtype)
        add(name, [x], getattr(np, name)(x, axis=axis).astype(np.int32), {"axis": axis})
    s = special_values(dtype)
    add(name, [s], np.asarray(getattr(np, name)(s), np.int32), {"axis": 0}, tags=["edge"])
    if dtype in FLOAT:
        x = np.array([[1, np.nan, np.nan], [-np.inf] * 3, [np.inf] * 3, [0.0, -0.0, 0.0], [-0.0, 0.0, 1]], dtype)
        add(name, [x], getattr(np, name)(x, axis=1).astype(np.int32), {"axis": 1}, tags=["edge"])

RUNNING = [((7,), 0), ((3, 5), 0), ((3, 5), 1), ((2, 3, 4), 1), ((0,), 0), ((3, 0), 0), ((2, 1), 1), ((70,), 0)]
for name, dtype, reverse in itertools.product(("cumsum", "cumprod", "recurrence"), NUMBER, (False, True)):
    for k, (shape, axis) in enumerate(RUNNING):
        x = draw(f"{name} {k}", shape, dtype)
        params = {"axis": axis, "reverse": reverse}
        inner = np.float64 if dtype in FLOAT else dtype

        def turned(v):
            return np.flip(v, axis) if reverse else v

        if name == "recurrence":
            b = draw(f"{name} b{k}", shape, dtype)
            steps, y = [], np.zeros(np.delete(shape, axis), inner)
            for a_i, b_i in zip(np.moveaxis(turned(x), axis, 0), np.moveaxis(turned(b), axis, 0)):
                y = (a_i.astype(inner) * y + b_i.astype(inner)).astype(inner)
                steps.append(y)
            want = np.moveaxis(np.stack(steps), 0, axis) if steps else np.zeros(shape, inner)
            ins = [x, b]
        else:
            want = getattr(np, name)(turned(x), axis=axis, dtype=inner)
            ins = [x]
        # a running float32 sum or product may be carried in float32: the error grows with the length
        scale = float(np.max(np.abs(want), initial=1)) if dtype in FLOAT else 0
        tolerance = {} if dtype in INTEGER else {"rtol": 1e-5, "atol": 1e-6 * min(scale, 1e6)} if dtype == "float32" else {"rtol": 1e-13, "atol": 1e-14 * scale}
        add(name, ins, turned(want).astype(dtype), params, **tolerance)

# ---- movement

# array, and size, strides, dilation of the windows over its spatial axes
WINDOWS = [
    ((2, 3), [], [], []),
    ((2, 7, 3), [3], [1], [1]),
    ((1, 9, 2), [3], [2], [2]),
    ((3, 8, 1), [2], [2], [1]),
    ((2, 5, 6, 3), [3, 2], [1, 1], [1, 1]),
    ((2, 7, 6, 4), [2, 2], [2, 2], [1, 1]),
    ((1, 6, 9, 5), [2, 3], [1, 2], [2, 1]),
    ((1, 6, 5, 2), [1, 2], [3, 4], [1, 1]),
    ((1, 4, 4, 33), [4, 4], [1, 1], [1, 1]),
    ((1, 4, 5, 4, 3), [2, 3, 2], [1, 1, 2], [1, 2, 1]),
    ((1, 3, 8, 3, 2), [3, 7, 2], [1, 1, 1], [1, 1, 1]),
    ((0, 5, 5, 3), [2, 2], [1, 1], [1, 1]),
    ((2, 5, 0), [2], [1], [1]),
]


def window_slices(shape, params):
    """For each cell of a window, in row-major order, where that cell of all windows lies."""
    axes = list(zip(shape[1:-1], params["size"], params["strides"], params["dilation"]))
    counts = [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in axes]
    for cell in itertools.product(*(range(k) for _, k, _, _ in axes)):
        cuts = [slice(c * d, c * d + s * (m - 1) + 1, s) for c, m, (_, _, s, d) in zip(cell, counts, axes)]
        yield (slice(None), *cuts, slice(None))


for dtype in DTYPES:
    def x(*shape):
        return draw("movement", shape, dtype)

    for source, shape in [((), (1, 1)), ((6,), (2, 3)), ((2, 3), (6,)), ((2, 3, 4), (4, 6)), ((0, 3), (3, 0, 2)), ((1,), ())]:
        add("reshape", [x(*source)], x(*source).reshape(shape), {"shape": list(shape)})
    for shape, perm in [((), ()), ((5,), (0,)), ((3, 5), (1, 0)), ((2, 3, 4), (2, 0, 1)), ((2, 3, 4), (1, 0, 2)), ((2, 0, 3), (2, 1, 0)), ((2, 1, 3, 2), (3, 1, 0, 2)), ((33, 17), (1, 0))]:
        add("transpose", [x(*shape)], np.transpose(x(*shape), perm), {"perm": list(perm)})
    for source, shape in [((), ()), ((), (3,)), ((1,), (4,)), ((3, 1), (2, 3, 5)), ((5,), (2, 3, 5)), ((1, 0), (3, 0)), ((1,), (0,)), ((2, 3), (2, 3))]:
        add("broadcast", [x(*source)], np.broadcast_to(x(*source), shape), {"shape": list(shape)})
    for shape, start, size, step in [((), [], [], []), ((7,), [2], [3], [1]), ((7,), [1], [3], [2]), ((7,), [0], [3], [3]), ((5, 6), [1, 2], [3, 2], [1, 2]), ((2, 3, 4), [1, 0, 1], [1, 3, 3], [1, 1, 1]), ((7,), [3], [0], [1]), ((0,), [0], [0], [1]), ((33,), [0], [33], [1])]:
        cut = tuple(slice(s, s + n * k, k) for s, n, k in zip(start, size, step))
        add("slice", [x(*shape)], x(*shape)[cut], {"start": start, "size": size, "step": step})
    for shape, low, high, inner in [((), [], [], []), ((5,), [2], [3], [0]), ((5,), [0], [0], [2]), ((3, 4), [1, 0], [0, 2], [1, 3]), ((2, 3, 2), [0, 1, 0], [1, 0, 0], [0, 0, 1]), ((0,), [2], [1], [5]), ((2, 0), [1, 1], [1, 2], [1, 1]), ((1,), [1], [1], [4]), ((33,), [1], [0], [0])]:
        fill = np.asarray(special_values(dtype)[1])
        full = [lo + n + max(0, n - 1) * k + hi for lo, n, k, hi in zip(low, shape, inner, high)]
        want = np.full(full, fill, dtype)
        want[tuple(slice(lo, lo + max(0, (n - 1) * (k + 1) + 1) if n else lo, k + 1) for lo, n, k in zip(low, shape, inner))] = x(*shape)
        by_jax = jax.lax.pad(x(*shape), fill, list(zip(low, high, inner)))
        assert np.array_equal(want, by_jax, equal_nan=True)
        add("pad", [x(*shape), fill], want, {"low": low, "high": high, "inner": inner})
    for shape, axes in [((), []), ((7,), [0]), ((3, 5), [0]), ((3, 5), [1]), ((3, 5), [0, 1]), ((2, 3, 4), [0, 2]), ((0, 3), [0, 1]), ((3,), []), ((70,), [0])]:
        add("flip", [x(*shape)], np.flip(x(*shape), axes), {"axes": axes})
    for shapes, axis in [([(5,)], 0), ([(2,), (3,), (1,)], 0), ([(2, 3), (4, 3)], 0), ([(2, 3), (2, 1), (2, 0)], 1), ([(2, 3, 4), (2, 3, 4)], 1), ([(0,), (0,)], 0), ([(33, 2), (1, 2)], 0)]:
        parts = [draw(f"concatenate {i}", s, dtype) for i, s in enumerate(shapes)]
        add("concatenate", parts, np.concatenate(parts, axis), {"axis": axis})
    for shape, size, strides, dilation in WINDOWS:
        params = {"size": size, "strides": strides, "dilation": dilation}
        values = x(*shape)
        views = [values[here] for here in window_slices(shape, params)]
        count = views[0].shape[1:-1]
        stacked = np.stack(views, 1 + len(size))
        taken = stacked.reshape(shape[:1] + count + tuple(size) + shape[-1:])
        add("windows", [values], taken, params)
        cells = np.arange(int(np.prod(shape[1:-1]))).reshape((1,) + shape[1:-1] + (1,))
        places = np.stack([cells[here] for here in window_slices(shape, params)], 1 + len(size))
        winner = np.argmax(stacked, 1 + len(size))  # the first; NaN counts as greatest
        add("windowArgmax", [values], np.take_along_axis(np.broadcast_to(places, stacked.shape), np.expand_dims(winner, 1 + len(size)), 1 + len(size)).squeeze(1 + len(size)).astype(np.int32), params)
        if dtype == "bool":
            continue
        parts = draw("unwindows", taken.shape, dtype)
        flat = parts.reshape(stacked.shape)
        whole = np.zeros(shape, np.float64 if dtype in FLOAT else np.int64)
        for k, here in enumerate(window_slices(shape, params)):
            whole[here] += np.take(flat, k, 1 + len(size))
        near = {"rtol": 1e-6, "atol": 1e-6} if dtype == "float32" else {"rtol": 1e-14, "atol": 1e-14} if dtype == "float64" else {}
        add("unwindows", [parts], whole.astype(dtype), {"shape": list(shape[1:-1]), "strides": strides, "dilation": dilation}, **near)
    # everything that only passes values on
    for shape in [(), (0,), (7,), (2, 3, 4)]:
        for name in ("same", "stop"):
            add(name, [x(*shape)], x(*shape))
    s = special_values(dtype)
    add("same", [s], s, tags=["edge"])
    add("stop", [s], s, tags=["edge"])
    for shape in [(), (0,), (7,), (2, 3, 4)]:
        add("barrier", [x(*shape), s], [x(*shape), s])

# ---- contractions

for dtype, ta, tb in itertools.product(NUMBER, (False, True), (False, True)):
    for k, (batch, m, n, q) in enumerate([((), 3, 5, 4), ((), 1, 1, 1), ((), 2, 3, 0), ((), 0, 3, 2), ((), 3, 0, 2), ((2,), 3, 4, 5), ((2, 3), 2, 2, 3), ((0,), 2, 3, 4), ((), 1, 17, 19), ((), 18, 1, 9), ((), 19, 23, 21)]):
        a = draw(f"dot a{k}", batch + ((q, m) if ta else (m, q)), dtype)
        b = draw(f"dot b{k}", batch + ((n, q) if tb else (q, n)), dtype)
        inner = np.float64 if dtype in FLOAT else dtype
        x = np.swapaxes(a, -1, -2) if ta else a
        y = np.swapaxes(b, -1, -2) if tb else b
        tolerance = {} if dtype in INTEGER else {"rtol": 1e-5, "atol": 2e-5} if dtype == "float32" else {"rtol": 1e-13, "atol": 1e-13}
        add("dot", [a, b], np.matmul(x.astype(inner), y.astype(inner)).astype(dtype), {"ta": ta, "tb": tb}, **tolerance)
    a, b = draw("dot bad a", (3, 4), dtype), draw("dot bad b", (4, 3), dtype)
    if dtype in FLOAT and not (ta or tb):
        a[1, 2], b[0, 2] = np.nan, np.inf
        add("dot", [a, b], np.matmul(a, b), {"ta": ta, "tb": tb}, rtol=1e-5, atol=1e-5, tags=["edge"])

# ---- positions that are data

FILL = {"bool": True, "uint8": 255, "int32": -(2**31), "uint32": 2**32 - 1, "float32": np.nan, "float64": np.nan}


def inside(i, n):
    i = i + n if i < 0 else i
    return i if 0 <= i < n else None


def positions(name, shape, n, wild):
    low, high = (-n - 2, n + 2) if wild else (-n, n)
    return np.asarray(rng(f"positions {name}").integers(low, max(high, low + 1), shape)).astype(np.int32)


TAKEN = [((5,), (), 0), ((5,), (7,), 0), ((4, 3), (5,), 0), ((4, 3), (2, 2), 1), ((2, 5, 3), (4,), 1), ((5,), (0,), 0), ((0, 3), (2,), 0), ((2, 3, 4), (), 2), ((40,), (50,), 0)]
ALONG = [((5,), (7,), 0), ((4, 3), (6, 3), 0), ((4, 3), (4, 2), 1), ((2, 5, 3), (2, 4, 3), 1), ((0,), (2,), 0), ((3,), (0,), 0), ((40,), (50,), 0)]

for dtype in DTYPES:
    for (op, table), wild in itertools.product((("take", TAKEN), ("takeAlong", ALONG)), (False, True)):
        for k, (shape, at, axis) in enumerate(table):
            x, i = draw(f"{op} {k}", shape, dtype), positions(f"{op}{k}{wild}", at, shape[axis], wild)
            outside = "zero" if k % 2 == 0 else "fill"
            if shape[axis] == 0 and not wild:
                continue
            fill = np.zeros((), dtype) if outside == "zero" else np.asarray(FILL[dtype], dtype)
            if op == "take":
                want = np.empty(shape[:axis] + at + shape[axis + 1 :], dtype)
                for p in np.ndindex(at):
                    q = inside(int(i[p]), shape[axis])
                    here = (slice(None),) * axis
                    want[here + p] = fill if q is None else x[here + (q,)]
                if outside == "fill" and shape[axis] > 0:
                    assert np.array_equal(want, jnp.take(x, i, axis=axis, mode="fill"), equal_nan=True)
            else:
                want = np.empty(at, dtype)
                for p in np.ndindex(at):
                    q = inside(int(i[p]), shape[axis])
                    want[p] = fill if q is None else x[p[:axis] + (q,) + p[axis + 1 :]]
                if outside == "fill" and shape[axis] > 0:
                    assert np.array_equal(want, jnp.take_along_axis(x, i, axis=axis, mode="fill"), equal_nan=True)
            add(op, [x, i], want, {"axis": axis, "outside": outside}, **({"tags": ["outside"]} if wild else {}))
    for (op, table), wild in itertools.product((("scatterAdd", TAKEN), ("scatterAlong", ALONG)), (False, True)):
        for k, (shape, at, axis) in enumerate(table):
            if shape[axis] == 0 and not wild:
                continue
            x, i = draw(f"{op} {k}", shape, dtype), positions(f"{op}{k}{wild}", at, shape[axis], wild)
            u = draw(f"{op} u{k}", shape[:axis] + at + shape[axis + 1 :] if op == "scatterAdd" else at, dtype)
            want = x.copy()
            for p in np.ndindex(at):
                q = inside(int(i[p]), shape[axis])
                if q is None:
                    continue
                if op == "scatterAdd":
                    here = (slice(None),) * axis
                    want[here + (q,)] = want[here + (q,)] + u[here + p]
                else:
                    r = p[:axis] + (q,) + p[axis + 1 :]
                    want[r] = want[r] + u[p]
            add(op, [x, i, u], want, {"axis": axis}, **({"tags": ["outside"]} if wild else {}))
    for shape, size, starts in [((), [], []), ((7,), [3], [2]), ((7,), [3], [-5]), ((7,), [3], [6]), ((4, 5), [2, 5], [3, 1]), ((2, 3, 4), [1, 2, 2], [1, -1, 99]), ((5,), [0], [9]), ((5,), [5], [2**31 - 1]), ((5,), [2], [-(2**31)]), ((40,), [33], [3])]:
        x, at = draw("dynamic", shape, dtype), np.array(starts, np.int32)
        low = [max(0, min(s, n - w)) for s, n, w in zip(starts, shape, size)]
        cut = tuple(slice(s, s + n) for s, n in zip(low, size))
        add("dynamicSlice", [x, at], x[cut], {"size": size}, tags=["outside"])
        u = draw("dynamic u", tuple(size), dtype)
        want = x.copy()
        want[cut] = u
        if shape and all(s >= 0 for s in starts):
            assert np.array_equal(want, jax.lax.dynamic_update_slice(x, u, starts), equal_nan=True)
        add("dynamicUpdate", [x, u, at], want, tags=["outside"])
    for k, (shape, axis) in enumerate([((7,), 0), ((1,), 0), ((0,), 0), ((3, 5), 0), ((3, 5), 1), ((2, 9, 3), 1), ((3, 0), 0), ((130,), 0), ((1500,), 0)]):
        x = draw(f"sort {k}", shape, dtype)
        order = np.argsort(x, axis=axis, kind="stable")
        add("sort", [x], [np.take_along_axis(x, order, axis), order.astype(np.int32)], {"axis": axis})
    s = rng(f"sort {dtype}").permutation(np.tile(special_values(dtype), 3))
    if dtype in FLOAT:
        s[::7] = -np.abs(np.nan)
    order = np.argsort(s, kind="stable")
    assert np.array_equal(s[order], np.asarray(jnp.sort(s, stable=True)), equal_nan=True)
    add("sort", [s], [s[order], order.astype(np.int32)], {"axis": 0}, tags=["edge"])

# ---- without operands, and random bits

for dtype in DTYPES:
    for v in special_values(dtype):
        if np.isfinite(v) if dtype in FLOAT else True:
            one = np.asarray(v, dtype)
            add("literal", [], one, {"dtype": dtype, "shape": [], "values": [float(v)], "weak": False})
    for shape in [(0,), (3,), (2, 3, 1)]:
        many = draw("literal", shape, dtype)
        add("literal", [], many, {"dtype": dtype, "shape": list(shape), "values": [float(v) for v in many.reshape(-1)], "weak": False})
    for shape, axis in [((7,), 0), ((3, 5), 1), ((2, 3, 4), 1), ((0, 3), 0), ((40, 1), 0)]:
        lead = np.arange(shape[axis]).reshape([-1 if i == axis else 1 for i in range(len(shape))])
        add("iota", [], np.broadcast_to(lead, shape).astype(dtype), {"shape": list(shape), "axis": axis, "dtype": dtype})

WORD = 0xFFFFFFFF


def threefry(k0, k1, x0, x1):
    """Threefry-2x32 with 20 rounds: J. Salmon et al., Parallel random numbers: as easy as 1, 2, 3."""
    keys = [k0, k1, k0 ^ k1 ^ 0x1BD11BDA]
    x0, x1 = (x0 + k0) & WORD, (x1 + k1) & WORD
    for group in range(5):
        for r in ((13, 15, 26, 6), (17, 29, 16, 24))[group % 2]:
            x0 = (x0 + x1) & WORD
            x1 = (((x1 << r) | (x1 >> (32 - r))) & WORD) ^ x0
        x0 = (x0 + keys[(group + 1) % 3]) & WORD
        x1 = (x1 + keys[(group + 2) % 3] + group + 1) & WORD
    return x0, x1


# the known answers of the authors' Random123 library
KNOWN = [
    ((0, 0, 0, 0), (0x6B200159, 0x99BA4EFE)),
    ((WORD, WORD, WORD, WORD), (0x1CB996FC, 0xBB002BE7)),
    ((0x13198A2E, 0x03707344, 0x243F6A88, 0x85A308D3), (0xC4923A9C, 0x483DF7A0)),
]
for ins, outs in KNOWN:
    assert threefry(*ins) == outs
    add("threefry", [np.array(v, np.uint32) for v in ins], [np.array(v, np.uint32) for v in outs], tags=["known"])
for shapes in [((), (), (7,), (7,)), ((), (), (), (33,)), ((2, 1), (2, 1), (5,), (5,)), ((), (), (0,), (0,)), ((), (), (2, 3, 4), ())]:
    r = rng(f"threefry {shapes}")
    ins = [r.integers(0, 2**32, s, dtype=np.uint32) for s in shapes]
    full = np.broadcast_arrays(*ins)
    outs = np.array([threefry(*(int(v[p]) for v in full)) for p in np.ndindex(full[0].shape)], np.uint32).reshape(full[0].shape + (2,))
    add("threefry", ins, [outs[..., 0], outs[..., 1]])

write("ops.json.gz", ["numpy", "scipy", "jax", "mpmath"], cases)
