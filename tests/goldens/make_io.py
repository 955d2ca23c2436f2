"""Files written by NumPy and by safetensors, and proof that both read what glissade writes.

Needs deno: glissade writes its samples (tests/io/samples.ts), NumPy and safetensors read them here,
and the SHA-256 of each file that was read right is recorded.
"""

import base64
import hashlib
import io
import json
import pathlib
import subprocess
import tempfile

import numpy as np
import safetensors.numpy
from golden import DTYPES, write

ROOT = pathlib.Path(__file__).parents[2]


def text(raw):
    return base64.b64encode(raw).decode()


def npy(x, **more):
    f = io.BytesIO()
    np.lib.format.write_array(f, x, **more)
    return f.getvalue()


def sample(dtype, shape):
    n = int(np.prod(shape))
    x = np.arange(n).reshape(shape) % 2 if dtype == "bool" else np.arange(n).reshape(shape) * 1.25
    if dtype in ("uint8", "int32", "uint32"):
        x = np.floor(x) + {"uint8": 200, "int32": -7, "uint32": 4e9}[dtype]
    x = np.array(x).astype(dtype)  # of shape () too an array
    if dtype.startswith("float") and n > 3:
        x.flat[:4] = [np.nan, -np.inf, -0.0, np.finfo(dtype).tiny / 8]
    return x


SHAPES = ((), (1,), (5,), (2, 3), (0, 3), (4, 0), (2, 1, 3, 2), (123456, 0))
ARRAYS = {d + "".join(f"_{n}" for n in s): sample(d, s) for d in DTYPES for s in SHAPES}

cases = []
for name, x in ARRAYS.items():
    cases.append({"kind": "npy", "name": name, "file": text(npy(x)), "want": x, "same": True})
    if x.size and x.ndim > 1:
        f = np.asfortranarray(x)
        cases.append({"kind": "npy", "name": name + "_fortran", "file": text(npy(f)), "want": x, "same": False})
    if x.size and x.ndim and x.itemsize > 1:
        big = x.astype(x.dtype.newbyteorder(">"))
        cases.append({"kind": "npy", "name": name + "_big", "file": text(npy(big)), "want": x, "same": False})
for version in ((2, 0), (3, 0)):
    x = ARRAYS["float32_2_3"]
    raw = npy(x, version=version)
    cases.append({"kind": "npy", "name": f"version_{version[0]}", "file": text(raw), "want": x, "same": False})
for dtype in ("i1", "i2", "u2", "i8", "u8", "f2", ">f2", ">i8"):
    x = np.array([0, 1, 2, 100], dtype)
    if x.dtype.kind == "f":
        x = np.array([0.1, -65504, 6e-8, np.inf, np.nan, -0.0], dtype)
    elif x.dtype.kind == "i":
        x = -x
    want = x.astype("float32" if x.dtype.kind == "f" else "int32")
    cases.append({"kind": "npy", "name": f"exactly {dtype}", "file": text(npy(x)), "want": want, "same": False})
for dtype in ("complex64", "complex128", "longdouble", "U4", "S3", "M8[s]", "V2"):
    x = np.zeros(2, dtype)
    cases.append({"kind": "npy refused", "name": dtype, "file": text(npy(x))})
cases.append({"kind": "npy refused", "name": "record", "file": text(npy(np.zeros(2, "i4,f4")))})

for packed in (False, True):
    f = io.BytesIO()
    (np.savez_compressed if packed else np.savez)(f, **ARRAYS)
    cases.append({"kind": "npz", "name": f"packed {packed}", "file": text(f.getvalue()), "want": ARRAYS})

tensors = {k: v for k, v in ARRAYS.items()}
odd = {"": np.ones(1, "uint8"), "Ä/ö \"\\\n": np.ones(2, "float64"), "z": np.zeros((2, 0), "bool")}
for name, arrays, metadata in (
    ("all", tensors, None),
    ("metadata", tensors, {"by": "Python \u00e9 \"q\" \n"}),
    ("odd names", odd, None),
    ("nothing", {}, None),
    ("only metadata", {}, {"a": "b"}),
):
    raw = safetensors.numpy.save(arrays, metadata)
    cases.append({"kind": "safetensors", "name": name, "file": text(raw), "want": arrays,
                  "metadata": metadata or {}, "same": True})
for dtype in ("int8", "int16", "uint16", "int64", "uint64", "float16"):
    x = np.array([0, 1, 2, 100]).astype(dtype) * (-1 if dtype.startswith("i") else 1)
    x = x.astype(dtype)
    want = x.astype("float32" if dtype == "float16" else "int32")
    raw = safetensors.numpy.save({"pad": np.ones(3, "uint8"), "x": x})
    cases.append({"kind": "safetensors", "name": f"exactly {dtype}", "file": text(raw),
                  "want": {"x": want, "pad": np.ones(3, "uint8")}, "metadata": {}, "same": False})
bits = np.array([0x3F80, 0xC049, 0x7F80, 0xFF80, 0x0001, 0x8000], "uint16")
header = json.dumps({"x": {"dtype": "BF16", "shape": [6], "data_offsets": [0, 12]}}).encode()
raw = len(header).to_bytes(8, "little") + header + bits.tobytes()
assert safetensors.deserialize(raw)[0][1]["dtype"] == "BF16"
want = (bits.astype("uint32") << 16).view("float32")
cases.append({"kind": "safetensors", "name": "exactly bfloat16", "file": text(raw), "want": {"x": want},
              "metadata": {}, "same": False})
cases.append({"kind": "safetensors refused", "name": "complex64",
              "file": text(safetensors.numpy.save({"x": np.zeros(2, "complex64")}))})

# What glissade writes, read by NumPy and safetensors.
read = {}
with tempfile.TemporaryDirectory() as folder:
    subprocess.run(["deno", "run", "-A", ROOT / "tests/io/samples.ts", folder], check=True)
    folder = pathlib.Path(folder)

    def equal(got, want):
        want = {k: np.array(v["data"], v["dtype"]).reshape(v["shape"]) for k, v in want.items()}
        assert sorted(got) == sorted(want), (sorted(got), sorted(want))
        for k, w in want.items():
            g = got[k]
            assert g.dtype == w.dtype and g.shape == w.shape and g.tobytes() == w.tobytes(), (k, g, w)

    for path in sorted(folder.glob("*")):
        if path.suffix == ".json":
            continue
        want = json.loads(path.with_suffix(path.suffix + ".json").read_text())
        if path.suffix == ".npy":
            equal({"x": np.load(path)}, want["arrays"])
        elif path.suffix == ".npz":
            with np.load(path) as z:
                equal(dict(z), want["arrays"])
        else:
            equal(safetensors.numpy.load_file(path), want["arrays"])
            with safetensors.safe_open(path, "numpy") as f:
                assert (f.metadata() or {}) == want["metadata"], f.metadata()
        read[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()

write("io.json.gz", ("numpy", "safetensors"), cases, readBack=read)
