"""NumPy by hand, in float32 and into buffers that are there: what one writes without a framework."""

import numpy as np

import inputs
from serve import Absent, Work, serve

RATE, BETA1, BETA2, EPSILON = 1e-3, 0.9, 0.999, 1e-7


class Adam:
    """Updates in place; the moments of each parameter, and two buffers."""

    def __init__(self, params):
        self.t = 0
        self.slots = [[p, *(np.zeros_like(p) for _ in range(4))] for p in params]

    def __call__(self, grads):
        self.t += 1
        rate = np.float32(RATE * np.sqrt(1 - BETA2**self.t) / (1 - BETA1**self.t))
        for (p, m, v, a, b), g in zip(self.slots, grads):
            np.subtract(g, m, out=a)
            a *= np.float32(1 - BETA1)
            m += a
            np.multiply(g, g, out=a)
            a -= v
            a *= np.float32(1 - BETA2)
            v += a
            np.sqrt(v, out=a)
            a += np.float32(EPSILON)
            np.divide(m, a, out=b)
            b *= rate
            p -= b


class Net:
    """A dense net and its gradients, written out."""

    def __init__(self, sizes):
        self.params = inputs.mlp_parameters(sizes)
        self.adam = Adam(self.params)
        self.right = self.seen = 0

    def step(self, x, y):
        params = self.params
        values = [x]
        for i in range(0, len(params), 2):
            x = x @ params[i]
            x += params[i + 1]
            if i < len(params) - 2:
                np.maximum(x, 0, out=x)
            values.append(x)
        logits = values.pop()
        shifted = logits - logits.max(1, keepdims=True)
        exps = np.exp(shifted)
        sums = exps.sum(1, keepdims=True)
        loss = float(np.mean(np.log(sums[:, 0]) - (shifted * y).sum(1)))
        self.right += int((logits.argmax(1) == y.argmax(1)).sum())
        self.seen += len(y)
        d = exps / sums
        d -= y
        d /= np.float32(len(y))
        grads = [None] * len(params)
        for i in range(len(params) - 2, -1, -2):
            h = values[i // 2]
            grads[i], grads[i + 1] = h.T @ d, d.sum(0)
            if i > 0:
                d = d @ params[i].T
                d *= h > 0
        self.adam(grads)
        return loss


def steps(sizes):
    net, at = Net(sizes), [0]
    batches = [(x, inputs.one_hot(y, sizes["classes"])) for x, y in inputs.mlp_batches(sizes)]

    def run(reps):
        for _ in range(reps):
            loss = net.step(*batches[at[0] % len(batches)])
            at[0] += 1
        return loss

    return Work(run, lambda: [run(1) for _ in range(5)])


def loop(sizes):
    x, y = inputs.loop_data(sizes)
    y, batch = inputs.one_hot(y, sizes["classes"]), sizes["batch"]
    net, rng = Net(sizes), np.random.default_rng(1)

    def epoch():
        order, told = rng.permutation(len(x)), []
        for number, at in enumerate(range(0, len(x), batch)):
            rows = order[at : at + batch]
            loss = net.step(x[rows], y[rows])
            if number % 100 == 0:
                told.append(loss)
        return told

    return Work(lambda reps: [epoch() for _ in range(reps)], lambda: [float(np.mean(epoch()))])


def repeat(f):
    def run(reps):
        for _ in range(reps):
            out = f()
        return out

    def check():
        out = f()
        leaves = out if isinstance(out, tuple) else (out,)
        return [n for leaf in leaves for n in inputs.digest(leaf)]

    return Work(run, check)


def elementwise(sizes):
    x, y, z = (inputs.uniform(s, (sizes["count"],), 2) for s in (1, 2, 3))
    a, b = np.empty_like(x), np.empty_like(x)
    root = np.float32(np.sqrt(2 / np.pi))

    def f():
        np.multiply(x, x, out=a)
        np.multiply(a, np.float32(0.044715), out=a)
        np.add(a, 1, out=a)
        np.multiply(a, x, out=a)
        np.multiply(a, root, out=a)
        np.tanh(a, out=a)
        np.add(a, 1, out=a)
        np.multiply(a, x, out=a)
        np.multiply(a, np.float32(0.5), out=a)
        np.tanh(y, out=b)
        np.multiply(a, b, out=a)
        np.multiply(z, z, out=b)
        np.negative(b, out=b)
        np.exp(b, out=b)
        np.add(a, b, out=a)
        return a

    return repeat(f)


def adam_update(sizes):
    p, g = inputs.uniform(1, (sizes["count"],)), inputs.uniform(2, (sizes["count"],))
    adam = Adam([p])

    def run(reps):
        for _ in range(reps):
            adam([g])

    def check():
        run(3)
        return inputs.digest(p)

    return Work(run, check)


def rowwise(sizes):
    rows, columns, op = sizes["rows"], sizes["columns"], sizes["op"]
    x = inputs.uniform(1, (rows, columns), 3)
    w = inputs.uniform(2, (rows, columns))
    gamma, beta = inputs.uniform(3, (columns,)), inputs.uniform(4, (columns,))
    out = np.empty_like(x)

    def softmax():
        np.subtract(x, x.max(1, keepdims=True), out=out)
        np.exp(out, out=out)
        np.divide(out, out.sum(1, keepdims=True), out=out)
        return out

    def softmax_gradient():
        y = softmax()
        inner = np.einsum("ij,ij->i", y, w)[:, None]
        return y * (w - inner)

    def logsumexp():
        top = x.max(1, keepdims=True)
        np.subtract(x, top, out=out)
        np.exp(out, out=out)
        return np.log(out.sum(1)) + top[:, 0]

    column = np.ascontiguousarray(w[:, :1])

    def logsumexp_gradient():
        y = softmax()
        y *= column
        return y

    def normalized():
        np.subtract(x, x.mean(1, keepdims=True), out=out)
        scale = 1 / np.sqrt(np.einsum("ij,ij->i", out, out) / np.float32(columns) + np.float32(1e-5))
        np.multiply(out, scale[:, None], out=out)
        return out, scale[:, None]

    def layer_norm():
        y, _ = normalized()
        y *= gamma
        y += beta
        return y

    def layer_norm_gradient():
        y, scale = normalized()
        d = w * gamma
        means = d.mean(1, keepdims=True), np.einsum("ij,ij->i", d, y)[:, None] / np.float32(columns)
        dgamma = np.einsum("ij,ij->j", w, y)
        d -= means[0]
        d -= y * means[1]
        d *= scale
        return d, dgamma, w.sum(0)

    forward = {
        "softmax": softmax, "logsumexp": logsumexp, "layerNorm": layer_norm,
        "sum0": lambda: x.sum(0), "sum1": lambda: x.sum(1), "sum": lambda: x.sum(),
    }  # fmt: skip
    gradient = {
        "softmax": softmax_gradient,
        "logsumexp": logsumexp_gradient,
        "layerNorm": layer_norm_gradient,
    }
    return repeat((gradient if sizes["gradient"] else forward)[op])


def matmul(sizes):
    n, dtype = sizes["n"], np.dtype(sizes["dtype"])
    a, b = (inputs.uniform(s, (n, n), dtype=dtype) for s in (1, 2))
    out = np.empty_like(a)
    return repeat(lambda: np.matmul(a, b, out=out))


def batched(sizes):
    a, b = inputs.uniform(1, (64, 128, 64)), inputs.uniform(2, (64, 64, 128))
    out = np.empty((64, 128, 128), np.float32)
    return repeat(lambda: np.matmul(a, b, out=out))


def add(sizes):
    x, y = (inputs.uniform(s, (64,)) for s in (1, 2))
    return repeat(lambda: x + y)


def prepare(kind, sizes, lane):
    makers = {
        "mlp": steps, "loop": loop, "elementwise": elementwise, "adam": adam_update,
        "rowwise": rowwise, "matmul": matmul, "batched": batched, "add": add,
    }  # fmt: skip
    if kind not in makers:
        raise Absent("does not apply")
    return makers[kind](sizes)


serve({"numpy": np.__version__}, prepare)
