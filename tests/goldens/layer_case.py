"""What make_layers.py and make_conv.py record of a layer: one call after the other, as Keras does it."""

from keras_on_jax import PACKAGES  # noqa: F401

import jax
import jax.numpy as jnp
import keras
import numpy as np

from golden import rng, snake

cases = []
L = keras.layers


def normal(name, *shape):
    return np.round(rng(name).normal(size=shape), 3)


def python(value):
    """String options in camelCase are snake_case in Keras; arrays of numbers are lists."""
    return snake(value) if isinstance(value, str) else value


def describe(variables):
    return [{"path": v.path, "shape": list(v.shape), "dtype": str(v.dtype)} for v in variables]


def case(fn, *args, inputs, training=(None,), dtype="float32", weights=None, note=None, calls=1, **options):
    """`inputs`: a list of arrays; layers that merge get them as one list."""
    keras.backend.clear_session()
    with jax.enable_x64(dtype == "float64"):
        keras.config.set_floatx(dtype)
        kw = {snake(k): python(v) for k, v in options.items()}
        layer = getattr(L, fn)(*args, **kw)
        cast = lambda x: x.astype(dtype) if x.dtype.kind == "f" else x
        merge = fn in ("Add", "Concatenate")
        inputs = [cast(x) for x in inputs]
        shapes = [list(x.shape) for x in inputs]
        layer.build(shapes if merge else shapes[0])
        r = rng(fn + "weights")
        for i, v in enumerate(layer.variables):
            if str(v.dtype) == dtype:
                new = np.round(r.normal(size=v.shape), 3)
                v.assign(np.abs(new) + 0.5 if "variance" in v.path else new)
        record = {"kind": "layer", "fn": fn, "args": list(args), "options": options, "dtype": dtype,
                  "inputShapes": shapes,
                  "trainableVariables": describe(layer.trainable_variables),
                  "nonTrainableVariables": describe(layer.non_trainable_variables),
                  "trainable": [np.asarray(v.value) for v in layer.trainable_variables],
                  "nonTrainable": [np.asarray(v.value) for v in layer.non_trainable_variables],
                  "calls": []}
        tv = [v.value for v in layer.trainable_variables]
        ntv = [v.value for v in layer.non_trainable_variables]
        for flag in list(training) * calls:
            kwargs = {} if flag is None else {"training": flag}

            def run(tv, *xs):
                mapping = [*zip(layer.trainable_variables, tv), *zip(layer.non_trainable_variables, ntv)]
                with keras.StatelessScope(state_mapping=mapping, collect_losses=True) as scope:
                    out = layer(list(xs) if merge else xs[0], **kwargs)
                    losses = layer.losses
                after = [scope.get_current_value(v) for v in layer.non_trainable_variables]
                return out, losses, [a if a is not None else b for a, b in zip(after, ntv)]

            xs = [jnp.asarray(x) for x in inputs]
            out, losses, after = run(tv, *xs)
            c = np.round(rng(fn + "cotangent").normal(size=out.shape), 3).astype(out.dtype)
            entry = {"training": flag, "inputs": inputs, "output": np.asarray(out),
                     "losses": [np.asarray(x) for x in losses], "nonTrainable": [np.asarray(a) for a in after]}
            if all(x.dtype.kind == "f" for x in inputs):
                def scalar(tv, *xs):
                    out, losses, _ = run(tv, *xs)
                    return jnp.sum(out * c) + sum(losses)
                n = len(xs)
                g = jax.grad(scalar, argnums=tuple(range(n + 1)))(tv, *xs)
                entry |= {"cotangent": c, "inputGradients": [np.asarray(x) for x in g[1:]],
                          "trainableGradients": [np.asarray(x) for x in g[0]]}
            record["calls"].append(entry)
            ntv = after
        keras.config.set_floatx("float32")
    # Where the variance is 0, the factor is 1 / sqrt(epsilon): it enlarges what rounding leaves.
    atol = 1e-4 if note and ("constant" in note or "variance 0" in note) else 5e-6
    record |= {"rtol": 1e-11, "atol": 1e-12} if dtype == "float64" else {"rtol": 5e-6, "atol": atol}
    if note:
        record["note"] = note
    cases.append(record)
