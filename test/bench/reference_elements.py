"""Counts and sums over elements, stripes, pairs and sets of runs: exact in integers wherever they are counts.

Every function returns measure -> (value, baseline, tolerance of the value, tolerance of the baseline); a value of None has no value, a
baseline of None has none.
"""

import math

import numpy as np

# Ratios of counts are one division in float64, stored as decimal text that round-trips.
EXACT = 4 * 2.0**-52
# Sums of the element pass are float32 within blocks, by its contract.
SUMS = 1e-6
# The error function of the baselines is an approximation to 1.2e-7.
ERF = 2e-7


def widen(codes):
    return (codes.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


def to_bf16(values):
    bits = np.asarray(values).astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32).astype(np.float64)


def ordered(codes):
    magnitude = (codes & 0x7FFF).astype(np.int64)
    return np.where(codes & 0x8000, -magnitude, magnitude)


def changed_mask(a, b):
    return ordered(a) != ordered(b)


def swallowed(x, ulp, rms):
    """Share of weights that an isotropic Gaussian update of this root mean square leaves at the same bf16 number."""
    steps, counts = np.unique(np.where(x == 0, 2.0**-133, ulp), return_counts=True)
    left = [count * (1.0 if rms == 0 else math.erf(step / 2 / (rms * math.sqrt(2)))) for step, count in zip(steps, counts)]
    return sum(left) / x.size


def counted(value, baseline=None):
    return value, baseline, EXACT, EXACT


def summed(value, baseline=None):
    scale = lambda v: SUMS * max(1e-3, abs(v)) if v is not None else None
    return value, baseline, scale(value), scale(baseline)


def element_values(a, b, tolerances):
    x, y = widen(a), widen(b)
    dw = y - x
    n = x.size
    steps = np.abs(ordered(b) - ordered(a))
    changed = int((steps != 0).sum())
    exponent = np.floor(np.log2(np.maximum(np.abs(x), 2.0**-126)))
    ulp = np.where(x == 0, 0.0, 2.0 ** (exponent - 7))
    norm = lambda v: math.sqrt((v * v).sum())
    rounding = math.sqrt((ulp**2).sum() / 12)
    out = {
        "update.unchanged.bf16": ((n - changed) / n, swallowed(x, ulp, norm(dw) / math.sqrt(n)), EXACT, ERF),
        "update.unchanged.native": counted((n - changed) / n),
        "update.changed.tensor-mean": counted(changed / n),
        "update.invalid": counted(0),
        "update.norm": summed(norm(dw), rounding),
        "update.relative-norm": summed(norm(dw) / norm(x), rounding / norm(x)) if norm(x) else counted(None),
        "update.max-abs": counted(np.abs(dw).max()),
        "update.reference-cosine": summed((x * dw).sum() / (norm(x) * norm(dw)), 0) if norm(dw) and norm(x) else counted(None),
        "update.one-step": counted((steps == 1).sum() / changed if changed else None),
        "gate.swallowed": counted(None),
    }
    for tolerance in tolerances:
        mantissa, power = f"{tolerance:e}".split("e")
        name = f"{float(mantissa):g}".replace(".", "-") + f"e{int(power)}"
        limit = to_bf16(np.array([tolerance]))[0]
        out["update.unchanged.within-" + name] = counted((to_bf16(np.abs(dw)) <= limit).sum() / n)
    return out


def stripe_values(a, b, heads):
    """@param heads (axis, count) or None"""
    changed = changed_mask(a, b)
    m, n = changed.shape
    total = int(changed.sum())
    p = total / (m * n)
    nothing = counted(None)
    out = {"stripes.rows": nothing, "stripes.columns": nothing, "stripes.heads": nothing}
    if total in (0, m * n):
        return out
    # Sums of squares of counts: relative rounding grows with the number of terms.
    tolerance = EXACT * (m + n)
    chance = m * n / (m * n - 1)
    for name, profile, across in (("rows", changed.sum(1), n), ("columns", changed.sum(0), m)):
        index = ((profile - profile.mean()) ** 2).sum() / ((len(profile) - 1) * across * p * (1 - p))
        out["stripes." + name] = (index, chance, tolerance * max(1, index), EXACT)
    if heads is not None:
        axis, count = heads
        profile = changed.sum(1 if axis == "rows" else 0).astype(float)
        spread = ((profile - profile.mean()) ** 2).sum()
        means = profile.reshape(count, -1).mean(1)
        between = ((means - profile.mean()) ** 2).sum() * (len(profile) / count)
        share = between / spread if spread and count > 1 else None
        out["stripes.heads"] = (share, (count - 1) / (len(profile) - 1), tolerance, EXACT)
    return out


def pair_values(base, a, b):
    x = widen(base)
    first, second = widen(a) - x, widen(b) - x
    length = np.linalg.norm(first) * np.linalg.norm(second)
    one, two = changed_mask(base, a), changed_mask(base, b)
    n, p, q = one.size, one.mean(), two.mean()
    both, union = int((one & two).sum()), int((one | two).sum())
    jaccard = both / union if union else None
    expected = p * q / (p + q - p * q) if union else None
    sided = counted(both / one.sum(), q) if p else counted(None)
    return {
        # Rounding of a dot product is relative to the magnitudes of its terms.
        "update.cosine": ((first * second).sum() / length, 0, SUMS * 10, EXACT) if length else counted(None),
        "overlap.jaccard": counted(jaccard, expected),
        "overlap.jaccard-weighted": counted(jaccard, expected),
        "overlap.one-sided": sided,
        "overlap.one-sided-mean": sided,
    }


def set_values(base, runs):
    masks = [changed_mask(base, run) for run in runs]
    times = np.sum(masks, axis=0)
    ever, always = int((times > 0).sum()), int((times == len(runs)).sum())
    if ever == 0:
        return {"overlap.consensus": counted(None), "overlap.consensus-mean": counted(None)}
    shares = [mask.mean() for mask in masks]
    reached = 1 - math.prod(1 - p for p in shares)
    return {
        "overlap.consensus": (always / ever, math.prod(shares) / reached, EXACT, EXACT * 10),
        "overlap.consensus-mean": (times.sum() / len(runs) / ever, np.mean(shares) / reached, EXACT, EXACT * 10),
    }
