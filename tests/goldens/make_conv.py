"""Convolution, pooling, attention: the functions of nn from JAX, the layers from Keras.

Cases of nn have `namespace: "nn"` and are those of make_nn.py otherwise: `kind` "value" or "grad",
one gradient per array of floats. Cases of layers are those of make_layers.py. float32 values are
computed in float64.
"""

from keras_on_jax import PACKAGES

import jax
import jax.numpy as jnp
import keras
import numpy as np

from golden import rng, write
from layer_case import case, cases, normal

SPATIAL = {1: "W", 2: "HW", 3: "DHW"}


def both(fn, f, *args, **options):
    """The value and all gradients of `f` at the arrays among args, in their dtype."""
    dtype = next(a.dtype for a in args if isinstance(a, np.ndarray))
    with jax.enable_x64(True):
        at = [i for i, a in enumerate(args) if isinstance(a, np.ndarray)]

        def of(*xs):
            full = list(args)
            for i, x in zip(at, xs):
                full[i] = x
            return f(*full, **options)

        wide = [jnp.asarray(args[i], jnp.float64) for i in at]
        of(*wide)
        out, pull = jax.vjp(of, *wide)
        c = np.round(rng(f"{fn} {len(cases)}").normal(size=out.shape), 3)
        gradients = [np.asarray(g).astype(dtype) for g in pull(jnp.asarray(c))]
    near = {"rtol": 1e-6, "atol": 5e-6} if dtype == np.float32 else {"rtol": 1e-12, "atol": 1e-12}
    head = {"fn": fn, "namespace": "nn", "args": list(args), "options": options}
    cases.append(head | {"kind": "value", "want": np.asarray(out).astype(dtype)} | near)
    cases.append(head | {"kind": "grad", "cotangent": c.astype(dtype), "want": gradients} | near)


def each(value, rank):
    return list(value) if isinstance(value, list) else [value] * rank


def padding_of(padding, sizes, dilation):
    if padding == "causal":
        return [((k - 1) * d, 0) for k, d in zip(sizes, dilation)]
    return padding.upper() if isinstance(padding, str) else [tuple(p) for p in padding]


def conv(x, kernel, strides=1, padding="valid", dilation=1, groups=1):
    rank = kernel.ndim - 2
    dilation = each(dilation, rank)
    data = f"N{SPATIAL[rank]}C"
    return jax.lax.conv_general_dilated(
        x, kernel, each(strides, rank), padding_of(padding, kernel.shape, dilation), rhs_dilation=dilation,
        dimension_numbers=(data, f"{SPATIAL[rank]}IO", data), feature_group_count=groups)


def max_pool(x, window, strides=None, padding="valid"):
    rank = x.ndim - 2
    window = each(window, rank)
    strides = window if strides is None else each(strides, rank)
    pads = padding_of(padding, window, [1] * rank)
    if not isinstance(pads, str):
        pads = [(0, 0), *pads, (0, 0)]
    return jax.lax.reduce_window(x, -jnp.inf, jax.lax.max, (1, *window, 1), (1, *strides, 1), pads)


def average_pool(x, window, strides=None, padding="valid"):
    rank = x.ndim - 2
    window = each(window, rank)
    strides = window if strides is None else each(strides, rank)
    return keras.ops.average_pool(x, tuple(window), tuple(strides), padding, data_format="channels_last")


