"""JAX alone: jitted, state donated, arrays on the device before the measurement."""

import contextlib
import importlib.metadata
import math

import jax
import jax.numpy as jnp
import numpy as np

import inputs
from serve import Absent, Work, serve

RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-7


def adam_start(params):
    return jnp.int32(0), [jnp.zeros_like(p) for p in params], [jnp.zeros_like(p) for p in params]


def adam(params, grads, slots):
    t, ms, vs = slots
    t = t + 1
    now = t.astype(jnp.float32)
    rate = RATE * jnp.sqrt(1 - BETA2**now) / (1 - BETA1**now)
    ms = [m + (g - m) * (1 - BETA1) for m, g in zip(ms, grads)]
    vs = [v + (g * g - v) * (1 - BETA2) for v, g in zip(vs, grads)]
    params = [p - rate * m / (jnp.sqrt(v) + EPSILON) for p, m, v in zip(params, ms, vs)]
    return params, (t, ms, vs)


def crossentropy(logits, y):
    return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(logits), axis=-1))


def mlp(params, x):
    for i in range(0, len(params) - 2, 2):
        x = jax.nn.relu(x @ params[i] + params[i + 1])
    return x @ params[-2] + params[-1]


def cnn(params, x):
    w1, b1, w2, b2, w3, b3, w4, b4 = params

    def conv(x, w, b):
        y = jax.lax.conv_general_dilated(
            x, w, (1, 1), "VALID", dimension_numbers=("NHWC", "HWIO", "NHWC")
        )
        y = jax.nn.relu(y + b)
        return jax.lax.reduce_window(y, -jnp.inf, jax.lax.max, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")

    x = conv(conv(x, w1, b1), w2, b2)
    x = jax.nn.relu(x.reshape(x.shape[0], -1) @ w3 + b3)
    return x @ w4 + b4


def layer_norm(x, gamma, beta):
    mean = x.mean(-1, keepdims=True)
    variance = jnp.square(x - mean).mean(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(variance + 1e-5) * gamma + beta


def block(params, x, heads):
    g1, c1, wqkv, bqkv, wo, bo, g2, c2, w1, b1, w2, b2 = params
    batch, length, width = x.shape
    qkv = layer_norm(x, g1, c1) @ wqkv + bqkv
    q, k, v = jnp.moveaxis(qkv.reshape(batch, length, 3, heads, width // heads), 2, 0)
    seen = jax.nn.dot_product_attention(q, k, v, is_causal=True)
    x = x + seen.reshape(batch, length, width) @ wo + bo
    h = jax.nn.gelu(layer_norm(x, g2, c2) @ w1 + b1)
    return x + h @ w2 + b2


def trainer(loss_of, params, batches):
    """The jitted step over `loss_of(params, metric, batch) -> loss, metric`."""

    def step(state, batch):
        params, slots, metric = state
        (loss, metric), grads = jax.value_and_grad(loss_of, has_aux=True)(params, metric, batch)
        params, slots = adam(params, grads, slots)
        return loss, (params, slots, metric)

    step = jax.jit(step, donate_argnums=0)
    params = [jnp.array(p) for p in params]
    state = [(params, adam_start(params), (jnp.float32(0), jnp.float32(0)))]
    at = [0]

    def run(reps):
        s, i = state[0], at[0]
        for _ in range(reps):
            loss, s = step(s, batches[i % len(batches)])
            i += 1
        state[0], at[0] = s, i
        jax.block_until_ready((loss, s))
        return loss

    return Work(run, lambda: [float(run(1)) for _ in range(5)]), step, state


def classifier_loss(model):
    def loss_of(params, metric, batch):
        x, y = batch
        logits = model(params, x)
        right = jnp.argmax(logits, -1) == jnp.argmax(y, -1)
        metric = metric[0] + jnp.sum(right.astype(jnp.float32)), metric[1] + y.shape[0]
        return crossentropy(logits, y), metric

    return loss_of


def placed(batches, classes):
    return [(jnp.array(x), jnp.array(inputs.one_hot(y, classes))) for x, y in batches]


def loop(sizes):
    """The whole loop: an epoch shuffled by NumPy, rows gathered by hand."""
    x, y = inputs.loop_data(sizes)
    y = inputs.one_hot(y, sizes["classes"])
    batch = sizes["batch"]
    _, step, state = trainer(classifier_loss(mlp), inputs.mlp_parameters(sizes), [None])
    rng = np.random.default_rng(1)

    def epoch():
        order = rng.permutation(len(x))
        s, told = state[0], []
        for number, at in enumerate(range(0, len(x), batch)):
            rows = order[at : at + batch]
            loss, s = step(s, (x[rows], y[rows]))
            if number % 100 == 0:
                told.append(float(loss))
        state[0] = jax.block_until_ready(s)
        return told

    return Work(lambda reps: [epoch() for _ in range(reps)], lambda: [float(np.mean(epoch()))])


def repeat(f, args, heavy=True, carry=False):
    """Calls of a jitted function. Heavy ones are waited for one by one: more than one in flight
    costs memory and tells nothing of a single one."""

    def run(reps):
        x = args
        for _ in range(reps):
            out = f(*x)
            if heavy:
                jax.block_until_ready(out)
            if carry:
                x = (out, *args[1:])
        jax.block_until_ready(out)

    def check():
        out = f(*args)
        return [n for leaf in jax.tree.leaves(out) for n in inputs.digest(leaf)]

    return Work(run, check)


def elementwise(sizes):
    args = [jnp.array(inputs.uniform(s, (sizes["count"],), 2)) for s in (1, 2, 3)]
    return repeat(jax.jit(lambda x, y, z: jax.nn.gelu(x) * jnp.tanh(y) + jnp.exp(-z * z)), args)


def adam_update(sizes):
    p = jnp.array(inputs.uniform(1, (sizes["count"],)))
    g = jnp.array(inputs.uniform(2, (sizes["count"],)))
    step = jax.jit(lambda p, slots, g: adam([p], [g], slots), donate_argnums=(0, 1))
    state = [(p, adam_start([p]))]

    def run(reps):
        p, slots = state[0]
        for _ in range(reps):
            [p], slots = step(p, slots, g)
        state[0] = jax.block_until_ready((p, slots))

    def check():
        run(3)
        return inputs.digest(state[0][0])

    return Work(run, check)


def rowwise(sizes):
    rows, columns, op = sizes["rows"], sizes["columns"], sizes["op"]
    x = jnp.array(inputs.uniform(1, (rows, columns), 3))
    weight = jnp.array(inputs.uniform(2, (rows, columns)))
    gamma, beta = jnp.array(inputs.uniform(3, (columns,))), jnp.array(inputs.uniform(4, (columns,)))
    forward = {
        "softmax": lambda x: jax.nn.softmax(x, axis=-1),
        "logsumexp": lambda x: jax.nn.logsumexp(x, axis=-1),
        "layerNorm": layer_norm,
        "sum0": lambda x: x.sum(0),
        "sum1": lambda x: x.sum(1),
        "sum": lambda x: x.sum(),
    }[op]
    args = (x, gamma, beta) if op == "layerNorm" else (x,)
    if not sizes["gradient"]:
        return repeat(jax.jit(forward), args)
    weight = weight[:, 0] if op == "logsumexp" else weight
    f = jax.grad(lambda args, w: jnp.sum(forward(*args) * w))
    return repeat(jax.jit(f), (args, weight))


def matmul(sizes):
    n, dtype = sizes["n"], np.dtype(sizes["dtype"])
    wide = jax.enable_x64(True) if dtype == np.float64 else contextlib.nullcontext()
    with wide:
        a, b = (jnp.array(inputs.uniform(s, (n, n), dtype=dtype)) for s in (1, 2))
        inner = repeat(jax.jit(jnp.matmul), (a, b), heavy=n > 256)

    def within(f):
        def g(*args):
            with jax.enable_x64(dtype == np.float64):
                return f(*args)

        return g

    return Work(within(inner.run), within(inner.check))


def batched(sizes):
    a = jnp.array(inputs.uniform(1, (64, 128, 64)))
    b = jnp.array(inputs.uniform(2, (64, 64, 128)))
    return repeat(jax.jit(jnp.matmul), (a, b))


def tiny(sizes):
    x = jnp.array(inputs.uniform(1, (64,)))
    return repeat(jax.jit(lambda x: x * 0.5), (x,), heavy=False)


def add(sizes):
    x, y = (jnp.array(inputs.uniform(s, (64,))) for s in (1, 2))
    return repeat(lambda x, y: x + y, (x, y), heavy=False)


def prepare(kind, sizes, lane):
    if kind == "mlp":
        batches = placed(inputs.mlp_batches(sizes), sizes["classes"])
        return trainer(classifier_loss(mlp), inputs.mlp_parameters(sizes), batches)[0]
    if kind == "cnn":
        batches = placed(inputs.cnn_batches(sizes), 10)
        return trainer(classifier_loss(cnn), inputs.cnn_parameters(), batches)[0]
    if kind == "block":
        x, y = (jnp.array(a) for a in inputs.block_data(sizes))

        def loss_of(params, metric, batch):
            return jnp.mean(jnp.square(block(params, batch[0], sizes["heads"]) - batch[1])), metric

        return trainer(loss_of, inputs.block_parameters(sizes), [(x, y)])[0]
    makers = {
        "loop": loop, "elementwise": elementwise, "adam": adam_update, "rowwise": rowwise,
        "matmul": matmul, "batched": batched, "tiny": tiny, "add": add,
    }  # fmt: skip
    if kind not in makers:
        raise Absent("does not apply")
    return makers[kind](sizes)


serve({name: importlib.metadata.version(name) for name in ("jax", "jaxlib", "numpy")}, prepare)
