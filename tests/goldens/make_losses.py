"""losses.*: Keras' values and the gradient with respect to yPred (of the sum, if not reduced)."""

from keras_on_jax import PACKAGES

import jax
import jax.numpy as jnp
import keras
import numpy as np

from golden import rng, snake, write

CLASSES = {
    "categoricalCrossentropy": keras.losses.CategoricalCrossentropy,
    "sparseCategoricalCrossentropy": keras.losses.SparseCategoricalCrossentropy,
    "binaryCrossentropy": keras.losses.BinaryCrossentropy,
    "meanSquaredError": keras.losses.MeanSquaredError,
    "meanAbsoluteError": keras.losses.MeanAbsoluteError,
    "huber": keras.losses.Huber,
}
cases = []


def case(fn, y_true, y_pred, weight=None, note=None, gradient=True, **options):
    double = y_pred.dtype == np.float64
    kw = {snake(k): v for k, v in options.items()}
    if "reduction" in kw:
        kw["reduction"] = snake(kw["reduction"])
    if kw.get("reduction") == "none":
        kw["reduction"] = None
    with jax.enable_x64(bool(double)):
        loss = CLASSES[fn](dtype=str(y_pred.dtype), **kw)
        f = lambda p: loss(jnp.asarray(y_true), p, sample_weight=weight)
        x = jnp.asarray(y_pred)
        want = np.asarray(f(x))
        assert want.dtype == y_pred.dtype, (fn, want.dtype)
        grad = np.asarray(jax.grad(lambda p: jnp.sum(f(p)))(x)) if gradient else None
    record = {"fn": fn, "options": options, "yTrue": y_true, "yPred": y_pred}
    if weight is not None:
        record["sampleWeight"] = weight
    record["want"] = want
    if gradient:
        record["gradient"] = grad
    record |= {"rtol": 1e-12, "atol": 1e-14} if double else {"rtol": 2e-6, "atol": 1e-6}
    if note:
        record["note"] = note
    cases.append(record)


f32 = lambda x: np.array(x, np.float32)
i32 = lambda x: np.array(x, np.int32)
REDUCTIONS = ("sumOverBatchSize", "mean", "sum", "none", "meanWithSampleWeight")


def normal(name, *shape, scale=2.0):
    return np.round(rng(name).normal(size=shape) * scale, 3)


def softmax(x):
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


# --- categorical, dense labels
fn = "categoricalCrossentropy"
logits, hot = normal(fn, 6, 5).astype(np.float32), np.eye(5, dtype=np.float32)[[0, 4, 2, 1, 1, 3]]
soft = softmax(normal("soft", 6, 5)).astype(np.float32)
probs = softmax(logits).astype(np.float32)
two, onehot2 = f32([[2, 1, 0.1], [0, 0, 0]]), f32([[1, 0, 0], [0, 1, 0]])
w = f32([2, 0, 1, 0.5, 1, 3])
for logits_form, p in ((True, logits), (False, probs)):
    o = {"fromLogits": True} if logits_form else {}
    for y in (hot, soft):
        case(fn, y, p, **o)
    case(fn, hot, p, **o, labelSmoothing=0.1)
    for reduction in REDUCTIONS:
        case(fn, hot, p, **o, reduction=reduction)
        case(fn, hot, p, w, **o, reduction=reduction)
    case(fn, hot, p, f32(0.5), **o)
    case(fn, hot, p, w[:, None], **o)
    case(fn, hot, p, np.zeros(6, np.float32), **o, note="all weights zero")
    case(fn, hot, p, np.zeros(6, np.float32), **o, reduction="meanWithSampleWeight")
    case(fn, hot.astype(np.float64), p.astype(np.float64), **o)
    case(fn, hot.astype(np.float64), p.astype(np.float64), w.astype(np.float64), **o, labelSmoothing=0.2)
    case(fn, hot.astype(np.uint8), p, **o, note="integer labels")
    case(fn, hot[:1], p[:1], **o)
    case(fn, hot.T.copy(), p.T.copy(), **o, axis=0)
    case(fn, np.stack([hot, soft]), np.stack([p, p[::-1]]), **o, note="rank 3")
    case(fn, np.stack([hot, soft]), np.stack([p, p[::-1]]), np.stack([w, w + 1]), **o, note="a weight per step")
case(fn, onehot2, two, fromLogits=True, reduction="none")
case(fn, onehot2, two, fromLogits=True)
case(fn, onehot2, two, fromLogits=True, labelSmoothing=0.1, reduction="none")
case(fn, onehot2, two, f32([2, 0]), fromLogits=True)
case(fn, onehot2, f32([[0.7, 0.2, 0.1], [0.3, 0.5, 0.2]]), reduction="none")
case(fn, onehot2, f32([[0, 0, 1], [0, 1, 0]]), reduction="none", note="saturated: clipped, no gradient")
case(fn, onehot2, f32([[2, 1, 1], [3, 3, 4]]), reduction="none", note="not normalised: divided by the sum")
case(fn, onehot2, f32([[1000, 0, -1000], [-1000, 1000, 0]]), fromLogits=True, reduction="none", note="huge logits")
case(fn, onehot2, f32([[-1000, 1000, 0], [0, 0, 0]]), fromLogits=True, reduction="none", note="huge and wrong")

