"""Prints src/compile/expand/coefficients.ts: the polynomials and constants that scalar functions
are expanded with. Run: python3 tests/goldens/fit_polynomials.py > src/compile/expand/coefficients.ts

Every polynomial is the minimax one of its weighted error (Remez exchange in 60 digits); the weight
makes it the error relative to the function that the polynomial serves.
"""

import sys

import mpmath as mp
import numpy as np

mp.mp.dps = 60


def remez(f, weight, low, high, count):
    """Coefficients, lowest first, of the polynomial p with `count` of them that makes the largest
    |weight * (f - p)| on [low, high] smallest, and that error."""
    low, high = mp.mpf(low), mp.mpf(high)
    middle, half = (low + high) / 2, (high - low) / 2
    at = [middle - half * mp.cos(mp.pi * i / count) for i in range(count + 1)]
    grid = [middle - half * mp.cos(mp.pi * i / (40 * count)) for i in range(40 * count + 1)]
    values = [(x, f(x), weight(x)) for x in grid]
    known = {}

    def sample(x):
        if x not in known:
            known[x] = (f(x), weight(x))
        return known[x]

    for _ in range(12):
        # in the scaled variable, so that the system stays solvable
        rows = mp.matrix(count + 1, count + 1)
        right = mp.matrix(count + 1, 1)
        for i, x in enumerate(at):
            y, w = sample(x)
            t = (x - middle) / half
            for j in range(count):
                rows[i, j] = t**j
            rows[i, count] = (-1) ** i / w
            right[i] = y
        solved = mp.lu_solve(rows, right)
        poly = [solved[j] for j in range(count)]

        def error(x, y, w):
            return w * (y - mp.polyval(poly[::-1], (x - middle) / half))

        errors = [error(*v) for v in values]
        peaks = []
        for i, e in enumerate(errors):
            if peaks and mp.sign(errors[peaks[-1]]) == mp.sign(e):
                if abs(e) > abs(errors[peaks[-1]]):
                    peaks[-1] = i
            else:
                peaks.append(i)
        while len(peaks) > count + 1:
            peaks.pop(0 if abs(errors[peaks[0]]) < abs(errors[peaks[-1]]) else -1)
        if len(peaks) < count + 1:
            break
        at = [grid[i] for i in peaks]
        worst = max(abs(e) for e in errors)
        if worst < abs(solved[count]) * mp.mpf("1.01"):
            break
    # back to the plain variable
    plain = [mp.mpf(0)] * count
    power = [mp.mpf(1)]
    for c in poly:
        for j, v in enumerate(power):
            plain[j] += c * v
        longer = [mp.mpf(0)] * (len(power) + 1)
        for j, v in enumerate(power):
            longer[j] -= v * middle / half
            longer[j + 1] += v / half
        power = longer
    return plain, max(abs(e) for e in errors)


def series(exact, terms, switch):
    """exact(x) away from 0; near it, where it cancels, the sum of terms(i) * x**i."""
    coefficients = [terms(i) for i in range(12)]

    def f(x):
        return mp.polyval(coefficients[::-1], x) if abs(x) < switch else exact(x)

    return f


tiny = mp.mpf(10) ** -5
ln2 = mp.log(2)
odd = lambda g: lambda z: (g(mp.sqrt(z)) - mp.sqrt(z)) / mp.sqrt(z) ** 3
factorial = mp.factorial

