"""optimizers.*: five (or more) steps of Keras on two variables; all state after each step.

The steps run jitted through stateless_apply, as a training loop does. float64 cases tell a wrong
formula from rounding.
"""

from keras_on_jax import PACKAGES

import jax
import jax.numpy as jnp
import keras
import numpy as np

from golden import rng, snake, write

cases = []


def schedule_of(value):
    """{"schedule": name, ...options} becomes a Keras schedule; anything else is itself."""
    if not isinstance(value, dict):
        return value
    options = {snake(k): v for k, v in value.items() if k != "schedule"}
    return getattr(keras.optimizers.schedules, value["schedule"])(**options)


def keywords(options):
    """Keras spells beta1 as beta_1."""
    return {{"beta1": "beta_1", "beta2": "beta_2"}.get(k, snake(k)): schedule_of(v)
            for k, v in options.items()}


def variables(optimizer):
    return [{"path": v.path, "shape": list(v.shape), "dtype": str(v.dtype)} for v in optimizer.variables]


def case(fn, steps=5, dtype="float32", scale=1.0, zero=(), note=None, **options):
    keras.backend.clear_session()
    with jax.enable_x64(dtype == "float64"):
        keras.config.set_floatx(dtype)
        r = rng("optimizers")
        start = [np.round(r.normal(size=s), 3).astype(dtype) for s in ((2, 3), (3,))]
        grads = [[np.round(scale * r.normal(size=s), 3).astype(dtype) for s in ((2, 3), (3,))]
                 for _ in range(steps)]
        for t in zero:
            grads[t] = [0 * g for g in grads[t]]
        with keras.name_scope("dense"):
            model = [keras.Variable(w, name=n) for w, n in zip(start, ("kernel", "bias"))]
        optimizer = getattr(keras.optimizers, fn)(**keywords(options))
        optimizer.build(model)
        record = {"fn": fn, "dtype": dtype, "options": options,
                  "variables": variables(optimizer),
                  "start": start, "startState": [np.asarray(v.value) for v in optimizer.variables],
                  "steps": []}
        apply = jax.jit(optimizer.stateless_apply)
        tv = [v.value for v in model]
        ov = [v.value for v in optimizer.variables]
        for g in grads:
            tv, ov = apply(ov, [jnp.asarray(x) for x in g], tv)
            record["steps"].append({"gradients": g, "trainable": [np.asarray(x) for x in tv],
                                    "state": [np.asarray(x) for x in ov]})
        if options.get("useEma"):
            for v, x in zip([*model, *optimizer.variables], [*tv, *ov]):
                v.assign(x)
            optimizer.finalize_variable_values(model)
            record["finalized"] = [np.asarray(v.value) for v in model]
    record |= {"rtol": 1e-12, "atol": 1e-14} if dtype == "float64" else {"rtol": 3e-6, "atol": 3e-7}
    if note:
        record["note"] = note
    cases.append(record)


PLAIN = {
    "SGD": [{}, {"learningRate": 0.1}, {"learningRate": 0.1, "momentum": 0.9},
            {"learningRate": 0.1, "momentum": 0.9, "nesterov": True},
            {"learningRate": 0.1, "nesterov": True}],
    "Adam": [{}, {"learningRate": 0.1}, {"learningRate": 0.1, "amsgrad": True},
             {"learningRate": 0.05, "beta1": 0.5, "beta2": 0.9, "epsilon": 1e-3}],
    "AdamW": [{}, {"learningRate": 0.1}, {"learningRate": 0.1, "weightDecay": 0.1},
              {"learningRate": 0.1, "amsgrad": True}],
    "RMSprop": [{}, {"learningRate": 0.1}, {"learningRate": 0.1, "momentum": 0.9},
                {"learningRate": 0.1, "centered": True},
                {"learningRate": 0.1, "rho": 0.5, "momentum": 0.5, "centered": True, "epsilon": 1e-3}],
}
EXPONENTIAL = {"schedule": "ExponentialDecay", "initialLearningRate": 0.1, "decaySteps": 2, "decayRate": 0.5}
PIECEWISE = {"schedule": "PiecewiseConstantDecay", "boundaries": [1, 3], "values": [0.1, 0.01, 0.001]}
COMMON = [
    {"clipnorm": 0.5}, {"globalClipnorm": 0.5}, {"clipvalue": 0.25}, {"clipnorm": 100.0},
    {"globalClipnorm": 100.0}, {"weightDecay": 0.01}, {"useEma": True},
    {"useEma": True, "emaMomentum": 0.5}, {"useEma": True, "emaMomentum": 0.9, "emaOverwriteFrequency": 2},
    {"gradientAccumulationSteps": 2}, {"gradientAccumulationSteps": 2, "clipnorm": 0.5, "weightDecay": 0.01},
    {"gradientAccumulationSteps": 2, "useEma": True, "emaMomentum": 0.5},
    {"lossScaleFactor": 4.0}, {"name": "mine"},
]
for fn, table in PLAIN.items():
    for options in table:
        case(fn, **options)
    for options in table[1:]:
        case(fn, dtype="float64", **options)
    best = {"SGD": {"momentum": 0.9}, "RMSprop": {"momentum": 0.9}}.get(fn, {})
    for options in COMMON:
        case(fn, learningRate=0.1, **best, **options)
    case(fn, **best, learningRate=EXPONENTIAL)
    case(fn, **best, learningRate=PIECEWISE)
    case(fn, **best, learningRate=EXPONENTIAL, gradientAccumulationSteps=2, steps=6,
         note="the schedule sees the raw step number")
    case(fn, **best, learningRate=0.1, zero=(0, 2), note="zero gradients at steps 1 and 3")
    case(fn, **best, learningRate=0.1, clipnorm=1.0, zero=(0,), note="the norm of nothing")
    case(fn, **best, learningRate=0.1, globalClipnorm=1.0, zero=(0,), note="the norm of nothing")
    case(fn, **best, learningRate=0.1, scale=1e4, note="large gradients")


