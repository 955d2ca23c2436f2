"""layers.* and models.*: one record per layer or model, from Keras.

A layer case: config (camelCase), weights in order, then `calls`: each with training, input(s),
output, losses, the non-trainable variables after it, and the gradients of
sum(output * cotangent) + sum(losses) with respect to the inputs and the trainable variables.
A model case: its layers as text, and what Keras says of its variables, paths, order, losses.
"""

from keras_on_jax import PACKAGES

import re

import jax
import keras
import numpy as np

from golden import rng, write
from layer_case import L, case, cases, describe, normal

x2, x3, x4 = normal("x2", 4, 5), normal("x3", 3, 4, 5), normal("x4", 2, 3, 4, 5)
BOTH = (True, False)
for dtype in ("float32", "float64"):
    case("Dense", 3, inputs=[x2], dtype=dtype)
    case("Dense", 3, inputs=[x3], dtype=dtype, activation="tanh")
    case("BatchNormalization", inputs=[x2], dtype=dtype, training=(True, True, True, False))
    case("BatchNormalization", inputs=[x3], dtype=dtype, training=BOTH)
    case("LayerNormalization", inputs=[x2], dtype=dtype)
    case("LayerNormalization", inputs=[x3], dtype=dtype, axis=[1, 2])
case("Dense", 3, inputs=[x2], activation="relu")
case("Dense", 3, inputs=[x2], activation="softmax")
case("Dense", 3, inputs=[x2], activation="leakyRelu")
case("Dense", 3, inputs=[x2], useBias=False)
case("Dense", 1, inputs=[x4])
case("Dense", 3, inputs=[np.array([[1, 200, 3], [4, 5, 255]], np.uint8)], note="integer input is cast")
for a in ("relu", "sigmoid", "softmax", "gelu", "elu", "silu", "softplus", "linear"):
    case("Activation", a, inputs=[x3])
case("Flatten", inputs=[x3])
case("Flatten", inputs=[x2])
case("Flatten", inputs=[x4])
case("Flatten", inputs=[normal("x1", 4)], note="rank 1 becomes [n, 1]")
case("Flatten", inputs=[np.arange(12, dtype=np.int32).reshape(2, 3, 2)])
case("Reshape", [2, 10], inputs=[x3])
case("Reshape", [-1], inputs=[x3])
case("Reshape", [5, -1, 2], inputs=[x3])
case("Reshape", [1, 5], inputs=[x2])
for seed in (1, 42, 1337):
    case("Dropout", 0.5, inputs=[normal("drop", 6, 8)], training=BOTH, calls=2, seed=seed)
case("Dropout", 0.2, inputs=[normal("drop", 6, 8)], training=(None,), seed=7, note="no training given: identity")
case("Dropout", 0.2, inputs=[normal("drop", 6, 8)], training=(True,), seed=7)
case("Dropout", 0.3, inputs=[x3], training=(True, True), seed=7, noiseShape=[None, 1, 5])
case("Dropout", 0.0, inputs=[x2], training=(True,), seed=7, note="rate 0: no seed state")
case("Dropout", 1.0, inputs=[x2], training=(True,), seed=7)
case("Dropout", 0.5, inputs=[x2], training=(True,), seed=7, dtype="float64")
case("BatchNormalization", inputs=[x4], training=BOTH, axis=1)
case("BatchNormalization", inputs=[x4], training=BOTH, axis=-2)
case("BatchNormalization", inputs=[x2], training=BOTH, scale=False)
case("BatchNormalization", inputs=[x2], training=BOTH, center=False)
case("BatchNormalization", inputs=[x2], training=BOTH, center=False, scale=False)
case("BatchNormalization", inputs=[x2], training=BOTH, momentum=0.5, epsilon=1e-2)
case("BatchNormalization", inputs=[x2], training=(None,))
case("BatchNormalization", inputs=[x2[:1]], training=BOTH, note="one row: variance 0")
case("BatchNormalization", inputs=[x2 * 0 + 3], training=BOTH, note="constant input")
case("BatchNormalization", inputs=[x2], training=BOTH, trainable=False, note="frozen: inference")
case("LayerNormalization", inputs=[x3], axis=1)
case("LayerNormalization", inputs=[x2], epsilon=1e-6)
case("LayerNormalization", inputs=[x2], scale=False)
case("LayerNormalization", inputs=[x2], center=False)
case("LayerNormalization", inputs=[x2 * 0 + 3], note="constant input")
case("ActivityRegularization", inputs=[x2], l1=0.01)
case("ActivityRegularization", inputs=[x2], l2=0.02)
case("ActivityRegularization", inputs=[x3], l1=0.01, l2=0.02)
case("ActivityRegularization", inputs=[x2])
case("Add", inputs=[x2, x2 + 1])
case("Add", inputs=[x2, -x2, x2 * 2])
case("Add", inputs=[x3, normal("x31", 3, 1, 5)], note="broadcasts")
for axis in (-1, 1, 2):
    case("Concatenate", inputs=[x3, x3 * 2], axis=axis)
