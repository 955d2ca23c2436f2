"""metrics.*: variables and result after each of a few updates, as Keras has them."""

from keras_on_jax import PACKAGES

import jax
import keras
import numpy as np

from golden import rng, snake, write

cases = []
f32 = lambda x: np.array(x, np.float32)
i32 = lambda x: np.array(x, np.int32)


def case(fn, *updates, note=None, **options):
    """An update is (values | yTrue, yPred) and perhaps {"sampleWeight": ...}."""
    keras.backend.clear_session()
    metric = getattr(keras.metrics, fn)(**{snake(k): v for k, v in options.items()})
    record = {"fn": fn, "options": options}
    if note:
        record["note"] = note
    record["variables"] = [{"path": v.path, "shape": list(v.shape), "dtype": str(v.dtype)}
                           for v in metric.variables]
    record["initialResult"] = np.asarray(metric.result())
    record["updates"] = []
    for *args, last in updates:
        args, kw = (args, last) if isinstance(last, dict) else ([*args, last], {})
        before = [v.value for v in metric.variables]
        metric.update_state(*args, **{snake(k): v for k, v in kw.items()})
        after = metric.stateless_update_state(before, *args, **{snake(k): v for k, v in kw.items()})
        assert all(np.array_equal(a, v.value, equal_nan=True) for a, v in zip(after, metric.variables))
        record["updates"].append({
            "args": args, **kw, "variables": [np.asarray(v.value) for v in metric.variables],
            "result": np.asarray(metric.result())})
    record |= {"rtol": 2e-6, "atol": 1e-6}
    cases.append(record)


def normal(name, *shape):
    return np.round(rng(name).normal(size=shape), 3).astype(np.float32)


v = normal("mean", 4, 3)
case("Mean", [f32([1, 3, 5, 7])], [f32([10, 20])])
case("Mean", [f32(4)], [f32(8)], note="scalars")
case("Mean", [f32([1, 3, 5, 7]), {"sampleWeight": f32([1, 1, 0, 0])}])
case("Mean", [f32([1, 3]), {"sampleWeight": f32(2)}], [f32([5])])
case("Mean", [v, {"sampleWeight": f32([1, 0, 2, 0.5])}], note="values [n, k] with weights [n]")
case("Mean", [v, {"sampleWeight": normal("w", 4, 3)}])
case("Mean", [v, {"sampleWeight": f32([[1], [0], [2], [0.5]])}])
case("Mean", [f32([1, 2]), {"sampleWeight": f32([0, 0])}], note="no weight: 0")
case("Mean", [i32([1, 2, 4])])
case("Mean", [f32([1, np.nan])], [f32([1])])
case("Mean", [f32([1, 2])], name="loss")
case("Mean", [normal("r3", 2, 3, 4), {"sampleWeight": f32([1, 3])}])
case("Mean", [np.zeros((0,), np.float32)])

hot = np.eye(4, dtype=np.float32)
p = normal("p", 6, 4)
y = hot[[0, 1, 2, 3, 1, 1]]
w6 = f32([1, 0, 2, 0.5, 1, 1])
case("CategoricalAccuracy", [y, p], [y[:2], p[2:4]])
case("CategoricalAccuracy", [y, p, {"sampleWeight": w6}])
case("CategoricalAccuracy", [y, p, {"sampleWeight": w6[:, None]}])
case("CategoricalAccuracy", [f32([[0, 0, 1], [0, 1, 0]]), f32([[0.1, 0.9, 0.8], [0.05, 0.95, 0]])])
case("CategoricalAccuracy", [f32([[0, 0, 1], [0, 1, 0]]), f32([[0.1, 0.9, 0.8], [0.05, 0.95, 0]]),
                             {"sampleWeight": f32([0.7, 0.3])}])
case("CategoricalAccuracy", [f32([[1, 0], [0, 1]]), f32([[0.5, 0.5], [0.5, 0.5]])], note="ties: the first")
case("CategoricalAccuracy", [y.astype(np.uint8), p])
case("CategoricalAccuracy", [np.stack([y, y[::-1]]), np.stack([p, p])], note="rank 3")
case("CategoricalAccuracy", [np.stack([y, y[::-1]]), np.stack([p, p]), {"sampleWeight": f32([1, 2])}])
case("CategoricalAccuracy", [y[:1], p[:1]], name="accuracy")

ids = i32([0, 1, 2, 3, 1, 1])
case("SparseCategoricalAccuracy", [ids, p], [ids[:2], p[2:4]])
case("SparseCategoricalAccuracy", [ids[:, None], p])
case("SparseCategoricalAccuracy", [ids, p, {"sampleWeight": w6}])
case("SparseCategoricalAccuracy", [ids.astype(np.uint8), p])
case("SparseCategoricalAccuracy", [ids.astype(np.float32), p])
case("SparseCategoricalAccuracy", [np.stack([ids, ids[::-1]]), np.stack([p, p])])
case("SparseCategoricalAccuracy", [i32([9, -1, 2, 3, 1, 1]), p], note="labels outside never match")

b = f32([[1, 0, 1], [0, 0, 1]])
q = f32([[0.9, 0.5, 0.3], [0.2, 0.7, 0.51]])
case("BinaryAccuracy", [b, q], [b[:1], q[1:]])
case("BinaryAccuracy", [b, q, {"sampleWeight": f32([1, 3])}])
case("BinaryAccuracy", [b, q], threshold=0.7)
case("BinaryAccuracy", [b, q], threshold=0.0)
case("BinaryAccuracy", [f32([1, 1, 0, 0]), f32([0.98, 1, 0, 0.6])])
case("BinaryAccuracy", [f32([1, 1, 0, 0]), f32([0.98, 1, 0, 0.6]), {"sampleWeight": f32([1, 0, 0, 1])}],
     note="rank 1: the accuracy is a scalar before the weights")
case("BinaryAccuracy", [f32([[1], [1], [0], [0]]), f32([[0.98], [1], [0], [0.6]])])
case("BinaryAccuracy", [f32([[1], [1], [0], [0]]), f32([[0.98], [1], [0], [0.6]]), {"sampleWeight": f32([1, 0, 0, 1])}])
case("BinaryAccuracy", [f32([1, 1, 0, 0]), f32([[0.98], [1], [0], [0.6]])], note="yTrue [n], yPred [n, 1]")
case("BinaryAccuracy", [b.astype(bool), q])

write("metrics.json", PACKAGES, cases)