# --- sparse
fn = "sparseCategoricalCrossentropy"
ids = i32([0, 4, 2, 1, 1, 3])
for o, p in (({"fromLogits": True}, logits), ({}, probs)):
    case(fn, ids, p, **o)
    case(fn, ids[:, None], p, **o, note="labels [n, 1]")
    case(fn, ids.astype(np.uint8), p, **o)
    case(fn, ids.astype(np.float32), p, **o, note="float labels")
    for reduction in REDUCTIONS:
        case(fn, ids, p, w, **o, reduction=reduction)
        case(fn, ids, p, **o, reduction=reduction)
    case(fn, ids, p, **o, ignoreClass=1)
    case(fn, ids, p, w, **o, ignoreClass=1)
    case(fn, ids, p, **o, ignoreClass=1, reduction="none")
    case(fn, ids, p, **o, ignoreClass=1, reduction="sum")
    case(fn, i32([0, -1, 2, 1, -1, 3]), p, **o, ignoreClass=-1)
    case(fn, i32([0, 5, -1, 1, 1, 9]), p, **o, reduction="none", note="labels outside: loss 0")
    case(fn, ids, p.astype(np.float64), **o)
    case(fn, np.stack([ids, ids[::-1]]), np.stack([p, p[::-1]]), **o, note="rank 3")
    case(fn, ids[:1], p[:1], **o)

# --- binary
fn = "binaryCrossentropy"
z = normal(fn, 5, 3).astype(np.float32)
y = f32([[1, 0, 1], [0, 0, 1], [1, 1, 1], [0, 1, 0], [0.3, 0.5, 0.9]])
w5 = f32([1, 0, 2, 0.5, 3])
for o, p in (({"fromLogits": True}, z), ({}, (1 / (1 + np.exp(-z))).astype(np.float32))):
    case(fn, y, p, **o)
    case(fn, y, p, **o, labelSmoothing=0.1)
    for reduction in REDUCTIONS:
        case(fn, y, p, w5, **o, reduction=reduction)
        case(fn, y, p, **o, reduction=reduction)
    case(fn, y.astype(np.float64), p.astype(np.float64), **o)
    case(fn, y, p, **o, axis=0, reduction="none")
    case(fn, (y > 0.4), p, **o, note="boolean labels")
    case(fn, y[:, :1], p[:, :1], **o)
    case(fn, y[:, 0].copy(), p[:, :1], **o, note="labels [n] with predictions [n, 1]")
    case(fn, y[:, 0].copy(), p[:, 0].copy(), **o, note="rank 1")
case(fn, f32([1, 0, 1]), f32([0.5, -1, 2]), fromLogits=True)
case(fn, f32([1, 0, 1, 0]), f32([100, -100, -100, 100]), fromLogits=True, reduction="sum")
case(fn, f32([[1], [0], [1], [0]]), f32([[1], [0], [0], [1]]), reduction="none", note="saturated")

# --- regression
for fn, extra in (("meanSquaredError", [{}]), ("meanAbsoluteError", [{}]),
                  ("huber", [{}, {"delta": 0.5}, {"delta": 3.0}])):
    a, b = normal(fn + "a", 5, 3).astype(np.float32), normal(fn + "b", 5, 3).astype(np.float32)
    for o in extra:
        case(fn, a, b, **o)
        case(fn, a, b, w5, **o)
        case(fn, a.astype(np.float64), b.astype(np.float64), **o)
    for reduction in REDUCTIONS:
        case(fn, a, b, w5, reduction=reduction)
        case(fn, a, b, reduction=reduction)
    case(fn, a, a, note="equal: the gradient at the kink")
    case(fn, a[:, 0].copy(), b[:, :1], note="yTrue [n] with yPred [n, 1]")
    case(fn, a[:, :1], b[:, 0].copy(), note="yTrue [n, 1] with yPred [n]")
    case(fn, a[:, 0].copy(), b[:, 0].copy(), note="rank 1", gradient=True)
    case(fn, np.round(a).astype(np.int32), b, note="integer labels")
    case(fn, normal("r3", 2, 3, 4).astype(np.float32), normal("r3b", 2, 3, 4).astype(np.float32),
         f32([[1, 0, 2], [0.5, 1, 1]]), note="a weight per step")
    case(fn, normal("r3", 2, 3, 4).astype(np.float32), normal("r3b", 2, 3, 4).astype(np.float32),
         f32([[2], [0.5]]), note="weights [n, 1]")
    case(fn, a, b, f32(0), note="weight 0")
case("huber", f32([0.5, 2, -3]), f32([0, 0, 0]))
case("huber", f32([1, -1, 0]), f32([0, 0, 0]), reduction="sum", note="|e| is delta")
case("meanAbsoluteError", f32([1, 2]), f32([1, 2]), reduction="sum", note="gradient -1/n at equality")

write("losses.json.gz", PACKAGES, cases)
