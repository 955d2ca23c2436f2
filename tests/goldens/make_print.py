"""How NumPy itself prints arrays: its text, with the width of what stands before the first line."""

import json

import numpy as np

from golden import DATA

rng = np.random.default_rng(7)
cases = []


def add(x, dtype="float32", indent=0):
    a = np.asarray(x, dtype)
    prefix = "T" * indent
    text = np.array2string(a, prefix=prefix) if a.shape else str(a[()])
    values = ["NaN" if v != v else str(v).replace("inf", "Infinity")
              for v in (float(v) for v in a.reshape(-1))]
    values = [("-0" if v == "-0.0" else v) for v in values]
    cases.append({"dtype": dtype, "shape": a.shape, "values": values, "indent": indent, "text": text})


for d in ("float32", "float64"):
    for x in (0.7, 1, -2.5, 0, -0.0, 1e-5, 1.5e-5, 1e15, 1e16, 1e20, np.nan, np.inf, -np.inf, 123456.789, 0.1, 1e-4):
        add(x, d)
    add([0.7], d)
    add([0.7, 1, 2.25], d)
    add([1, 2, 3], d)
    add([1 / 3, 2 / 3, 1e-3], d)
    add([-1, 0.5], d)
    add([-0.0, 0.0, -1], d)
    add([np.nan, 1, np.inf], d)
    add([np.nan, 1, -np.inf], d)
    add([np.nan, np.nan], d)
    add([-np.inf, np.inf], d)
    add([np.nan, -0.001, 1000], d)
    add([1e-5, 1], d)
    add([1e8, 1], d)
    add([999999, 1000000], d)
    add([1e6, 2e6], d)
    add([1, 1001], d)
    add([1, 1000], d)
    add([1e-10, 1e10, -3.25e5], d)
    add([1e10, 1e30], d)
    add([2.0**-9, 1], d)
    add([3 * 2.0**-9, 1], d)
    add([0.0012345679, 0.5], d)
    add([[1, 2], [3, 4.5]], d)
    add([[1, 2], [3, 4.5]], d, 7)
    add(rng.standard_normal((3, 4)), d)
    add(rng.standard_normal((2, 2, 3)), d)
    add(rng.standard_normal((2, 2, 3)), d, 7)
    add(rng.standard_normal(30), d)
    add(rng.standard_normal(30), d, 7)
    add(rng.standard_normal((2, 20)), d)
    add(np.exp(rng.standard_normal(12) * 4), d)
    add(np.zeros((0, 3)), d)
    add([], d)
    add(np.zeros((2, 0)), d)
add(np.arange(1001), "float32")
add(rng.integers(-99, 99, (40, 40)) / 8, "float32")
add(rng.integers(-99, 99, (2, 8, 70)) / 8, "float64")
add([1e-300, 1e300, -1], "float64")
add([1e-5, 1e100], "float64")
for d in ("int32", "uint32", "uint8"):
    add(7, d)
    add([1, 20, 103], d)
    add([[0, 1], [10, 200]], d)
    add(np.arange(40) * 5, d)
add([-1, 100, -20], "int32")
add(np.arange(1200), "int32")
add(True, "bool")
add(False, "bool")
add([True, True], "bool")
add([True, False], "bool")
add([[True, False], [False, True]], "bool", 7)
lines = ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases)
versions = json.dumps({"numpy": np.__version__})
(DATA / "print.json").write_text(f'{{"versions":{versions},"cases":[\n{lines}\n]}}\n')
