"""Transformations as JAX defines them: shapes of Jacobians, trees, axes, kinks, keys under vmap.

A case names a function that tests/transform/goldens_test.ts writes once more in glissade; `args` are
its arguments and `want` the leaves of the result in the order of jax.tree.leaves. float64.
"""

import jax
import jax.numpy as jnp
import numpy as np

from golden import rng, write

jax.config.update("jax_enable_x64", True)
cases = []
g = rng("transform")


def case(name, f, *args):
    want = [np.asarray(x) for x in jax.tree.leaves(f(*[jnp.asarray(a) for a in args]))]
    cases.append({"name": name, "args": [np.asarray(a) for a in args], "want": want})


def draw(*shape):
    return np.round(g.normal(size=shape), 3)


# ---- Jacobians: the output's axes first, trees of outputs around trees of inputs

def table(x):
    return jnp.stack([jnp.sin(x).sum(0), (x * x).prod(0), x[0]])


def trees(p):
    return {"v": p["a"] * p["b"], "s": [jnp.sum(p["a"]) * p["b"] ** 2]}


def loss(p):
    return jnp.sum(jnp.exp(p["a"] * p["b"])) + p["b"] ** 3


x22, a3, b = draw(2, 2), draw(3), draw()
case("jacfwd table", jax.jacfwd(table), x22)
case("jacrev table", jax.jacrev(table), x22)
case("jacfwd trees", lambda a, b: jax.jacfwd(trees)({"a": a, "b": b}), a3, b)
case("jacrev trees", lambda a, b: jax.jacrev(trees)({"a": a, "b": b}), a3, b)
case("hessian trees", lambda a, b: jax.hessian(loss)({"a": a, "b": b}), a3, b)
case("hessian of two arguments",
     jax.hessian(lambda x, y: jnp.sum(x ** 2 * y[:, None]) + jnp.prod(y), argnums=(0, 1)), draw(2, 3), draw(2))
case("jacrev of argument 1", jax.jacrev(lambda x, y: x @ y, argnums=1), draw(2, 3), draw(3))

# ---- products with Jacobians

h = draw(4)
case("jvp", lambda x, t: jax.jvp(lambda x: jnp.cumsum(jnp.tanh(x) * x[::-1]), (x,), (t,)), h, draw(4))
case("vjp", lambda x, c: jax.vjp(lambda x: jnp.cumsum(jnp.tanh(x) * x[::-1]), x)[1](c), h, draw(4))
case("hvp forward over reverse", lambda x, v: jax.jvp(jax.grad(lambda x: jnp.sum(jnp.sin(x) * jnp.cumprod(x))), (x,), (v,)), h, draw(4))
case("hvp reverse over reverse",
     lambda x, v: jax.grad(lambda x: jnp.vdot(jax.grad(lambda x: jnp.sum(jnp.sin(x) * jnp.cumprod(x)))(x), v))(x), h, draw(4))

# ---- kinks in forward mode

ties = np.array([2.0, 1.0, 2.0, -3.0, 2.0])
zeros = np.array([0.0, 2.0, 0.0])
along = draw(5)
case("jvp max of ties", lambda x, t: jax.jvp(jnp.max, (x,), (t,)), ties, along)
case("jvp sort of ties", lambda x, t: jax.jvp(jnp.sort, (x,), (t,)), ties, along)
case("jvp maximum of ties", lambda x, t: jax.jvp(lambda x: jnp.maximum(x, 2.0), (x,), (t,)), ties, along)
case("jvp abs at zero", lambda x, t: jax.jvp(jnp.abs, (x,), (t,)), zeros, draw(3))
case("jvp prod with zeros", lambda x, t: jax.jvp(jnp.prod, (x,), (t,)), zeros, draw(3))
case("jvp cumprod with zeros", lambda x, t: jax.jvp(jnp.cumprod, (x,), (t,)), zeros, draw(3))

# ---- vmap

