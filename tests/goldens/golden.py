"""Writes golden files: JSON whose arrays are {dtype, shape, data}, read back by read.ts.

float32 numbers are printed with the fewest digits that give the same float32 back, float64 ones
with Python's repr. What JSON cannot hold is the string "NaN", "Infinity" or "-Infinity".
"""

import gzip
import importlib.metadata
import json
import math
import pathlib
import platform
import re
import zlib

import numpy as np

DATA = pathlib.Path(__file__).parent / "data"
DTYPES = ("bool", "uint8", "int32", "uint32", "float32", "float64")


def rng(name):
    """A NumPy generator that depends on the name only, so that topics do not disturb each other."""
    return np.random.default_rng(zlib.crc32(name.encode()))


def camel(snake):
    return re.sub(r"_([a-z0-9])", lambda m: m.group(1).upper(), snake)


def snake(name):
    return re.sub(r"[A-Z]", lambda m: "_" + m.group(0).lower(), name)


def _number(x):
    if isinstance(x, (bool, np.bool_)):
        return "true" if x else "false"
    if isinstance(x, (int, np.integer)):
        return str(int(x))
    if math.isnan(x):
        return '"NaN"'
    if math.isinf(x):
        return '"Infinity"' if x > 0 else '"-Infinity"'
    if isinstance(x, np.float32):
        short = np.format_float_scientific(x, unique=True, trim="-")
        x = float(short) if np.float32(float(short)) == x else float(x)
    x = float(x)
    if x == 0:
        return "-0" if math.copysign(1, x) < 0 else "0"
    text = repr(x)
    return text[:-2] if text.endswith(".0") else text


def _array(x):
    if str(x.dtype) not in DTYPES:
        raise TypeError(f"{x.dtype} is not a glissade dtype")
    flat = x.reshape(-1)
    data = ",".join(str(int(v)) if x.dtype == bool else _number(v) for v in flat)
    shape = ",".join(map(str, x.shape))
    return f'{{"dtype":"{x.dtype}","shape":[{shape}],"data":[{data}]}}'


def text(value):
    """JSON text of nested dicts, lists, arrays, numbers, strings, booleans and None."""
    if value is None:
        return "null"
    if isinstance(value, str):
        return json.dumps(value)
    if isinstance(value, dict):
        return "{" + ",".join(f"{json.dumps(k)}:{text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ",".join(map(text, value)) + "]"
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, (bool, int, float, np.generic)):
        return _number(value)
    return _array(np.asarray(value))


def versions(*packages):
    return {"python": platform.python_version()} | {
        name: importlib.metadata.version(name) for name in packages
    }


def write(name, packages, cases, **more):
    """Writes data/<name>; a case a line. gzip when the name ends in .gz (no time stamp in it)."""
    head = {"versions": versions(*packages), **more}
    body = text(head)[:-1] + ',"cases":[\n' + ",\n".join(map(text, cases)) + "\n]}\n"
    raw = body.encode()
    if name.endswith(".gz"):
        raw = gzip.compress(raw, 9, mtime=0)
    DATA.mkdir(exist_ok=True)
    (DATA / name).write_bytes(raw)
    print(f"{name}: {len(cases)} cases, {len(raw):,} bytes")
