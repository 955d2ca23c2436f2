"""activations.*: Keras' values and the gradient of their sum, at ordinary points, kinks and ends."""

from keras_on_jax import PACKAGES

import jax
import jax.numpy as jnp
import keras
import numpy as np

from golden import rng, snake, write

PLAIN = np.round(rng("activations").normal(size=(3, 8)) * 3, 3)
KINK = np.array([[0, 0.5, 1, -1, 2, -2, 3, -3, 6, -0.5, 2.5, -2.5]])
FAR = np.array([[20.0, -20, 50, -50, 90, -90]])
TABLE = [
    ("relu", {}), ("relu", {"negativeSlope": 0.1}), ("relu", {"maxValue": 2.0}),
    ("relu", {"threshold": 1.0}), ("relu", {"negativeSlope": 0.1, "maxValue": 2.0, "threshold": 0.5}),
    ("relu6", {}), ("leakyRelu", {}), ("leakyRelu", {"negativeSlope": 0.3}), ("elu", {}),
    ("elu", {"alpha": 0.5}), ("selu", {}), ("celu", {}), ("celu", {"alpha": 2.0}), ("gelu", {}),
    ("gelu", {"approximate": True}), ("sigmoid", {}), ("hardSigmoid", {}), ("logSigmoid", {}),
    ("tanh", {}), ("hardTanh", {}), ("tanhShrink", {}), ("softShrink", {}),
    ("softShrink", {"threshold": 1.0}), ("hardShrink", {}), ("softplus", {}), ("softsign", {}),
    ("silu", {}), ("swish", {}), ("hardSilu", {}), ("hardSwish", {}), ("mish", {}),
    ("exponential", {}), ("linear", {}), ("softmax", {}), ("softmax", {"axis": 0}),
    ("logSoftmax", {}), ("logSoftmax", {"axis": 0}), ("squareplus", {}), ("squareplus", {"b": 2.0}),
    ("sparsePlus", {}), ("sparsemax", {}), ("glu", {}), ("threshold", {"threshold": 0.5, "defaultValue": -1.0}),
]
cases = []
for fn, options in TABLE:
    kw = {snake(k): v for k, v in options.items()}
    f = getattr(keras.activations, {"relu6": "relu6"}.get(fn, snake(fn)))
    for x, tag in ((PLAIN, None), (KINK, "kink"), (FAR, "edge")):
        for dtype in ("float32", "float64"):
            with jax.enable_x64(True):
                wide = jnp.asarray(x)
                want = np.asarray(f(wide, **kw)).astype(dtype)
                weights = jnp.asarray(np.round(rng(fn).normal(size=want.shape), 3))
                grad = np.asarray(jax.grad(lambda x: jnp.sum(f(x, **kw) * weights))(wide)).astype(dtype)
            case = {"fn": fn, "options": options, "x": x.astype(dtype), "want": want,
                    "cotangent": np.asarray(weights).astype(dtype), "gradient": grad}
            case |= {"rtol": 2e-6, "atol": 3e-7} if dtype == "float32" else {"rtol": 1e-12, "atol": 1e-13}
            cases.append(case | ({"tags": [tag]} if tag else {}))
write("activations.json.gz", PACKAGES, cases)
