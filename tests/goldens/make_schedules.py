"""optimizers.schedules.*: learning rates at some steps, float32 as Keras computes them."""

from keras_on_jax import PACKAGES

import keras
import numpy as np

from golden import snake, write

S = keras.optimizers.schedules
cases = []


def case(fn, steps, **options):
    schedule = getattr(S, fn)(**{snake(k): v for k, v in options.items()})
    want = np.array([np.float32(schedule(np.int32(s))) for s in steps], np.float32)
    cases.append({"fn": fn, "options": options, "steps": steps, "want": want, "rtol": 2e-6, "atol": 2e-8})


few = [0, 1, 2, 5, 9, 10, 11, 15, 20, 25, 30, 100]
base = {"initialLearningRate": 0.1, "decaySteps": 10}
case("ExponentialDecay", few, **base, decayRate=0.5)
case("ExponentialDecay", few, **base, decayRate=0.5, staircase=True)
case("ExponentialDecay", [0, 1, 1000, 100000], initialLearningRate=1e-2, decaySteps=10000, decayRate=0.9)
case("InverseTimeDecay", few, **base, decayRate=0.5)
case("InverseTimeDecay", few, **base, decayRate=0.5, staircase=True)
case("InverseTimeDecay", few, initialLearningRate=0.01, decaySteps=1, decayRate=2.0)
case("PolynomialDecay", few, **base)
case("PolynomialDecay", few, **base, endLearningRate=0.01, power=0.5)
case("PolynomialDecay", few, **base, endLearningRate=0.01, power=2.0)
case("PolynomialDecay", few, **base, endLearningRate=0.01, power=1.0, cycle=True)
case("PolynomialDecay", few, **base, endLearningRate=0.0, power=2.0, cycle=True)
case("CosineDecay", few, **base)
case("CosineDecay", few, **base, alpha=0.1)
case("CosineDecay", few, initialLearningRate=0.0, decaySteps=10, warmupTarget=0.1, warmupSteps=5)
case("CosineDecay", few, initialLearningRate=0.01, decaySteps=20, alpha=0.2, warmupTarget=0.1, warmupSteps=10)
case("CosineDecay", few, initialLearningRate=0.01, decaySteps=20, warmupTarget=0.1, warmupSteps=0)
case("CosineDecay", few, initialLearningRate=0.1, decaySteps=10, warmupSteps=5)
case("CosineDecayRestarts", few, initialLearningRate=0.1, firstDecaySteps=5)
case("CosineDecayRestarts", few, initialLearningRate=0.1, firstDecaySteps=5, tMul=1.0, mMul=0.5, alpha=0.1)
case("CosineDecayRestarts", few, initialLearningRate=0.1, firstDecaySteps=5, tMul=1.5, mMul=0.9)
case("PiecewiseConstantDecay", few, boundaries=[5, 10], values=[1.0, 0.5, 0.1])
case("PiecewiseConstantDecay", few, boundaries=[9], values=[0.1, 0.01])
case("PiecewiseConstantDecay", [0, 110, 111, 1000], boundaries=[110], values=[0.1, 0.01])
write("schedules.json", PACKAGES, cases)
