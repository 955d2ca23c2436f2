"""nn and the gradients of np at its kinks, as jax.nn and jax.grad give them.

`kind: "value"` has `want`; `kind: "grad"` has `cotangent` and `want`, one gradient per array
argument: the vjp of fn(args, options) at `cotangent`. float32 values are computed in float64.
"""

import jax
import jax.numpy as jnp
import numpy as np

from golden import rng, snake, write

jax.config.update("jax_enable_x64", True)
cases = []


def evaluate(f, args, kw, dtype):
    with jax.enable_x64(True):
        wide = [jnp.asarray(a, jnp.float64) if isinstance(a, np.ndarray) and a.dtype.kind == "f" else a
                for a in args]
        return np.asarray(f(*wide, **kw)).astype(dtype)


def gradients(f, args, kw, cotangent):
    at = [i for i, a in enumerate(args) if isinstance(a, np.ndarray) and a.dtype.kind == "f"]

    def of(*xs):
        full = list(args)
        for i, x in zip(at, xs):
            full[i] = x
        return f(*full, **kw)

    wide = [jnp.asarray(args[i], jnp.float64) for i in at]
    out, pull = jax.vjp(of, *wide)
    c = np.ones(out.shape) if cotangent is None else cotangent
    return c, [np.asarray(g).astype(args[i].dtype) for g, i in zip(pull(jnp.asarray(c, out.dtype)), at)]


def both(fn, *args, f=None, cotangent="random", tags=(), ulp=4, atol=1e-7, **options):
    kw = {snake(k): (tuple(v) if isinstance(v, list) else v) for k, v in options.items()}
    space = "nn" if hasattr(jax.nn, snake(fn)) and f is None else "np"
    f = f or getattr(jax.nn, snake(fn), None) or getattr(jnp, snake(fn))
    dtype = next(a.dtype for a in args if isinstance(a, np.ndarray) and a.dtype.kind == "f")
    tol = {"rtol": 1e-6, "atol": atol} if dtype == np.float32 else {"rtol": 1e-13, "atol": 1e-14}
    head = {"fn": fn, "namespace": space, "args": list(args), "options": options}
    want = evaluate(f, args, kw, dtype)
    tail = dict(tol) | ({"tags": list(tags)} if tags else {})
    cases.append(head | {"kind": "value", "want": want} | tail)
    if isinstance(cotangent, str):
        cotangent = np.round(rng(fn + str(len(cases))).normal(size=want.shape), 3)
    c, want = gradients(f, args, kw, cotangent)
    cases.append(head | {"kind": "grad", "cotangent": np.asarray(c).astype(dtype), "want": want} | tail)


PLAIN = np.round(rng("nn").normal(size=33) * 3, 3)
KINK = np.array([0.0, -0.0, 1.0, -1.0, 3.0, -3.0, 6.0])
FAR = np.array([20.0, -20.0, 50.0, -50.0, 90.0, -90.0, 110.0, -110.0, np.inf, -np.inf, np.nan])
TABLE = [("relu", {}), ("sigmoid", {}), ("tanh", {}), ("softplus", {}), ("silu", {}),
         ("gelu", {}), ("gelu", {"approximate": True}), ("gelu", {"approximate": False}),
         ("elu", {}), ("elu", {"alpha": 0.5}), ("leakyRelu", {}), ("leakyRelu", {"negativeSlope": 0.2})]
for fn, options in TABLE:
    f = jnp.tanh if fn == "tanh" else None
    start = len(cases)
    for x in (PLAIN, PLAIN[:24].reshape(2, 3, 4), PLAIN[:7], PLAIN[3]):
        both(fn, np.asarray(x, np.float32), f=f, **options)
    both(fn, PLAIN[:7], f=f, **options)
    both(fn, KINK.astype(np.float32), f=f, tags=("kink",), cotangent=None, **options)
    both(fn, KINK, f=f, tags=("kink",), cotangent=None, **options)
    both(fn, FAR.astype(np.float32), f=f, tags=("edge",), cotangent=None, **options)
    both(fn, np.zeros((0, 3), np.float32), f=f, tags=("empty",), **options)
    for c in cases[start:]:
        c["namespace"] = "nn"
X = PLAIN[:24].reshape(2, 3, 4)
for fn in ("softmax", "logSoftmax"):
    for options in ({}, {"axis": 0}, {"axis": 1}, {"axis": -1}, {"axis": [1, 2]}):
        both(fn, X.astype(np.float32), **options)
    both(fn, X, axis=1)
    both(fn, np.array([2.0, 1, 0.1, 1000, -1000], np.float32), tags=("huge",))
    both(fn, np.array([5.0, 5, 5], np.float32), tags=("tie",))
    both(fn, np.array([1.0, -np.inf, 2], np.float32), tags=("edge",), cotangent=np.array([1.0, 0, 2]))
    both(fn, np.array([[3.0]], np.float32))
    both(fn, PLAIN.astype(np.float32))
