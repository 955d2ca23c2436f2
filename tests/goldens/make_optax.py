"""optax.*: transformations step by step, on a tree of odd leaves, and schedules count by count.

Each update runs as separate operations, as optax does outside of jit; so the order of roundings is
that of the formulas. float64 cases tell a wrong formula from rounding.
"""

import jax
import jax.numpy as jnp
import numpy as np
import optax

from golden import camel, rng, snake, write

PACKAGES = ("jax", "jaxlib", "optax", "numpy")
cases = []
schedules = []


def build(x):
    """{"fn": name, "args": [...], "options": {...}} becomes what that function of optax returns."""
    if isinstance(x, list):
        return [build(v) for v in x]
    if not isinstance(x, dict):
        return x
    if "inject" in x:
        hyperparams = {snake(k): build(v) for k, v in x["inject"].items()}
        return optax.inject_hyperparams(getattr(optax, snake(x["of"])))(**hyperparams)
    if "fn" not in x:
        return {k: build(v) for k, v in x.items()}
    options = {snake(k): build(v) for k, v in x.get("options", {}).items()}
    name, args = x["fn"], [build(v) for v in x.get("args", [])]
    if name == "MultiSteps":
        return optax.MultiSteps(*args, **options)
    if name.startswith("piecewise"):
        args[-1] = {int(k): v for k, v in args[-1].items()}
    if name == "sgdrSchedule":
        args = [[{snake(k): v for k, v in cycle.items()} for cycle in args[0]]]
    return getattr(optax, snake(name))(*args, **options)


def plain(state, injected=()):
    """States as glissade has them: named tuples are objects, what is empty is null.

    injected: the hyperparameters that were given; optax also holds all the defaults.
    """
    if isinstance(state, (optax.EmptyState, optax.MaskedNode)) or state is None:
        return None
    if isinstance(state, tuple) and hasattr(state, "_fields"):
        left_out = ("skip_state", "hyperparams_states")
        members = state._asdict()
        if "hyperparams" in members:
            members["hyperparams"] = {k: members["hyperparams"][snake(k)] for k in injected}
        return {camel(k): plain(v) for k, v in members.items() if k not in left_out}
    if isinstance(state, (tuple, list)):
        return [plain(v) for v in state]
    if isinstance(state, dict):
        return {camel(k): plain(v) for k, v in state.items()}
    if jnp.issubdtype(jnp.asarray(state).dtype, jax.dtypes.prng_key):
        state = jax.random.key_data(state)
    return np.asarray(state)


SHAPES = {"dense": {"kernel": (2, 3), "bias": (3,)}, "list": [(), (1, 1, 2)], "none": None,
          "empty": (0, 2)}
MATRICES = {"a": (4, 3), "b": (2, 3, 4), "c": (5,), "d": ()}
is_shape = lambda x: isinstance(x, tuple)


def draw(r, shapes, dtype, scale=1.0):
    make = lambda s: np.asarray(np.round(scale * r.normal(size=s), 3), dtype)
    return jax.tree.map(make, shapes, is_leaf=is_shape)


def case(fn, *args, steps=5, dtype="float32", shapes=SHAPES, scale=1.0, zero=(), bad={}, rtol=None,
         note=None, spec=None, **options):
    spec = spec or {"fn": fn, "args": list(args), "options": options}
    with jax.enable_x64(dtype == "float64"):
        r = rng("optax")
        params = draw(r, shapes, dtype)
        grads = [draw(r, shapes, dtype, scale) for _ in range(steps)]
        for t in zero:
            grads[t] = jax.tree.map(np.zeros_like, grads[t])
        for t, value in bad.items():
            grads[t]["dense"]["bias"][1] = value
        tx = build(spec)
        injected = spec.get("inject", ())
        lookahead = spec["fn"] == "lookahead" if "fn" in spec else False
        now = jax.tree.map(jnp.asarray, params)
        if lookahead:
            now = optax.LookaheadParams.init_synced(now)
        state = tx.init(now)
        record = {"tx": spec, "dtype": dtype, "params": params, "state": plain(state, injected), "steps": []}
        if lookahead:
            record["lookahead"] = True
        for g in grads:
            updates, state = tx.update(jax.tree.map(jnp.asarray, g), state, now)
            now = optax.apply_updates(now, updates)
            record["steps"].append({"grads": g, "updates": plain(updates), "params": plain(now),
                                    "state": plain(state, injected)})
    near = {"rtol": 1e-12, "atol": 1e-14} if dtype == "float64" else {"rtol": 2e-6, "atol": 1e-6}
    record |= near | ({"rtol": rtol} if rtol else {})
    if note:
        record["note"] = note
    cases.append(record)


def fn(name, *args, **options):
    return {"fn": name, "args": list(args), "options": options}


