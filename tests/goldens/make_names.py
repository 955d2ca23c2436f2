"""The public names of NumPy and JAX, for COMPATIBILITY.md: functions and constants, no types."""

import types

from golden import versions

import json
import pathlib

import jax
import jax.numpy as jnp
import numpy as np

DATA = pathlib.Path(__file__).parent / "data"
CONTROL_FLOW = ["associative_scan", "cond", "custom_linear_solve", "custom_root", "fori_loop", "map", "scan", "select", "stop_gradient",
                "switch", "while_loop"]


def names(module, hidden=()):
    def listed(name):
        value = getattr(module, name)
        return not name.startswith("_") and not isinstance(value, (types.ModuleType, type)) and name not in hidden

    return sorted(name for name in dir(module) if listed(name))


def functions(module):
    """Without the switches of JAX's configuration, which are values of classes."""
    return [n for n in names(module) if isinstance(getattr(module, n), (types.FunctionType, type(jax.random.split)))]


out = {
    "versions": versions("jax", "numpy"),
    "numpy": names(np),
    "jax.numpy": names(jnp),
    "jax.random": names(jax.random),
    "jax.nn": names(jax.nn),
    "jax.nn.initializers": names(jax.nn.initializers),
    "jax.tree": names(jax.tree),
    "jax.lax": [n for n in CONTROL_FLOW if hasattr(jax.lax, n)],
    "jax": functions(jax),
}
(DATA / "names.json").write_text(json.dumps(out, indent=1) + "\n")
print({k: len(v) for k, v in out.items()})