case("Concatenate", inputs=[x2, normal("x23", 4, 3)])
case("Rescaling", 1 / 255, inputs=[normal("px", 2, 3)])
case("Rescaling", 2.0, inputs=[x2], offset=-1.0)
case("Rescaling", 1 / 255, inputs=[np.array([[0, 128, 255]], np.uint8)], note="uint8 pixels")

# --- regularizers and constraints through Dense
def regularized(name, make, options):
    keras.backend.clear_session()
    layer = L.Dense(2, **make)
    layer.build((None, 3))
    layer.kernel.assign(np.array([[1, -2], [0.5, 3], [-0.25, 0]], np.float32))
    x = np.array([[1, 2, 3], [4, 5, 6]], np.float32)
    out = layer(x)
    cases.append({"kind": "regularizer", "fn": "Dense", "args": [2], "options": options,
                  "trainable": [np.asarray(v.value) for v in layer.trainable_variables],
                  "input": x, "output": np.asarray(out),
                  "losses": [np.asarray(v) for v in layer.losses], "rtol": 2e-6, "atol": 1e-6})


R = keras.regularizers
regularized("l2", {"kernel_regularizer": R.L2(0.01)}, {"kernelRegularizer": {"l2": 0.01}})
regularized("l1", {"kernel_regularizer": R.L1(0.01)}, {"kernelRegularizer": {"l1": 0.01}})
regularized("l1l2", {"kernel_regularizer": R.L1L2(0.01, 0.02)}, {"kernelRegularizer": {"l1": 0.01, "l2": 0.02}})
regularized("activity", {"activity_regularizer": R.L2(0.01)}, {"activityRegularizer": {"l2": 0.01}})


# --- models
def text_of(model):
    lines = []
    model.summary(print_fn=lambda s, line_break=False: lines.append(s), line_length=80)
    return re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(lines))


def model_case(name, build, x, training=False, note=None):
    keras.backend.clear_session()
    keras.utils.set_random_seed(0)
    model = build()
    xs = x if isinstance(x, (list, dict)) else [x]
    for i, v in enumerate(model.trainable_variables):
        v.assign(np.round(rng(f"{name}{i}").normal(size=v.shape) * 0.5, 3).astype(np.float32))
    tv = [v.value for v in model.trainable_variables]
    ntv = [v.value for v in model.non_trainable_variables]
    out, after, losses = model.stateless_call(tv, ntv, x if isinstance(x, dict) else xs if len(xs) > 1 else xs[0],
                                              training=training, return_losses=True)
    record = {
        "kind": "model", "name": name, "modelName": model.name,
        "layers": [{"class": type(l).__name__, "name": l.name} for l in model.layers],
        "trainableVariables": describe(model.trainable_variables),
        "nonTrainableVariables": describe(model.non_trainable_variables),
        "variables": [v.path for v in model.variables],
        "trainable": [np.asarray(v) for v in tv], "nonTrainable": [np.asarray(v) for v in ntv],
        "inputs": x, "training": training, "outputs": jax.tree.map(np.asarray, out),
        "nonTrainableAfter": [np.asarray(v) for v in after], "losses": [np.asarray(v) for v in losses],
        "parameters": model.count_params(), "summary": text_of(model), "rtol": 5e-6, "atol": 5e-6}
    if note:
        record["note"] = note
    cases.append(record)