m, n = draw(3, 4), draw(4, 3)
case("vmap of dot over columns", jax.vmap(jnp.dot, in_axes=(0, 1)), m, n)
case("vmap out axis 1", jax.vmap(lambda x, y: jnp.outer(x, y), in_axes=(0, 1), out_axes=1), m, n)
case("vmap out axis -1", jax.vmap(lambda x: jnp.outer(x, x), in_axes=-1, out_axes=-1), m)
case("vmap with one argument whole", jax.vmap(lambda x, w: jnp.tanh(w @ x), in_axes=(0, None)), m, draw(2, 4))
case("vmap of trees",
     lambda a, b: jax.vmap(lambda p: {"x": p["a"] * p["b"], "y": jnp.sum(p["a"])}, in_axes=({"a": 1, "b": None},),
                           out_axes={"x": 1, "y": 0})({"a": a, "b": b}), m, draw(3))
case("vmap nested", jax.vmap(jax.vmap(lambda x, y: x * y - y, in_axes=(None, 0)), in_axes=(0, None)), draw(2), draw(3))
case("vmap of a constant", jax.vmap(lambda x: jnp.arange(3.0)), draw(2))

w, xs, ys = draw(3), draw(5, 3), draw(5)
case("gradients of each example", jax.vmap(jax.grad(lambda w, x, y: jnp.square(jnp.tanh(x @ w) - y)), in_axes=(None, 0, 0)), w, xs, ys)
case("Hessians of each example", jax.vmap(jax.hessian(lambda w, x: jnp.exp(-jnp.sum((w * x) ** 2))), in_axes=(None, 0)), w, xs)
case("vmap of indices", jax.vmap(lambda x, i: jax.lax.dynamic_slice(x, (i,), (2,))), m, np.array([0, 7, -5], np.int32))
case("vmap of updates", jax.vmap(lambda x, u, i: jax.lax.dynamic_update_slice(x, u, (i,))), m, draw(3, 2), np.array([1, 9, -9], np.int32))
case("vmap of take", jax.vmap(jnp.take, in_axes=(0, 0)), m, np.array([[0, 3], [-1, 2], [1, 1]], np.int32))

# ---- keys

keys = np.asarray(jax.random.split(jax.random.PRNGKey(7), 4))
case("uniform of each key", jax.vmap(lambda k: jax.random.uniform(k, (3,), jnp.float32)), keys)
case("split of each key", jax.vmap(lambda k: jax.random.split(k, 2)), keys)
case("fold_in of a counter", jax.vmap(jax.random.fold_in, in_axes=(None, 0)), keys[0], np.arange(5, dtype=np.uint32))
case("permutation of each key", jax.vmap(lambda k: jax.random.permutation(k, jnp.arange(6, dtype=jnp.int32))), keys)

# ---- rules of one's own


@jax.custom_jvp
def soft(x, y):
    return jnp.log(jnp.exp(x) + jnp.exp(y))


@soft.defjvp
def _(primals, tangents):
    x, y = primals
    dx, dy = tangents
    s = jax.nn.sigmoid(x - y)
    return soft(x, y), 3 * (s * dx + (1 - s) * dy)  # not the true slope: the rule must be used


@jax.custom_vjp
def clipped(x):
    return jnp.sin(x)


clipped.defvjp(lambda x: (jnp.sin(x), jnp.cos(x)), lambda c, ct: (jnp.clip(ct * c, -0.5, 0.5),))

case("custom jvp forward", lambda x, y, t: jax.jvp(soft, (x, y), (t, t * 2)), h, h[::-1].copy(), draw(4))
case("custom jvp in reverse", jax.grad(lambda x, y: jnp.sum(soft(x, y) ** 2), argnums=(0, 1)), h, h[::-1].copy())
case("custom jvp twice", jax.grad(lambda x, y: jnp.sum(jax.grad(lambda x: jnp.sum(soft(x, y)))(x) ** 2)), h, h[::-1].copy())
case("custom vjp", jax.grad(lambda x: jnp.sum(3 * clipped(x))), h)
case("custom vjp of each example", jax.vmap(jax.grad(lambda x: 3 * clipped(x))), h)
case("custom vjp of a batch", jax.grad(lambda x: jnp.sum(3 * jax.vmap(clipped)(x))), h)
case("custom vjp twice", jax.grad(lambda x: jnp.sum(jax.grad(lambda x: jnp.sum(clipped(x)))(x) ** 2)), h * 2)

write("transform.json", ["jax", "numpy"], cases)
