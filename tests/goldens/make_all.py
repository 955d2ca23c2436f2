"""Runs every script that writes golden files, one process each: python make_all.py."""

import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).parent
SCRIPTS = (
    "numpy numpy_more numpy_names nn ops ulp random control losses metrics activations schedules "
    "optimizers optax layers conv "
    "data data_files print io guide names"
).split()

for script in sys.argv[1:] or SCRIPTS:
    environment = os.environ | {"JAX_PLATFORMS": "cpu", "PYTHONWARNINGS": "ignore"}
    subprocess.run([sys.executable, HERE / f"make_{script}.py"], check=True, env=environment)
