"""The trajectory of the guide's model (784-64-64-10, Adam 1e-3) over 50 batches of real MNIST.

Keras on JAX runs it twice from the same initial weights: in float64, free running, checked here
against Adam written out in NumPy; and in float32, recording every step's state, loss and gradients.

data/guide.json says what lies where; data/guide_pixels.bin.gz holds uint8 pixels [1600, 784] and
labels [1600]; data/guide_float64.bin.gz the weights; data/guide_float32.bin.gz the recorded steps.

The float32 states are 33 MB that hardly compress, so they are stored as the difference (exclusive
or of the bits) from a prediction: Adam's formula applied to the recorded gradients. The difference
is nearly all zero, and undoing it gives the recorded bits whatever the prediction was; read.ts
checks their SHA-256.
"""

import gzip
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
STEPS, BATCH = 50, 32
FLOATX = sys.argv[1] if len(sys.argv) > 1 else "float32"

import jax  # noqa: E402

if FLOATX == "float64":
    jax.config.update("jax_enable_x64", True)
import keras  # noqa: E402
import numpy as np  # noqa: E402

from golden import DATA, text, versions  # noqa: E402
from mnist import PACKAGE, first_images  # noqa: E402

keras.config.set_floatx(FLOATX)


def batches(dtype):
    x, y = first_images(STEPS * BATCH)
    eye = np.eye(10, dtype=dtype)
    for t in range(STEPS):
        at = slice(t * BATCH, (t + 1) * BATCH)
        yield x[at].astype(dtype), eye[y[at]]


def build_model():
    inputs = keras.Input(shape=(784,), name="digits")
    x = keras.layers.Dense(64, activation="relu")(inputs)
    x = keras.layers.Dense(64, activation="relu")(x)
    outputs = keras.layers.Dense(10, name="predictions")(x)
    return keras.Model(inputs=inputs, outputs=outputs)


def initial_weights():
    """float32 in both runs: glorotUniform with seeds 1, 2, 3 for the kernels, zeros for biases."""
    shapes = [(784, 64), (64,), (64, 64), (64,), (64, 10), (10,)]
    seeds = iter((1, 2, 3))
    return [np.asarray(keras.initializers.GlorotUniform(seed=next(seeds))(s, dtype="float32"))
            if len(s) == 2 else np.zeros(s, np.float32) for s in shapes]


def trajectory(start):
    """Yields (loss, gradients, state before, state after); a state is (trainable, optimizer)."""
    model = build_model()
    for v, w in zip(model.trainable_variables, start):
        v.assign(w)
    optimizer = keras.optimizers.Adam(learning_rate=1e-3)
    optimizer.build(model.trainable_variables)
    loss_fn = keras.losses.CategoricalCrossentropy(from_logits=True)

    def compute_loss(tv, x, y):
        y_pred, _ = model.stateless_call(tv, [], x, training=True)
        return loss_fn(y, y_pred)

    @jax.jit
    def step(tv, ov, x, y):
        loss, grads = jax.value_and_grad(compute_loss)(tv, x, y)
        return loss, grads, *optimizer.stateless_apply(ov, grads, tv)

    tv = [v.value for v in model.trainable_variables]
    ov = [v.value for v in optimizer.variables]
    yield [(v.path, list(v.shape), str(v.dtype)) for v in [*model.trainable_variables, *optimizer.variables]]
    for x, y in batches(FLOATX):
        loss, grads, tv2, ov2 = step(tv, ov, x, y)
        yield loss, grads, (tv, ov), (tv2, ov2)
        tv, ov = tv2, ov2


def flat(arrays):
    return np.concatenate([np.ravel(np.asarray(a)) for a in arrays])


def numpy_reference(start):
    """The same 50 steps written out in NumPy: losses and final weights."""
    w = [a.astype(np.float64) for a in start]
    m, v = [0 * a for a in w], [0 * a for a in w]
    losses = []
    for t, (x, y) in enumerate(batches(np.float64), 1):
        h1 = np.maximum(x @ w[0] + w[1], 0)
        h2 = np.maximum(h1 @ w[2] + w[3], 0)
        z = h2 @ w[4] + w[5]
        z = z - z.max(1, keepdims=True)
        logp = z - np.log(np.exp(z).sum(1, keepdims=True))
        losses.append(-(y * logp).sum() / BATCH)
        dz = (np.exp(logp) - y) / BATCH
        d2 = dz @ w[4].T * (h2 > 0)
        d1 = d2 @ w[2].T * (h1 > 0)
        g = [x.T @ d1, d1.sum(0), h1.T @ d2, d2.sum(0), h2.T @ dz, dz.sum(0)]
        a = 1e-3 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
        for i in range(6):
            m[i] = m[i] + (g[i] - m[i]) * (1 - 0.9)
            v[i] = v[i] + (g[i] * g[i] - v[i]) * (1 - 0.999)
            w[i] = w[i] - a * m[i] / (np.sqrt(v[i]) + 1e-7)
    return np.array(losses), flat(w)