exp_tail = series(lambda r: (mp.expm1(r) - r) / r**2, lambda i: 1 / factorial(i + 2), tiny)
log_tail = series(
    lambda z: (2 * mp.atanh(mp.sqrt(z)) / mp.sqrt(z) - 2) / z, lambda i: mp.mpf(2) / (2 * i + 3), tiny
)
sin_tail = series(odd(mp.sin), lambda i: (-1) ** (i + 1) / factorial(2 * i + 3), tiny)
cos_tail = series(
    lambda z: (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2,
    lambda i: (-1) ** i / factorial(2 * i + 4),
    tiny,
)
tan_taylor = mp.taylor(mp.tan, 0, 30)
tan_tail = series(odd(mp.tan), lambda i: tan_taylor[2 * i + 3], tiny)
asin_taylor = mp.taylor(mp.asin, 0, 30)
asin_tail = series(odd(mp.asin), lambda i: asin_taylor[2 * i + 3], tiny)
atan_tail = series(odd(mp.atan), lambda i: mp.mpf((-1) ** (i + 1)) / (2 * i + 3), tiny)
sinh_tail = series(odd(mp.sinh), lambda i: 1 / factorial(2 * i + 3), tiny)
erf_tail = series(
    lambda z: mp.erf(mp.sqrt(z)) / mp.sqrt(z) - 1,
    lambda i: 2 / mp.sqrt(mp.pi) * (-1) ** i / (factorial(i) * (2 * i + 1)) - (i == 0),
    tiny,
)


def by_w(w):
    """erfinv(x) / x where 1 - x*x = exp(-w)."""
    if w < tiny:
        # x = sqrt(w) (1 - w/4 + ...): the series of erfinv in x, to the order that is needed
        x2 = -mp.expm1(-w)
        c = mp.pi / 12
        return mp.sqrt(mp.pi) / 2 * (1 + c * x2 + 7 * mp.pi**2 / 480 * x2**2 + 127 * mp.pi**3 / 40320 * x2**3)
    with mp.workdps(90):
        x = mp.sqrt(-mp.expm1(-w))
        return +(mp.erfinv(x) / x)


quarter = (mp.pi / 4 * mp.mpf("1.001")) ** 2
half_ln2 = ln2 / 2 * mp.mpf("1.001")
s_max = ((mp.sqrt(2) - 1) / (mp.sqrt(2) + 1)) ** 2 * mp.mpf("1.001")

# name, what is fitted, weight, range, coefficients in float32 and float64
FITS = [
    ("EXP", "(e^r - 1 - r) / r^2, |r| <= ln(2)/2", exp_tail, lambda r: abs(r) if abs(r) > 0.05 else mp.mpf("0.05"), (-half_ln2, half_ln2), (5, 11)),
    ("LOG", "(log((1+s)/(1-s)) - 2s) / s^3 in z = s^2, the mantissa in [sqrt(1/2), sqrt(2)]", log_tail, lambda z: z + tiny, (0, s_max), (3, 7)),
    ("SIN", "(sin r - r) / r^3 in z = r^2, |r| <= pi/4", sin_tail, lambda z: z + tiny, (0, quarter), (3, 6)),
    ("COS", "(cos r - 1 + z/2) / z^2 in z = r^2, |r| <= pi/4", cos_tail, lambda z: z * z + tiny, (0, quarter), (3, 5)),
    ("TAN", "(tan r - r) / r^3 in z = r^2, |r| <= pi/4", tan_tail, lambda z: z + tiny, (0, quarter), (7, 15)),
    ("ASIN", "(asin s - s) / s^3 in z = s^2, |s| <= 0.5625", asin_tail, lambda z: z + tiny, (0, mp.mpf("0.5625") ** 2), (6, 14)),
    ("ATAN", "(atan t - t) / t^3 in z = t^2, |t| <= 1", atan_tail, lambda z: z + tiny, (0, 1), (8, 19)),
    ("SINH", "(sinh x - x) / x^3 in z = x^2, |x| <= 1", sinh_tail, lambda z: z + tiny, (0, 1), (4, 6)),
    ("ERF", "erf(x) / x - 1 in z = x^2, |x| <= 1", erf_tail, lambda z: mp.mpf(1), (0, 1), (7, 12)),
]
LARGE_ERF = [
    ("ERFC_LOG", "log(erfc x), x from 1 to where erf rounds to 1", ((1, mp.mpf("4.0"), 6), (1, mp.mpf("6.0"), 18))),
]
ERFINV = [
    ("ERFINV_CENTRE", "erfinv(x) / x in w - 3, w = -log(1 - x^2) <= 6", by_w, (0, 6), lambda w: w - 3, 23),
    ("ERFINV_TAIL", "erfinv(x) / x in sqrt(w) - 4, w from 6 to 36.1", lambda q: by_w(q * q), (mp.sqrt(6) * mp.mpf("0.9999"), mp.mpf("6.01")), lambda q: q - 4, 29),
]


def number(x, dtype):
    if dtype == "float32":
        return np.format_float_scientific(np.float32(float(x)), unique=True, trim="-").replace("e+00", "")
    return repr(float(x))


def table(name, text, columns):
    print(f"\n/** {text}. */")
    print(f"export const {name} = {{")
    for dtype, (poly, error) in columns:
        print(f"  // error {mp.nstr(error, 2)}")
        print(f"  {dtype}: [")
        for c in poly:
            print(f"    {number(c, dtype)},")
        print("  ],")
    print("} as const;")


def parts(x, bits, count):
    """x as `count` numbers of `bits` bits each, and the rest."""
    out = []
    low = mp.mpf(2) ** (mp.floor(mp.log(x, 2)) + 1 - bits)
    for _ in range(count):
        part = mp.floor(x / low) * low
        out.append(part)
        x -= part
        low /= mp.mpf(2) ** bits
    return out + [x]


def main():
    print(
        "/**\n * Polynomials and split constants of the expanded functions, lowest coefficient first, with the\n"
        " * largest weighted error of each fit. Printed by tests/goldens/fit_polynomials.py.\n *\n"
        " * @module\n */\n// deno-fmt-ignore-file"
    )
    constants = [
        ("LN2", "ln 2: a part whose product with any exponent is exact, and the rest", ln2, (16, 1), (42, 1)),
        ("HALF_PI", "pi/2: parts whose product with the largest quadrant number is exact, and the rest", mp.pi / 2, (8, 5), (23, 4)),
        ("PI_SPLIT", "pi/2 in the nearest number, and the rest", mp.pi / 2, None, None),
    ]
    for name, text, value, f32, f64 in constants:
        print(f"\n/** {text}. */")
        print(f"export const {name} = {{")
        for dtype, how in (("float32", f32), ("float64", f64)):
            if how is None:
                first = mp.mpf(float(np.float32(float(value)))) if dtype == "float32" else mp.mpf(float(value))
                split = [first, value - first]
            else:
                split = parts(value, *how)
            print(f"  {dtype}: [{', '.join(number(v, dtype) for v in split)}],")
        print("} as const;")
    for name, text, f, weight, (low, high), (n32, n64) in FITS:
        print(name, file=sys.stderr)
        table(name, text, [
            ("float32", remez(f, weight, low, high, n32)),
            ("float64", remez(f, weight, low, high, n64)),
        ])
    for name, text, ranges in LARGE_ERF:
        print(name, file=sys.stderr)
        table(name, text, [
            (dtype, remez(lambda x: mp.log(mp.erfc(x)), mp.erfc, low, high, n))
            for dtype, (low, high, n) in zip(("float32", "float64"), ranges)
        ])
    for name, text, f, (low, high), shift, n in ERFINV:
        print(name, file=sys.stderr)
        centre = -shift(mp.mpf(0))
        table(name, text, [("float64", remez(lambda t: f(t + centre), lambda t: mp.mpf(1), low - centre, high - centre, n))])


if __name__ == "__main__":
    main()
