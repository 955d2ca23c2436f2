"""Keras on the CPU backend of JAX, quiet. Import it before keras or jax."""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import warnings  # noqa: E402

warnings.filterwarnings("ignore")
PACKAGES = ["keras", "jax", "numpy"]

# On JAX, Keras rounds float64 to float32 inside some functions (tanh, mean, normalization). A
# float64 golden is there to tell a wrong formula from rounding, so that narrowing is switched off.
from keras.src.backend.common import dtypes as _dtypes  # noqa: E402

_dtypes.BIT64_TO_BIT32_DTYPE["float64"] = "float64"