def run_float64(path):
    start = [np.load(path)[f"arr_{i}"] for i in range(6)]
    run = trajectory(start)
    next(run)
    losses, weights, first = [], [], None
    for loss, grads, _, (tv, _) in run:
        losses.append(float(loss))
        weights.append(flat(tv))
        first = flat(grads) if first is None else first
    ref_losses, ref_weights = numpy_reference(start)
    d_loss = np.max(np.abs(ref_losses - losses) / np.abs(losses))
    d_weight = np.max(np.abs(ref_weights - weights[-1]))
    print(f"float64, Keras against NumPy: loss {d_loss:.1e} relative, weights {d_weight:.1e}")
    assert d_loss < 1e-10 and d_weight < 1e-9
    np.savez(path, losses=losses, weights=weights, first=first)


f = np.float32
d = np.float64


def predict(w, m, v, g, a):
    """Adam in float32, fused as XLA does it: each f() is one rounding. read.ts has its twin."""
    m2 = f(d(f(g - m)) * d(f(1 - 0.9)) + d(m))
    v2 = f(d(f(d(g) * d(g) - d(v))) * d(f(1 - 0.999)) + d(v))
    return f(w - f(f(m2 * a) / f(f(np.sqrt(v2)) + f(1e-7)))), m2, v2


def shuffled(u):
    """Byte planes: all lowest bytes, then all second ones, ... : zeros lie together."""
    return np.ascontiguousarray(u.astype("<u4").view(np.uint8).reshape(-1, 4).T).tobytes()


def pack(name, raw):
    data = gzip.compress(raw, 9, mtime=0)
    (DATA / name).write_bytes(data)
    print(f"{name}: {len(raw):,} -> {len(data):,} bytes")


def main():
    start = initial_weights()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "run.npz"
        np.savez(path, *start)
        subprocess.run([sys.executable, __file__, "float64", str(path)], check=True)
        with np.load(path) as z:
            losses64, weights64, first64 = z["losses"], z["weights"], z["first"]

    run = trajectory(start)
    variables = next(run)
    losses, alphas, grads_all, residuals, digest = [], [], [], [[], [], []], hashlib.sha256()
    beta1, beta2 = f(0.9), f(0.999)
    for t, (loss, grads, (tv, ov), (tv2, ov2)) in enumerate(run, 1):
        assert int(ov[0]) == t - 1 and f(ov[1]) == f(1e-3)
        w, m, v, g = flat(tv), flat(ov[2::2]), flat(ov[3::2]), flat(grads)
        after = flat(tv2), flat(ov2[2::2]), flat(ov2[3::2])
        a = f(f(f(1e-3) * np.sqrt(f(1 - f(d(beta2)**t)))) / f(1 - f(d(beta1)**t)))
        losses.append(f(loss))
        alphas.append(a)
        grads_all.append(g)
        for held, got, want in zip(residuals, predict(w, m, v, g, a), after):
            held.append(got.view(np.uint32) ^ want.view(np.uint32))
        for part in (g, *after):
            digest.update(part.astype("<f4").tobytes())
    words = [np.stack(x) for x in (np.stack(grads_all).view(np.uint32), *residuals)]
    for name, r in zip("wmv", words[1:]):
        print(f"  {name}: predicted {np.mean(r == 0):.4%} of all words")
    pack("guide_float32.bin.gz", flat(start).tobytes() + b"".join(map(shuffled, words)))

    x, y = first_images(STEPS * BATCH)
    pack("guide_pixels.bin.gz", x.tobytes() + y.tobytes())
    full = [10, 50]
    pack("guide_float64.bin.gz",
         np.concatenate([first64, *(weights64[t - 1] for t in full)]).astype("<f8").tobytes())
    head = {
        "versions": versions("jax", "keras", "numpy"),
        "images": f"{PACKAGE}, the first {STEPS * BATCH} of the training set in order",
        "steps": STEPS, "batch": BATCH, "learningRate": 1e-3,
        "variables": [{"path": p, "shape": s, "dtype": t} for p, s, t in variables],
        "float64": {
            "losses": np.array(losses64),
            "weightsAfter": full,
            "checks": [{"step": t, "sum": float(weights64[t - 1].sum()),
                        "sumOfMagnitudes": float(np.abs(weights64[t - 1]).sum())}
                       for t in (1, 2, 5, 10, 20, 30, 40, 50)],
        },
        "float32": {"losses": np.array(losses), "alphas": np.array(alphas),
                    "sha256": digest.hexdigest()},
    }
    (DATA / "guide.json").write_text(text(head) + "\n")


if FLOATX == "float64":
    run_float64(pathlib.Path(sys.argv[2]))
else:
    main()
