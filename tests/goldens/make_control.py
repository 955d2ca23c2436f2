"""Control flow as jax.lax has it: cond, switch, while_loop, fori_loop, scan, and what grad, jvp and
vmap make of them.

A case has a name, `args` and `want`, both lists of arrays. The functions stand here and, under the
same name, in tests/transform/control_goldens.ts.
"""

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from golden import rng, write

jax.config.update("jax_enable_x64", True)
cases = []


def case(name, f, *args):
    given = [np.asarray(a) for a in args]
    out = f(*map(jnp.asarray, given))
    leaves = jax.tree_util.tree_leaves(out)
    cases.append({"name": name, "args": given, "want": [np.asarray(x) for x in leaves]})


r = rng("control")


def f64(*shape):
    return r.normal(size=shape)


def i32(*values):
    return np.array(values, dtype=np.int32)


# ---- cond and switch


def absolute(x):
    return lax.cond(x > 0, lambda x: x * x, lambda x: jnp.exp(x), x)


for x in (2.0, -1.5, 0.0):
    case("cond", absolute, x)
    case("cond grad", jax.grad(absolute), x)
    case("cond grad grad", jax.grad(jax.grad(absolute)), x)
    case("cond jvp", lambda x: jax.jvp(absolute, (x,), (jnp.ones_like(x),)), x)


def closed(x, w):
    return jnp.sum(lax.cond(x.sum() > 0, lambda: {"a": w @ x, "b": x}, lambda: {"a": w[0] * 2, "b": jnp.sin(x)})["a"])


for s in (1, -1):
    case("cond captures", jax.value_and_grad(closed, (0, 1)), s * np.abs(f64(3)), f64(3, 3))

switched = lambda i, x: lax.switch(i, [lambda x: x + 1, lambda x: x * x, lambda x: jnp.sin(x).sum() + x], x)
for i in (-3, 0, 1, 2, 9):
    case("switch", switched, i32(i)[0], f64(4))
    case("switch grad", jax.grad(lambda i, x: switched(i, x).sum(), 1), i32(i)[0], f64(4))
case("switch vmap", jax.vmap(switched), i32(0, 1, 2, 5, -1), f64(5, 4))
case("switch vmap operands", jax.vmap(switched, (None, 0)), i32(1)[0], f64(5, 4))
case("cond vmap", jax.vmap(absolute), f64(6))
case("cond vmap grad", jax.vmap(jax.grad(absolute)), f64(6))


def nested(x):
    return lax.cond(
        x.sum() > 0,
        lambda: lax.cond(x[0] > 0, lambda: x * 2, lambda: x * x),
        lambda: lax.cond(x[0] > 0, lambda: jnp.cos(x), lambda: x * x * x),
    ).sum()


for k in range(4):
    case("cond nested", jax.value_and_grad(nested), f64(3))

# ---- while_loop and fori_loop


def newton(a):
    return lax.while_loop(lambda c: c[1] > 1e-10, lambda c: ((c[0] + a / c[0]) / 2, jnp.abs((c[0] + a / c[0]) / 2 - c[0])), (a, jnp.ones_like(a)))[0]


case("while", newton, 7.0)
case("while jvp", lambda a: jax.jvp(newton, (a,), (jnp.ones_like(a),)), 7.0)
case("while vmap", jax.vmap(newton), np.array([2.0, 9.0, 1e4, 1.0]))


def grow(n, x):
    return lax.while_loop(lambda c: c[0] < n, lambda c: (c[0] + 1, c[1] * 1.5 + x), (jnp.zeros_like(n), x))[1]


case("while count", grow, i32(0)[0], f64(3))
case("while count", grow, i32(5)[0], f64(3))
case("while count vmap", jax.vmap(grow), i32(0, 3, 1, 7), f64(4, 3))
case("while count vmap captured", jax.vmap(grow, (None, 0)), i32(4)[0], f64(4, 3))
case("while count jvp", lambda n, x: jax.jvp(lambda x: grow(n, x), (x,), (jnp.ones_like(x),)), i32(4)[0], f64(3))

summed = lambda x: lax.fori_loop(0, 5, lambda i, s: s * x + i, jnp.ones_like(x)).sum()
case("fori", jax.value_and_grad(summed), f64(3))
case("fori grad grad", jax.grad(lambda x: jax.grad(summed)(x).sum()), f64(3))
dynamic = lambda n, x: lax.fori_loop(1, n, lambda i, s: s + x * i, jnp.zeros_like(x))
for n in (0, 1, 6):
    case("fori dynamic", dynamic, i32(n)[0], f64(2))

# ---- scan


def rnn(w, u, b, h, xs):
    def cell(h, x):
        h = jnp.tanh(h @ w + x @ u + b)
        return h, (h.sum(), h * x[0, 0])

    last, (sums, hs) = lax.scan(cell, h, xs)
    return last, sums, hs


def rnn_loss(*args):
    last, sums, hs = rnn(*args)
    return (last**2).sum() + jnp.sin(sums).sum() + (hs * hs).sum()