def upstream(fn, **options):
    """The protocol of Keras' own tests: ones(10), a gradient of .01, then four of .1, .2 ... 1."""
    keras.backend.clear_session()
    keras.config.set_floatx("float32")
    v = keras.Variable(np.ones(10, np.float32), name="w")
    optimizer = getattr(keras.optimizers, fn)(**keywords(options))
    optimizer.build([v])
    grads = [np.full(10, 0.01, np.float32)] + [np.arange(0.1, 1.1, 0.1).astype(np.float32)] * 4
    record = {"fn": fn, "dtype": "float32", "options": options, "variables": variables(optimizer),
              "start": [np.ones(10, np.float32)],
              "startState": [np.asarray(x.value) for x in optimizer.variables], "steps": []}
    for g in grads:
        optimizer.apply([jnp.asarray(g)], [v])
        record["steps"].append({"gradients": [g], "trainable": [np.asarray(v.value)],
                                "state": [np.asarray(x.value) for x in optimizer.variables]})
    cases.append(record | {"rtol": 3e-6, "atol": 3e-7, "note": "the protocol of Keras' tests"})


upstream("SGD", learningRate=1.0, momentum=0.9)
upstream("SGD", learningRate=1.0, momentum=0.9, nesterov=True)
upstream("Adam", amsgrad=True)
upstream("AdamW", learningRate=1.0, weightDecay=0.5, epsilon=2.0)
upstream("RMSprop", centered=True)


def loop(fn, **options):
    """Losses and final weights of a tiny model, trained five steps on one batch."""
    keras.backend.clear_session()
    glorot = keras.initializers.GlorotUniform
    model = keras.Sequential([keras.Input((4,)),
                              keras.layers.Dense(3, activation="relu", kernel_initializer=glorot(seed=1)),
                              keras.layers.Dense(2, kernel_initializer=glorot(seed=2))])
    optimizer = getattr(keras.optimizers, fn)(**keywords(options))
    optimizer.build(model.trainable_variables)
    loss_fn = keras.losses.CategoricalCrossentropy(from_logits=True)
    x = (np.arange(16, dtype=np.float32) / 10).reshape(4, 4)
    y = np.eye(2, dtype=np.float32)[[0, 1, 1, 0]]

    @jax.jit
    def step(tv, ov):
        value = lambda tv: loss_fn(y, model.stateless_call(tv, [], x)[0])
        loss, grads = jax.value_and_grad(value)(tv)
        return loss, *optimizer.stateless_apply(ov, grads, tv)

    tv = [v.value for v in model.trainable_variables]
    ov = [v.value for v in optimizer.variables]
    record = {"fn": fn, "options": options, "x": x, "y": y, "start": [np.asarray(v) for v in tv]}
    losses = []
    for _ in range(5):
        value, tv, ov = step(tv, ov)
        losses.append(np.float32(value))
    return record | {"losses": np.array(losses), "weights": [np.asarray(v) for v in tv], "rtol": 1e-5, "atol": 1e-6}


loops = [loop("Adam", learningRate=0.1), loop("SGD", learningRate=0.1, momentum=0.9), loop("RMSprop", learningRate=0.01),
         loop("AdamW", learningRate=0.1)]
write("optimizers.json.gz", PACKAGES, cases, loops=loops)