def attention(q, k, v, causal=False, mask=None, scale=None):
    """JAX's formula; its own softmax here is one of float32 whatever the inputs are."""
    seen = None if mask is None else jnp.asarray(mask).astype(bool)
    by_jax = jax.nn.dot_product_attention(q, k, v, mask=seen, scale=scale, is_causal=causal)
    if q.ndim == 3:
        return attention(q[None], k[None], v[None], causal, mask, scale)[0]
    n, h, t, s = q.shape[2], q.shape[3], q.shape[1], k.shape[1]
    k, v = (jnp.repeat(a, n // a.shape[2], axis=2) for a in (k, v))
    scores = jnp.einsum("btnh,bsnh->bnts", q, k) * (1 / np.sqrt(h) if scale is None else scale)
    visible = np.tri(t, s, dtype=bool) if causal else np.ones((t, s), bool)
    visible = visible if seen is None else visible & seen
    scores = jnp.where(visible, scores, -0.7 * np.finfo(np.float32).max)
    out = jnp.einsum("bnts,bsnh->btnh", jax.nn.softmax(scores), v)
    if not isinstance(out, jax.core.Tracer):
        assert np.allclose(out, by_jax, rtol=1e-5, atol=1e-6)
    return out


CONV = [
    # batch, spatial, channels; kernel; features; options
    ((2, 7, 3), (3,), 4, {}),
    ((2, 8, 3), (3,), 4, {"strides": 2, "padding": "same"}),
    ((2, 7, 2), (3,), 4, {"padding": "causal", "dilation": 2}),
    ((1, 9, 4), (2,), 6, {"groups": 2, "strides": 3}),
    ((2, 6, 7, 3), (3, 2), 4, {}),
    ((2, 6, 7, 3), (3, 3), 4, {"padding": "same"}),
    ((1, 7, 8, 2), (3, 4), 3, {"strides": [2, 3], "padding": "same"}),
    ((1, 8, 7, 2), (3, 2), 3, {"dilation": [2, 3]}),
    ((1, 8, 7, 2), (3, 2), 3, {"dilation": 2, "strides": 2, "padding": "same"}),
    ((1, 5, 5, 2), (3, 3), 3, {"padding": [[2, 0], [1, 3]], "strides": 2}),
    ((2, 5, 5, 4), (3, 3), 6, {"groups": 2}),
    ((2, 5, 6, 3), (2, 3), 3, {"groups": 3, "padding": "same"}),
    ((2, 5, 6, 3), (2, 3), 6, {"groups": 3}),
    ((2, 5, 4, 3), (1, 1), 5, {}),
    ((2, 5, 4, 3), (1, 1), 5, {"strides": 2}),
    ((1, 4, 4, 2), (4, 4), 3, {}),
    ((1, 4, 3, 4, 2), (2, 2, 3), 3, {}),
    ((1, 4, 3, 5, 2), (2, 2, 2), 4, {"padding": "same", "strides": [1, 2, 2], "groups": 2}),
]
for dtype in (np.float32, np.float64):
    for shape, kernel, features, options in CONV:
        inputs = shape[-1] // options.get("groups", 1)
        x = normal(f"conv x {shape} {kernel}", *shape).astype(dtype)
        k = normal(f"conv k {shape} {kernel}", *kernel, inputs, features).astype(dtype)
        both("conv", conv, x, k, **options)

POOL = [
    ((2, 7, 3), 2, {}),
    ((2, 8, 2), 3, {"strides": 1, "padding": "same"}),
    ((2, 6, 8, 3), 2, {}),
    ((1, 7, 5, 2), [3, 2], {"strides": [2, 1]}),
    ((1, 7, 5, 2), 3, {"strides": 2, "padding": "same"}),
    ((2, 5, 5, 1), 2, {"padding": "same"}),
    ((1, 4, 5, 4, 2), 2, {"strides": 1}),
    ((1, 4, 5, 3, 2), [2, 3, 2], {"padding": "same"}),
]
for dtype in (np.float32, np.float64):
    for shape, window, options in POOL:
        x = normal(f"pool {shape}", *shape).astype(dtype)
        # ties: the first of the greatest gets the gradient
        ties = np.round(x)
        both("maxPool", max_pool, x, window, **options)
        both("maxPool", max_pool, ties, window, **options)
        both("averagePool", average_pool, x, window, **options)
    both("maxPool", max_pool, normal("pairs", 1, 4, 5, 2).astype(dtype), 3, padding=[[1, 0], [2, 1]], strides=2)

ATTENTION = [
    # B, T, S, heads of queries, heads of keys, H
    (2, 3, 5, 2, 2, 4),
    (1, 4, 4, 4, 2, 3),
    (2, 1, 3, 3, 1, 2),
]
for dtype in (np.float32, np.float64):
    for b, t, s, n, heads, h in ATTENTION:
        q = normal(f"q {b}{t}{s}{n}", b, t, n, h).astype(dtype)
        k = normal(f"k {b}{t}{s}{n}", b, s, heads, h).astype(dtype)
        v = normal(f"v {b}{t}{s}{n}", b, s, heads, h).astype(dtype)
        mask = rng(f"mask {b}{t}{s}{n}").random((b, 1, t, s)) < 0.6
        both("dotProductAttention", attention, q, k, v)
        both("dotProductAttention", attention, q, k, v, causal=True)
        both("dotProductAttention", attention, q, k, v, scale=0.3, causal=True)
        both("dotProductAttention", attention, q, k, v, mask=mask)
        both("dotProductAttention", attention, q, k, v, mask=mask, causal=True)
        both("dotProductAttention", attention, q[0], k[0], v[0], causal=True)

i2, i3 = normal("image", 2, 6, 7, 3), normal("series", 2, 8, 3)
volume = normal("volume", 1, 4, 5, 4, 2)
even = normal("even", 2, 5, 6, 4)
for dtype in ("float32", "float64"):
    case("Conv1D", 4, 3, inputs=[i3], dtype=dtype)
    case("Conv2D", 4, 3, inputs=[i2], dtype=dtype, activation="relu")
    case("Conv2D", 4, [2, 3], inputs=[i2], dtype=dtype, strides=[2, 1], padding="same")
    case("Conv3D", 3, 2, inputs=[volume], dtype=dtype)
    case("MaxPooling2D", inputs=[i2], dtype=dtype)
    case("AveragePooling2D", 2, inputs=[i2], dtype=dtype)
    case("GlobalAveragePooling2D", inputs=[i2], dtype=dtype)
    case("GlobalMaxPooling2D", inputs=[i2], dtype=dtype)
case("Conv1D", 4, 3, inputs=[i3], padding="causal", dilationRate=2)
case("Conv1D", 6, 2, inputs=[normal("series4", 2, 9, 4)], strides=2, groups=2, useBias=False)
case("Conv1D", 2, 3, inputs=[i3], padding="same", strides=3, activation="tanh")
case("Conv2D", 4, 3, inputs=[i2], padding="same", dilationRate=[2, 1])
case("Conv2D", 8, 3, inputs=[even], groups=4)
case("Conv2D", 4, 2, inputs=[even], groups=2, strides=2, padding="same")
case("Conv2D", 5, 1, inputs=[i2], useBias=False)
case("Conv2D", 3, [1, 1], inputs=[i2], strides=[2, 2])
case("Conv3D", 4, [2, 3, 2], inputs=[volume], padding="same", strides=[1, 2, 2], groups=2)
case("MaxPooling1D", inputs=[i3])
case("MaxPooling1D", 3, inputs=[i3], strides=1, padding="same")
case("MaxPooling2D", 3, inputs=[i2], strides=2, padding="same")
case("MaxPooling2D", [2, 3], inputs=[i2], strides=[1, 2])
case("AveragePooling1D", 2, inputs=[i3])
case("AveragePooling1D", 3, inputs=[i3], strides=2, padding="same")
case("AveragePooling2D", 3, inputs=[i2], strides=2, padding="same")
case("AveragePooling2D", [1, 2], inputs=[i2])
case("GlobalAveragePooling2D", inputs=[i2], keepdims=True)
case("GlobalMaxPooling2D", inputs=[i2], keepdims=True)
case("GlobalMaxPooling2D", inputs=[np.round(i2)], note="ties share the gradient")
case("ZeroPadding2D", inputs=[i2])
case("ZeroPadding2D", 2, inputs=[i2])
case("ZeroPadding2D", [1, 3], inputs=[i2])
case("ZeroPadding2D", [[1, 0], [2, 3]], inputs=[i2])
case("Embedding", 5, 3, inputs=[np.array([[0, 4, 2], [1, 1, 3]], np.int32)])
case("Embedding", 5, 3, inputs=[np.array([[0, 5, -1], [-5, -6, 3]], np.int32)], note="outside: NaN; negative from the end")
case("Embedding", 5, 3, inputs=[np.array([1, 0, 4], np.uint8)])
case("Embedding", 5, 2, inputs=[np.array([[0.9, 4.2]])], note="numbers are cut to integers")

write("conv.json.gz", PACKAGES, cases)