for length in (1, 2, 7):
    args = f64(4, 4) * 0.5, f64(3, 4), f64(4), f64(2, 4), f64(length, 2, 3)
    case("rnn", rnn, *args)
    case("rnn grad", jax.grad(rnn_loss, (0, 1, 2, 3, 4)), *args)
    case("rnn jvp", lambda *a: jax.jvp(rnn_loss, a, tuple(map(jnp.ones_like, a))), *args)
args = f64(4, 4) * 0.5, f64(3, 4), f64(4), f64(2, 4), f64(5, 2, 3)
case("rnn hvp", lambda *a: jax.grad(lambda w: (jax.grad(rnn_loss)(w, *a[1:]) ** 2).sum())(a[0]), *args)
case("rnn forward over reverse", lambda *a: jax.jvp(lambda w: jax.grad(rnn_loss)(w, *a[1:]), (a[0],), (jnp.ones_like(a[0]),)), *args)
batch = f64(3, 5, 2, 3)
case("rnn vmap", lambda w, u, b, h, xs: jax.vmap(lambda xs: rnn(w, u, b, h, xs))(xs), *args[:4], batch)
case("rnn vmap grad", lambda w, u, b, h, xs: jax.vmap(lambda xs: jax.grad(rnn_loss)(w, u, b, h, xs))(xs), *args[:4], batch)
case("rnn vmap weights", lambda w, u, b, h, xs: jax.vmap(lambda w: rnn(w, u, b, h, xs))(w), f64(3, 4, 4), *args[1:])
case("rnn grad vmap", lambda w, u, b, h, xs: jax.grad(lambda w: jax.vmap(lambda xs: rnn_loss(w, u, b, h, xs))(xs).sum())(w), *args[:4], batch)

for reverse in (False, True):
    def turns(c, xs, reverse=reverse):
        return lax.scan(lambda c, x: (c * 0.5 + x, (c, c * x)), c, xs, reverse=reverse)

    name = "scan reverse" if reverse else "scan"
    case(name, turns, f64(2), f64(4, 2))
    case(name + " grad", jax.grad(lambda c, xs: sum(x.sum() for x in jax.tree_util.tree_leaves(turns(c, xs))) ** 2, (0, 1)), f64(2), f64(4, 2))
case("scan empty", lambda c, xs: lax.scan(lambda c, x: (c + x, c * x), c, xs), f64(2), f64(0, 2))
case("scan without rows", lambda c: lax.scan(lambda c, _: (c * 2, c), c, None, length=4), f64(2))
case("scan of integers", lambda c, xs: lax.scan(lambda c, x: (c + x, c % 3 == 0), c, xs), i32(1)[0], i32(1, 2, 3, 4))
case("scan swaps", lambda a, b: lax.scan(lambda c, _: ((c[1], c[0]), c[0]), (a, b), None, length=3), f64(2), f64(2))


def table(x):
    def outer(c, row):
        c, ys = lax.scan(lambda c, v: (c * v + jnp.sin(v), c), c, row)
        return c, ys.sum() + c

    c, ys = lax.scan(outer, 0.5, x)
    return c * ys.sum()


case("scan in scan", jax.value_and_grad(table), f64(3, 4))
case("scan in scan grad grad", jax.grad(lambda x: (jax.grad(table)(x) ** 2).sum()), f64(3, 4))


def choosy(w, xs):
    def step(c, x):
        c = lax.cond(x.sum() > 0, lambda: jnp.tanh(c @ w), lambda: c * x)
        return c, lax.switch((x[0] > 0).astype(int), [lambda: c.sum(), lambda: (c * c).sum()])

    c, ys = lax.scan(step, jnp.ones(3), xs)
    return c.sum() + (ys * ys).sum()


case("cond in scan", jax.value_and_grad(choosy, (0, 1)), f64(3, 3), f64(6, 3))
case("cond in scan vmap", jax.vmap(jax.grad(choosy), (None, 0)), f64(3, 3), f64(2, 6, 3))


def halving(xs):
    def step(c, x):
        n = lax.while_loop(lambda s: s[0] > 1, lambda s: (s[0] / 2, s[1] + 1), (jnp.abs(x) * 100, jnp.int32(0)))[1]
        return c + n, n

    return lax.scan(step, jnp.int32(0), xs)


case("while in scan", halving, f64(5))
case("while in scan vmap", jax.vmap(halving), f64(3, 5))
case("scan of vmap", lambda w, xs: lax.scan(lambda c, x: (jax.vmap(lambda r: jnp.tanh(r @ w))(c) + x, None), jnp.zeros((4, 3)), xs)[0], f64(3, 3), f64(5, 4, 3))
case(
    "scan in cond",
    jax.value_and_grad(lambda x: lax.cond(x[0] > 0, lambda: lax.scan(lambda c, v: (c * v, None), 1.0, x)[0], lambda: (x * x).sum())),
    np.abs(f64(3)),
)
case(
    "checkpoint in scan",
    jax.grad(lambda w, xs: lax.scan(lambda c, x: (jax.checkpoint(lambda c: jnp.sin(jnp.tanh(c @ w) * x))(c), None), jnp.ones(3), xs)[0].sum()),
    f64(3, 3),
    f64(4, 3),
)

write("control.json.gz", ["jax", "numpy"], cases)
