"""PyTorch: eager with fused Adam (lane "torch"), and through torch.compile (lane "torch-compiled").

BENCH_DEVICE says where: "cpu", or "cuda" for the first GPU that is visible.
"""

import os
import time

import numpy as np
import torch
import torch.nn.functional as F

import inputs
from serve import Absent, Work, serve, threads

torch.set_num_threads(threads())
torch.set_flush_denormal(True)
DEVICE = os.environ.get("BENCH_DEVICE", "cpu")
ON_GPU = DEVICE != "cpu" and torch.cuda.is_available()
if ON_GPU:
    torch.set_default_device(DEVICE)
    # float32 as everybody else computes it
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False
    torch.backends.cudnn.benchmark = True


def tensor(array):
    return torch.from_numpy(np.ascontiguousarray(array)).to(DEVICE)


def transposed(array):
    return np.ascontiguousarray(array.T)


def linear(w, b):
    layer = torch.nn.Linear(*w.shape)
    with torch.no_grad():
        layer.weight.copy_(tensor(transposed(w)))
        layer.bias.copy_(tensor(b))
    return layer


def mlp(sizes):
    params = inputs.mlp_parameters(sizes)
    layers = []
    for i in range(0, len(params), 2):
        layers += [linear(params[i], params[i + 1]), torch.nn.ReLU()]
    return torch.nn.Sequential(*layers[:-1])


def cnn(memory_format):
    w1, b1, w2, b2, w3, b3, w4, b4 = inputs.cnn_parameters()

    def conv(w, b):
        layer = torch.nn.Conv2d(w.shape[2], w.shape[3], 3)
        with torch.no_grad():
            layer.weight.copy_(tensor(w.transpose(3, 2, 0, 1)))
            layer.bias.copy_(tensor(b))
        return layer

    # rows of the dense layer in the order of channels first
    w3 = w3.reshape(5, 5, 64, 128).transpose(2, 0, 1, 3).reshape(1600, 128)
    model = torch.nn.Sequential(
        conv(w1, b1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        conv(w2, b2), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), linear(w3, b3), torch.nn.ReLU(), linear(w4, b4),
    )  # fmt: skip
    return model.to(memory_format=memory_format)


class Block(torch.nn.Module):
    def __init__(self, sizes):
        super().__init__()
        _, _, wqkv, bqkv, wo, bo, _, _, w1, b1, w2, b2 = inputs.block_parameters(sizes)
        self.heads = sizes["heads"]
        self.norm1, self.norm2 = (torch.nn.LayerNorm(sizes["width"], eps=1e-5) for _ in range(2))
        self.qkv, self.out = linear(wqkv, bqkv), linear(wo, bo)
        self.up, self.down = linear(w1, b1), linear(w2, b2)

    def forward(self, x):
        batch, length, width = x.shape
        qkv = self.qkv(self.norm1(x)).view(batch, length, 3, self.heads, width // self.heads)
        q, k, v = qkv.permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(batch, length, width))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


def fused_adam(params):
    return torch.optim.Adam(params, lr=1e-3, eps=1e-7, fused=True)


def maybe_compiled(f, lane):
    if lane != "torch-compiled":
        return f
    # on a GPU with CUDA graphs
    return torch.compile(f, mode="reduce-overhead" if ON_GPU else None)


def trainer(model, loss_of, batches, lane, setting=None):
    """`loss_of(model, batch)` returns the loss and how many rows were right, or None."""
    forward = maybe_compiled(lambda x, y: loss_of(model, x, y), lane)
    optimizer = fused_adam(model.parameters())
    metric = torch.zeros(2)
    at = [0]

    def step(batch):
        optimizer.zero_grad(set_to_none=True)
        loss, right = forward(*batch)
        loss.backward()
        optimizer.step()
        if right is not None:
            metric[0] += right
            metric[1] += len(batch[1])
        return loss.detach()

    def run(reps):
        for _ in range(reps):
            loss = step(batches[at[0] % len(batches)])
            at[0] += 1
        return loss

    return Work(run, lambda: [float(run(1)) for _ in range(5)], setting), step


def classifier_loss(model, x, y):
    logits = model(x)
    with torch.no_grad():
        right = (logits.argmax(1) == y).sum()
    return F.cross_entropy(logits, y), right


def pairs(batches):
    return [(tensor(x), tensor(y.astype(np.int64))) for x, y in batches]


def loop(sizes, lane):
    """The whole loop: rows of a random order gathered by index, which is faster than a DataLoader."""
    x, y = inputs.loop_data(sizes)
    x, y, batch = tensor(x), tensor(y.astype(np.int64)), sizes["batch"]
    _, step = trainer(mlp(sizes), classifier_loss, [None], lane)

    def epoch():
        order, told = torch.randperm(len(x)), []
        for number, rows in enumerate(order.split(batch)):
            loss = step((x[rows], y[rows]))
            if number % 100 == 0:
                told.append(float(loss))
        return told

    return Work(lambda reps: [epoch() for _ in range(reps)], lambda: [float(np.mean(epoch()))])