HALVES = fn("exponentialDecay", 0.1, 2, 0.5)
MASK = {"dense": {"kernel": True, "bias": False}, "list": [True, False], "none": None, "empty": True}
BRANCHES = {"dense": True, "list": [False, True], "none": None, "empty": False}
LABELS = {"dense": {"kernel": "one", "bias": "two"}, "list": ["two", "one"], "none": None,
          "empty": "one"}

OPTIMIZERS = {
    "sgd": [{}, {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}],
    "adam": [{}, {"b1": 0.5, "b2": 0.9, "eps": 1e-3, "epsRoot": 1e-4}, {"nesterov": True}],
    "nadam": [{}],
    "adamw": [{}, {"weightDecay": 0.1}, {"weightDecay": 0.1, "mask": MASK}, {"weightDecay": HALVES}],
    "nadamw": [{}],
    "adagrad": [{}, {"initialAccumulatorValue": 0.0, "eps": 0.0}],
    "rmsprop": [{}, {"decay": 0.5, "eps": 1e-3, "epsInSqrt": False}, {"centered": True, "eps": 1e-3},
                {"momentum": 0.9}, {"momentum": 0.9, "nesterov": True, "initialScale": 1.0},
                {"biasCorrection": True}, {"centered": True, "biasCorrection": True, "eps": 1e-3},
                {"centered": True, "epsInSqrt": False, "eps": 1e-2}],
    "adadelta": [{}, {"rho": 0.5, "eps": 1e-3, "weightDecay": 0.1, "weightDecayMask": BRANCHES}],
    "adamax": [{}, {"b1": 0.5, "b2": 0.9, "eps": 1e-3}],
    "adamaxw": [{}, {"weightDecay": 0.1, "mask": BRANCHES}],
    "amsgrad": [{}, {"b1": 0.5, "b2": 0.5, "epsRoot": 1e-3}],
    "adabelief": [{}, {"eps": 1e-3, "epsRoot": 1e-3, "nesterov": True}],
    "yogi": [{}, {"b1": 0.5, "b2": 0.9}],
    "radam": [{}, {"b2": 0.9}, {"b2": 0.9, "threshold": 2.0, "nesterov": True}],
    "lion": [{}, {"b1": 0.5, "b2": 0.5, "weightDecay": 0.1, "mask": MASK}],
    "lamb": [{}, {"weightDecay": 0.1, "mask": MASK}],
    "novograd": [{}, {"weightDecay": 0.1, "b2": 0.5}],
    "signSgd": [{}],
    "noisySgd": [{"key": 0}, {"key": 7, "eta": 1.0, "gamma": 0.1}],
}
# where digits cancel, or where sums of squares are added in another order
ROUGH = {"radam": 1e-4, "adabelief": 3e-5, "noisySgd": 1e-5, "lamb": 1e-5, "novograd": 1e-5}
# schedules of an int32 count are float32 in optax even beside float64 parameters
SCHEDULED = 2e-6
for name, table in OPTIMIZERS.items():
    for options in table:
        cancels = options.get("centered") and options.get("biasCorrection")
        case(name, 0.1, rtol=5e-4 if cancels else ROUGH.get(name), **options)
        if name != "noisySgd":
            exact = 1e-9 if name == "radam" else SCHEDULED if HALVES in options.values() else None
            case(name, 0.1, dtype="float64", rtol=exact, **options)
    case(name, HALVES, rtol=ROUGH.get(name), **table[0], note="a schedule")
    case(name, 0.1, zero=(0, 2), rtol=ROUGH.get(name), **table[0], note="zero gradients")
    case(name, 0.1, scale=1e4, rtol=ROUGH.get(name), **table[0], note="large gradients")

for dtype in ("float32", "float64"):
    # the part that is kept is float32 in optax
    rough = {"rtol": 5e-5 if dtype == "float32" else 5e-6}
    for options in [{}, {"minDimSizeToFactor": 2}, {"minDimSizeToFactor": 3, "momentum": 0.9},
                    {"factored": False, "decayRate": 0.5, "weightDecayRate": 0.1},
                    {"minDimSizeToFactor": 2, "clippingThreshold": None,
                     "multiplyByParameterScale": False, "eps": 1e-3}]:
        if dtype == "float64" and "momentum" in options:
            continue  # its momentum is float32
        case("adafactor", 0.1, shapes=MATRICES, dtype=dtype, **rough, **options)
        case("adafactor", shapes=MATRICES, dtype=dtype, **rough, **options)

case("scaleByFactoredRms", shapes=MATRICES, rtol=1e-5, minDimSizeToFactor=2, decayRate=0.5, epsilon=1e-3)
case("scaleByFactoredRms", shapes=MATRICES, dtype="float64", rtol=5e-6, minDimSizeToFactor=3, stepOffset=-2)

