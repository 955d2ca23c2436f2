"""Keras on the CPU backend of JAX, quiet. Import it before keras or jax."""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ["JAX_PLATFORMS"] = "cpu"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"

import warnings  # noqa: E402

warnings.filterwarnings("ignore")
PACKAGES = ["keras", "jax", "numpy"]