def guide():
    inputs = keras.Input(shape=(784,), name="digits")
    a = L.Dense(64, activation="relu")(inputs)
    b = L.Dense(64, activation="relu")(a)
    return keras.Model(inputs=inputs, outputs=L.Dense(10, name="predictions")(b))


def guide_tail():
    """The guide's model over 8 pixels, so that the fixture stays small."""
    inputs = keras.Input(shape=(8,), name="digits")
    a = L.Dense(4, activation="relu")(inputs)
    b = L.Dense(4, activation="relu")(a)
    return keras.Model(inputs=inputs, outputs=L.Dense(3, name="predictions")(b))


def sequential():
    return keras.Sequential([keras.Input((5,)), L.Dense(4, activation="relu"), L.BatchNormalization(),
                             L.Dropout(0.5, seed=3), L.Dense(2)])


def activity():
    inputs = keras.Input(shape=(5,), name="digits")
    a = L.Dense(4, activation="relu")(inputs)
    a = L.ActivityRegularization(l2=1e-2)(a)
    return keras.Model(inputs, L.Dense(2, name="predictions")(a))


def residual():
    inputs = keras.Input(shape=(5,))
    a = L.Dense(5, activation="relu", name="first")(inputs)
    b = L.Dense(5, name="second")(inputs)
    c = L.Add()([b, a])
    d = L.Concatenate()([c, inputs])
    return keras.Model(inputs, L.Dense(1)(d))


def shared():
    inputs = keras.Input(shape=(4,))
    dense = L.Dense(4, name="shared")
    return keras.Model(inputs, dense(dense(inputs)))


def two_inputs():
    a, b = keras.Input(shape=(3,), name="a"), keras.Input(shape=(2,), name="b")
    x, y = L.Dense(4, name="left")(a), L.Dense(4, name="right")(b)
    out = L.Add()([x, y])
    return keras.Model([a, b], [out, L.Dense(1, name="head")(out)])


def nested():
    inner = keras.Sequential([keras.Input((5,)), L.Dense(3), L.BatchNormalization()])
    inputs = keras.Input((5,))
    return keras.Model(inputs, L.Dense(2)(inner(inputs)))


def frozen():
    inputs = keras.Input((5,))
    layer = L.Dense(3, name="frozen")
    x = layer(inputs)
    layer.trainable = False
    return keras.Model(inputs, L.Dense(2)(L.BatchNormalization()(x)))


def normalised():
    return keras.Sequential([keras.Input((2, 3)), L.Flatten(), L.Rescaling(0.5), L.LayerNormalization(),
                             L.Dense(4), L.Activation("relu"), L.Reshape((2, 2))])


f = lambda x: x.astype(np.float32)
model_case("guide_tail", guide_tail, f(normal("g8", 4, 8)))
for training in BOTH:
    model_case("sequential", sequential, f(x2), training)
    model_case("activity", activity, f(x2), training)
    model_case("residual", residual, f(x2), training)
    model_case("frozen", frozen, f(x2), training)
    model_case("nested", nested, f(x2), training)
model_case("shared", shared, f(normal("s4", 3, 4)))
model_case("two_inputs", two_inputs, [f(normal("ta", 2, 3)), f(normal("tb", 2, 2))])
model_case("normalised", normalised, f(normal("n", 2, 2, 3)))
keras.backend.clear_session()
model = guide()
cases.append({"kind": "summary", "name": "guide", "modelName": model.name, "summary": text_of(model),
              "layers": [{"class": type(l).__name__, "name": l.name} for l in model.layers],
              "trainableVariables": describe(model.trainable_variables),
              "parameters": model.count_params()})
write("layers.json.gz", PACKAGES, cases)