PARTS = [
    fn("trace", 0.5), fn("trace", 0.5, nesterov=True), fn("ema", 0.5), fn("ema", 0.9, debias=False),
    fn("scale", -2.5), fn("scaleBySchedule", HALVES), fn("scaleByLearningRate", 0.1, flipSign=False),
    fn("scaleBySign"), fn("clip", 0.5), fn("clipByGlobalNorm", 0.5), fn("clipByGlobalNorm", 100.0),
    fn("clipByBlockRms", 0.5), fn("clipByBlockRms", 100.0), fn("addDecayedWeights", 0.1),
    fn("addDecayedWeights", HALVES), fn("addDecayedWeights", 0.1, mask=MASK), fn("scaleByRss"),
    fn("scaleByRms"), fn("scaleByStddev"), fn("scaleByAdam"), fn("scaleByAmsgrad"),
    fn("scaleByAdamax"), fn("scaleByAdadelta"), fn("scaleByBelief"),
    fn("scaleByYogi", initialAccumulatorValue=0.1, epsRoot=1e-3), fn("scaleByRadam"),
    fn("scaleByLion"), fn("scaleByTrustRatio"),
    fn("scaleByTrustRatio", minNorm=2.0, trustCoefficient=0.5, eps=0.1), fn("scaleByNovograd"),
    fn("scaleByParamBlockRms"), fn("scaleByParamBlockRms", 2.0), fn("identity"), fn("setToZero"),
    fn("addNoise", 0.5, 0.5, 3), fn("zeroNans"),
    fn("chain", fn("clip", 1.0), fn("adam", 0.1)), fn("chain", fn("adam", 0.1), fn("clip", 0.05)),
    fn("chain", fn("clipByGlobalNorm", 1.0), fn("adamw", HALVES, weightDecay=0.1)),
    fn("masked", fn("adam", 0.1), MASK), fn("masked", fn("adamw", 0.1), BRANCHES),
    fn("multiTransform", {"one": fn("adam", 0.1), "two": fn("sgd", 0.5, momentum=0.9)}, LABELS),
    fn("multiTransform", {"one": fn("adamw", 0.1), "two": fn("setToZero")}, LABELS),
    fn("MultiSteps", fn("adam", 0.1), 2), fn("MultiSteps", fn("sgd", 0.1), 3, useGradMean=False),
    fn("chain", fn("applyIfFinite", fn("adam", 0.1), 2)),
    fn("lookahead", fn("adam", 0.1), 2, 0.5), fn("lookahead", fn("sgd", 0.1, momentum=0.9), 3, 0.25),
    fn("lookahead", fn("adam", 0.1), 2, 0.5, resetState=True),
    {"of": "adam", "inject": {"learningRate": 0.1, "b1": 0.5}},
    {"of": "adamw", "inject": {"learningRate": HALVES, "weightDecay": 0.1, "b2": 0.9}},
    {"of": "sgd", "inject": {"learningRate": HALVES, "momentum": 0.9}},
]
NORMS = ("clipByGlobalNorm", "clipByBlockRms", "scaleByTrustRatio", "scaleByParamBlockRms", "addNoise",
         "scaleByNovograd", "scaleByBelief", "scaleByRadam", "chain")
for part in PARTS:
    name = part.get("fn")
    rough = {"scaleByRadam": 1e-4, "scaleByBelief": 3e-5}.get(name, 1e-5 if name in NORMS else None)
    # optax injects the defaults too: 1 - b2 of a float32 b2
    rough = 5e-5 if "inject" in part else rough
    # with b2 = .999 float32 has no digits left of how far squares can be trusted
    case(name, spec=part, rtol=rough, steps=5 if name == "scaleByRadam" else 7)
    scheduled = "exponentialDecay" in str(part)
    if name not in ("addNoise", "MultiSteps") and not (scheduled and "inject" in part):
        exact = 1e-9 if name == "scaleByRadam" else SCHEDULED if scheduled else None
        case(name, spec=part, dtype="float64", rtol=exact, steps=7)
for bad in (np.nan, np.inf):
    case(None, spec=fn("applyIfFinite", fn("adam", 0.1), 2), bad={1: bad, 3: bad, 4: bad, 5: bad},
         steps=7, note="the third bad update in a row is applied")
case(None, spec=fn("applyIfFinite", fn("sgd", 0.1, momentum=0.9), 0), bad={1: np.nan}, steps=3,
     note="none is skipped")
case(None, spec=fn("zeroNans"), bad={1: np.nan, 2: np.inf}, steps=4)


def schedule(name, *args, counts=range(14), **options):
    spec = fn(name, *args, **options)
    f = build(spec)
    for dtype in ("float32", "float64"):
        with jax.enable_x64(dtype == "float64"):
            got = [f(jnp.asarray(c, dtype if dtype == "float64" else "int32")) for c in counts]
            schedules.append({"schedule": spec, "dtype": dtype, "counts": list(counts),
                              "want": np.array([np.asarray(x, dtype) for x in got])})


