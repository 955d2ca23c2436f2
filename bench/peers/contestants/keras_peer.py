"""Keras 3 on JAX. Lane "keras" is the guide's program to the letter: TensorFlow imported for tf.data,
a jitted step that donates nothing, NumPy batches. Lane "keras-donated" is the same step with its
state donated, on batches that lie on the device."""

import os

os.environ["KERAS_BACKEND"] = "jax"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import jax
import jax.numpy as jnp
import keras
import numpy as np
import tensorflow as tf

import inputs
from serve import Absent, Work, serve, threads

tf.config.threading.set_intra_op_parallelism_threads(threads())
tf.config.threading.set_inter_op_parallelism_threads(threads())


def get_model(sizes):
    digits = keras.Input(shape=(sizes["features"],), name="digits")
    x = digits
    for width in sizes["hidden"]:
        x = keras.layers.Dense(width, activation="relu")(x)
    outputs = keras.layers.Dense(sizes["classes"], name="predictions")(x)
    model = keras.Model(inputs=digits, outputs=outputs)
    model.set_weights(inputs.mlp_parameters(sizes))
    return model


def trainer(sizes, donated):
    """The guide's second program: (jitted step, first state)."""
    model = get_model(sizes)
    loss_fn = keras.losses.CategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.Adam(learning_rate=1e-3)
    metric = keras.metrics.CategoricalAccuracy()

    def compute_loss_and_updates(
        trainable_variables, non_trainable_variables, metric_variables, x, y
    ):
        y_pred, non_trainable_variables = model.stateless_call(
            trainable_variables, non_trainable_variables, x, training=True
        )
        loss = loss_fn(y, y_pred)
        metric_variables = metric.stateless_update_state(metric_variables, y, y_pred)
        return loss, (non_trainable_variables, metric_variables)

    grad_fn = jax.value_and_grad(compute_loss_and_updates, has_aux=True)

    def train_step(state, data):
        trainable_variables, non_trainable_variables, optimizer_variables, metric_variables = state
        x, y = data
        (loss, (non_trainable_variables, metric_variables)), grads = grad_fn(
            trainable_variables, non_trainable_variables, metric_variables, x, y
        )
        trainable_variables, optimizer_variables = optimizer.stateless_apply(
            optimizer_variables, grads, trainable_variables
        )
        return loss, (
            trainable_variables,
            non_trainable_variables,
            optimizer_variables,
            metric_variables,
        )

    optimizer.build(model.trainable_variables)
    state = [
        [v.value for v in variables]
        for variables in (
            model.trainable_variables,
            model.non_trainable_variables,
            optimizer.variables,
            metric.variables,
        )
    ]
    return jax.jit(train_step, donate_argnums=0 if donated else ()), tuple(state)


def steps(sizes, donated):
    batches = [(x, inputs.one_hot(y, sizes["classes"])) for x, y in inputs.mlp_batches(sizes)]
    if donated:
        batches = [(jnp.array(x), jnp.array(y)) for x, y in batches]
    step, state = trainer(sizes, donated)
    at = 0

    def run(reps):
        nonlocal state, at
        for _ in range(reps):
            loss, state = step(state, batches[at % len(batches)])
            at += 1
        jax.block_until_ready((loss, state))
        return loss

    return Work(run, lambda: [float(run(1)) for _ in range(5)])


def tf_batches(sizes):
    x, y = inputs.loop_data(sizes)
    y = inputs.one_hot(y, sizes["classes"])
    dataset = tf.data.Dataset.from_tensor_slices((x, y))
    return dataset.shuffle(buffer_size=1024).batch(sizes["batch"])


def loop(sizes, donated):
    """The guide's loop; one repetition is an epoch."""
    train_dataset = tf_batches(sizes)
    train_step, state = trainer(sizes, donated)

    def epoch():
        nonlocal state
        told = []
        for step, data in enumerate(train_dataset):
            data = (data[0].numpy(), data[1].numpy())
            loss, state = train_step(state, data)
            if step % 100 == 0:
                told.append(float(loss))
        jax.block_until_ready(state)
        return told

    return Work(lambda reps: [epoch() for _ in range(reps)], lambda: [float(np.mean(epoch()))])


def first(sizes, donated):
    """The guide's loop, as far as asked: what a fresh process does."""
    train_step, state = trainer(sizes, donated)
    batches = iter(tf_batches(sizes))

    def run(reps):
        nonlocal state
        for _, data in zip(range(reps), batches):
            loss, state = train_step(state, (data[0].numpy(), data[1].numpy()))
        jax.block_until_ready(loss)

    return Work(run, lambda: [])


def prepare(kind, sizes, lane):
    makers = {"mlp": steps, "loop": loop, "first": first}
    if kind not in makers:
        raise Absent("does not apply")
    return makers[kind](sizes, lane == "keras-donated")


serve(
    {
        "keras": keras.__version__,
        "jax": jax.__version__,
        "tensorflow": tf.__version__,
    },
    prepare,
)