for x, n, kw in [([0, 2, 1], 3, {}), ([0, 3, -1], 3, {}), ([[1, 0], [2, 2]], 4, {}), ([0, 2, 1], 3, {"axis": 0}),
                 (1, 3, {}), ([], 3, {}), ([0, 1], 2, {"dtype": "int32"}), ([0, 1], 2, {"dtype": "float64"})]:
    x = np.array(x, np.int32)
    with jax.enable_x64("float64" in kw.values()):
        want = np.asarray(jax.nn.one_hot(x, n, **kw))
        if not kw.get("dtype"):
            want = want.astype(np.float32)
    cases.append({"fn": "oneHot", "namespace": "nn", "kind": "value", "args": [x, n], "options": kw, "want": want})

# --- kinks and singular points of np
f32 = lambda *x: np.array(x, np.float32)
ONE = {"cotangent": None}
for dtype in (np.float32, np.float64):
    v = lambda *x: np.array(x, dtype)
    for fn in ("maximum", "minimum"):
        both(fn, v(1, 2, 3, 0), v(1, 3, 2, -0.0), tags=("tie",), **ONE)
        both(fn, v(1, 2, 2), v(2), tags=("tie", "broadcast"), **ONE)
        both(fn, v(-1, 0, 1), 0, tags=("tie",), **ONE)
    both("clip", v(-2, -1, 0, 1, 2), -1, 1, tags=("tie",), **ONE)
    both("clip", v(-2, -1, 0, 1, 2), v(-1), v(1), tags=("tie",), **ONE)
    both("abs", v(-2, 0, -0.0, 3), tags=("kink",), **ONE)
    both("sign", v(-2, 0, 3), tags=("kink",), **ONE)
    for fn in ("floor", "ceil", "round", "trunc"):
        both(fn, v(-1.5, 0, 2.25), tags=("kink",), **ONE)
    both("sqrt", v(0, 4), tags=("kink",), **ONE)
    both("cbrt", v(8, -8, 1), **ONE)
    both("max", v(1, 3, 3, 2), tags=("tie",), **ONE)
    both("min", v(1, 1, 1, 2), tags=("tie",), **ONE)
    both("max", np.array([[1, 3, 3], [2, 2, 2]], dtype), axis=1, tags=("tie",), cotangent=np.array([1.0, 3.0]))
    both("max", np.array([[1, 3, 3], [2, 3, 2]], dtype), axis=0, keepdims=True, tags=("tie",), cotangent=np.array([[1.0, 3, 5]]))
    both("prod", v(2, 0, 3), tags=("kink",), **ONE)
    both("prod", v(0, 0, 3), tags=("kink",), **ONE)
    both("std", v(1, 2, 4), **ONE)
    both("std", v(2, 2, 2), tags=("kink",), **ONE)
    both("var", v(2, 2, 2), tags=("kink",), **ONE)
    both("var", v(1, 2, 4), ddof=1, **ONE)
    both("power", v(0, 2, -2), 2, tags=("kink",), **ONE)
    both("power", v(0, 2, -2), 0, tags=("kink",), **ONE)
    both("power", v(0, 2, 3), v(0, 2, 0.5), tags=("kink",), **ONE)
    both("arctan2", v(0, 1), v(0, 1), tags=("kink",), **ONE)
    both("arctan2", v(1, -2), v(-3, 0.5), **ONE)
    both("hypot", v(3, -5), v(4, 12), **ONE)
    both("logaddexp", v(0, 1, 5), v(0, 1, -5), **ONE)
    both("where", np.array([True, False, True]), v(1, 2, 3), v(4, 5, 6), cotangent=np.array([1.0, 2, 3]))
    both("sort", v(3, 1, 1, 2), tags=("tie",), cotangent=np.array([1.0, 2, 3, 4]))
    both("logsumexp", v(1, 1, -np.inf), f=jax.nn.logsumexp, tags=("edge",), **ONE)
    both("cumsum", v(1, 2, 3), cotangent=np.array([1.0, 2, 3]))
    both("cumprod", v(1, 2, 3), cotangent=np.array([1.0, 2, 3]))
    both("cumprod", v(1, 0, 3), tags=("kink",), cotangent=np.array([1.0, 2, 3]))
    both("mod", v(5.5, -5.5), v(2, 2), **ONE)
    both("take", v(1, 2, 3), np.array([0, 0, 2], np.int32), cotangent=np.array([1.0, 2, 3]))
    both("arcsin", v(0, 0.5), **ONE)
    both("arccosh", v(1.5, 2), **ONE)
    both("tanh", v(0, 30, -30), f=jnp.tanh, **ONE)
# The inner function's NaN comes through the side that `where` did not choose: grad of
# where(x > 0, sqrt(x), 0) at 0 and below.
with jax.enable_x64(True):
    x = jnp.array([0.0, -1.0, 4.0])
    g = jax.grad(lambda x: jnp.where(x > 0, jnp.sqrt(x), 0).sum())(x)
cases.append({"fn": "whereSqrt", "namespace": "program", "kind": "grad", "args": [np.asarray(x)], "options": {},
              "cotangent": np.ones(3), "want": [np.asarray(g)], "note": "sum(where(x > 0, sqrt(x), 0))"})
write("nn.json.gz", ["jax", "numpy"], cases)