CYCLE = {"initValue": 0.0, "peakValue": 1.0, "warmupSteps": 2, "decaySteps": 6}
schedule("constantSchedule", 0.3)
schedule("linearSchedule", 0.1, 0.9, 8)
schedule("linearSchedule", 1.0, 0.0, 4, transitionBegin=3)
schedule("linearSchedule", 1.0, 0.0, 0)
schedule("polynomialSchedule", 1.0, 0.1, 2.5, 10)
schedule("polynomialSchedule", 0.1, 1.0, 0.5, 5, transitionBegin=4)
schedule("exponentialDecay", 0.5, 3, 0.7)
schedule("exponentialDecay", 0.5, 3, 0.7, staircase=True, transitionBegin=2)
schedule("exponentialDecay", 0.5, 3, 0.7, endValue=0.2)
schedule("exponentialDecay", 0.5, 3, 1.7, endValue=2.0)
schedule("exponentialDecay", 0.5, 3, 0.0)
schedule("exponentialDecay", 0.5, 0, 0.7)
schedule("piecewiseConstantSchedule", 0.3, {"3": 0.5, "7": 0.1, "9": 20.0})
schedule("piecewiseInterpolateSchedule", "linear", 0.3, {"3": 0.5, "7": 3.0, "9": 0.2})
schedule("piecewiseInterpolateSchedule", "cosine", 0.3, {"3": 0.5, "7": 3.0, "9": 0.2})
schedule("cosineDecaySchedule", 0.7, 10)
schedule("cosineDecaySchedule", 0.7, 10, alpha=0.1, exponent=2.0)
schedule("warmupConstantSchedule", 0.1, 0.7, 5)
schedule("warmupCosineDecaySchedule", 0.1, 0.7, 4, 11)
schedule("warmupCosineDecaySchedule", 0.1, 0.7, 4, 11, endValue=0.05, exponent=1.5)
schedule("warmupCosineDecaySchedule", 0.0, 0.0, 0, 5)
schedule("warmupExponentialDecaySchedule", 0.1, 0.7, 4, 3, 0.5)
schedule("warmupExponentialDecaySchedule", 0.1, 0.7, 4, 3, 0.5, transitionBegin=1, staircase=True,
         endValue=0.3)
schedule("joinSchedules", [fn("constantSchedule", 5.0), fn("linearSchedule", 1.0, 0.0, 4),
                           fn("exponentialDecay", 2.0, 1, 0.5)], [2, 8])
schedule("sgdrSchedule", [CYCLE, CYCLE | {"peakValue": 0.5, "endValue": 0.1}])
schedule("cosineOnecycleSchedule", 11, 0.7)
schedule("cosineOnecycleSchedule", 11, 0.7, pctStart=0.5, divFactor=5.0, finalDivFactor=10.0)
schedule("linearOnecycleSchedule", 13, 0.7)
schedule("linearOnecycleSchedule", 3, 0.7, pctStart=0.1)


def loop(spec):
    """Losses of ten jitted steps of a tiny model on one batch, and the weights after them."""
    r = rng("optax loop")
    start = [np.asarray(np.round(0.5 * r.normal(size=s), 3), "float32") for s in ((4, 3), (3,), (3, 2), (2,))]
    x = (np.arange(16, dtype=np.float32) / 10).reshape(4, 4)
    y = np.eye(2, dtype=np.float32)[[0, 1, 1, 0]]
    tx = build(spec)

    def loss(w):
        logits = jax.nn.relu(x @ w[0] + w[1]) @ w[2] + w[3]
        return -jnp.mean(jnp.sum(y * jax.nn.log_softmax(logits), axis=-1))

    @jax.jit
    def step(w, state):
        value, grads = jax.value_and_grad(loss)(w)
        updates, state = tx.update(grads, state, w)
        return value, optax.apply_updates(w, updates), state

    w, state, losses = [jnp.asarray(v) for v in start], tx.init(start), []
    for _ in range(10):
        value, w, state = step(w, state)
        losses.append(np.float32(value))
    return {"tx": spec, "x": x, "y": y, "start": start, "losses": np.array(losses),
            "weights": [np.asarray(v) for v in w], "rtol": 2e-5, "atol": 2e-6}


loops = [loop(spec) for spec in (
    fn("adam", 0.1), fn("sgd", 0.1, momentum=0.9, nesterov=True), fn("rmsprop", 0.01), fn("lamb", 0.1),
    fn("chain", fn("clipByGlobalNorm", 0.1), fn("adamw", HALVES, weightDecay=0.1)))]
write("optax.json.gz", PACKAGES, cases, schedules=schedules, loops=loops)