def convolutional(sizes, lane):
    """Both memory formats are tried: which is faster depends on the machine."""
    works = []
    for name, memory_format in (
        ("channels first", torch.contiguous_format),
        ("channels last", torch.channels_last),
    ):
        batches = [
            (x.permute(0, 3, 1, 2).contiguous(memory_format=memory_format), y)
            for x, y in pairs(inputs.cnn_batches(sizes))
        ]
        works.append(trainer(cnn(memory_format), classifier_loss, batches, lane, name)[0])
    checks = [work.check() for work in works]
    times = []
    for work in works:
        start = time.perf_counter()
        work.run(5)
        wait()
        times.append(time.perf_counter() - start)
    best = times.index(min(times))
    works[best].check = lambda: checks[best]
    return works[best]


def transformer(sizes, lane):
    batch = tuple(tensor(a) for a in inputs.block_data(sizes))
    return trainer(Block(sizes), lambda m, x, y: (F.mse_loss(m(x), y), None), [batch], lane)[0]


def repeat(f, check):
    def run(reps):
        for _ in range(reps):
            out = f()
        return out

    return Work(run, lambda: [n for leaf in check(f()) for n in inputs.digest(leaf)])


def plain(f, args, lane):
    f = maybe_compiled(f, lane)

    @torch.inference_mode()
    def call():
        return f(*args)

    return repeat(call, lambda out: [out.cpu().numpy()])


def elementwise(sizes, lane):
    args = [tensor(inputs.uniform(s, (sizes["count"],), 2)) for s in (1, 2, 3)]
    return plain(
        lambda x, y, z: F.gelu(x, approximate="tanh") * torch.tanh(y) + torch.exp(-z * z),
        args,
        lane,
    )


def adam_update(sizes, lane):
    p = torch.nn.Parameter(tensor(inputs.uniform(1, (sizes["count"],))))
    p.grad = tensor(inputs.uniform(2, (sizes["count"],)))
    optimizer = fused_adam([p])
    step = maybe_compiled(optimizer.step, lane)

    def run(reps):
        for _ in range(reps):
            step()

    def check():
        run(3)
        return inputs.digest(p.detach().cpu().numpy())

    return Work(run, check)


def rowwise(sizes, lane):
    rows, columns, op = sizes["rows"], sizes["columns"], sizes["op"]
    x = tensor(inputs.uniform(1, (rows, columns), 3))
    weight = tensor(inputs.uniform(2, (rows, columns)))
    gamma, beta = tensor(inputs.uniform(3, (columns,))), tensor(inputs.uniform(4, (columns,)))
    forward = {
        "softmax": lambda x: torch.softmax(x, -1),
        "logsumexp": lambda x: torch.logsumexp(x, -1),
        "layerNorm": lambda x, g, b: F.layer_norm(x, (columns,), g, b, 1e-5),
        "sum0": lambda x: x.sum(0),
        "sum1": lambda x: x.sum(1),
        "sum": lambda x: x.sum(),
    }[op]
    args = (x, gamma, beta) if op == "layerNorm" else (x,)
    if not sizes["gradient"]:
        return plain(forward, args, lane)
    weight = weight[:, 0].contiguous() if op == "logsumexp" else weight
    forward = maybe_compiled(forward, lane)
    args = [a.requires_grad_() for a in args]

    def gradient():
        return torch.autograd.grad(forward(*args), args, weight)

    return repeat(gradient, lambda out: [g.cpu().numpy() for g in out])


def matmul(sizes, lane):
    n, dtype = sizes["n"], np.dtype(sizes["dtype"])
    a, b = (tensor(inputs.uniform(s, (n, n), dtype=dtype)) for s in (1, 2))
    return plain(torch.mm, (a, b), lane)


def batched(sizes, lane):
    a, b = tensor(inputs.uniform(1, (64, 128, 64))), tensor(inputs.uniform(2, (64, 64, 128)))
    return plain(torch.bmm, (a, b), lane)


def tiny(sizes, lane):
    return plain(lambda x: x * 0.5, (tensor(inputs.uniform(1, (64,))),), lane)


def add(sizes, lane):
    x, y = (tensor(inputs.uniform(s, (64,))) for s in (1, 2))

    @torch.inference_mode()
    def run(reps):
        for _ in range(reps):
            z = x + y
        return z

    return Work(run, lambda: inputs.digest(run(1).cpu().numpy()))


def multilayer(sizes, lane):
    return trainer(mlp(sizes), classifier_loss, pairs(inputs.mlp_batches(sizes)), lane)[0]


def wait():
    if ON_GPU:
        torch.cuda.synchronize()


def until_done(work):
    """Runs are over when the device is done with them."""
    run = work.run

    def run_and_wait(reps):
        out = run(reps)
        wait()
        return out

    work.run = run_and_wait
    return work


def prepare(kind, sizes, lane):
    if DEVICE != "cpu" and not ON_GPU:
        raise Absent("this PyTorch finds no GPU")
    makers = {
        "mlp": multilayer, "loop": loop, "cnn": convolutional, "block": transformer,
        "elementwise": elementwise, "adam": adam_update, "rowwise": rowwise,
        "matmul": matmul, "batched": batched, "tiny": tiny, "add": add,
    }  # fmt: skip
    if kind not in makers:
        raise Absent("does not apply")
    torch.compiler.reset()
    return until_done(makers[kind](sizes, lane))


serve({"torch": torch.__version__}, prepare)
