"""Masks of the reference: exact selection with ties by position, and the null over all permutations of the changes."""

import math

import numpy as np

from reference_elements import ERF, EXACT, counted, to_bf16

EPS = 2.0**-52


def first_by(scores, size):
    """The `size` smallest scores, equal ones by position."""
    mask = np.zeros(scores.size, bool)
    mask[np.argsort(scores, kind="stable")[:size]] = True
    return mask


def null_counts(pair):
    """For every weight, how many of the changes would move it: those outside of the interval that rounds back to it."""
    x = pair.x.ravel()
    changes = np.sort(pair.dw.ravel().astype(np.float32).astype(np.float64))
    weights, where = np.unique(x, return_inverse=True)
    size = np.abs(weights)
    exponent = np.floor(np.log2(np.maximum(size, 2.0**-126)))
    up = 2.0 ** (exponent - 8)
    # The step below the lowest number of a binade is half as wide; zero has the smallest step on both sides.
    down = np.where((size == 2.0**exponent) & (exponent > -126), up / 2, up)
    inner, outer = np.where(weights >= 0, down, up), np.where(weights >= 0, up, down)
    low, high = weights - inner, weights + outer
    # Ties stay only where the code is even: then both ends belong to the interval.
    stays = lambda value: to_bf16(value) == weights
    begin = np.where(stays(low), np.searchsorted(changes, -inner, "left"), np.searchsorted(changes, -inner, "right"))
    end = np.where(stays(high), np.searchsorted(changes, outer, "right"), np.searchsorted(changes, outer, "left"))
    return (changes.size - (end - begin))[where] / changes.size


def mask_values(pair, share, k):
    names = ("principal", "low", "principal-not-low")
    total = pair.x.size
    size = math.floor(share * total + 0.5)
    update = pair.changed.ravel()
    changes = int(update.sum())
    if changes == 0:
        return {f"masks.{name}{end}": counted(None) for name in names for end in ("", ".over-null", ".over-isotropic")}, 0
    part = (pair.u[:, :k] * pair.s[:k]) @ pair.v[:, :k].T
    scores = np.abs(part.astype(np.float32)).astype(np.float64).ravel()
    principal = first_by(-scores, size)
    low = first_by(np.abs(pair.x).ravel(), size)
    # Entries that rounding could carry over the edge: the error of the rank-k part, and a float32 step of the score.
    edge = np.sort(scores)[::-1][size - 1]
    near = np.abs(scores - edge) <= 8 * pair.d * EPS * pair.s[0] * (1 + pair.s[0] / (pair.s[k - 1] - pair.s[k])) + 2.0**-23 * edge
    # The entry at the edge itself is always near; alone it cannot change places.
    slack = int(near.sum()) if near.sum() > 1 else 0
    moves = null_counts(pair)
    flips = isotropic_flips(pair.x.ravel(), changes)
    out = {}
    for name, mask in zip(names, (principal, low, principal & ~low)):
        loose = 0 if name == "low" else slack
        held = int((update & mask).sum())
        out[f"masks.{name}"] = (held / changes, mask.sum() / total, loose / changes + EXACT, loose / total + EXACT)
        out[f"masks.{name}.over-null"] = over_null(held / changes, moves[mask].sum(), moves.sum())
        # The share moves by at most a weight of the mask for every near-tie; flips are known as the error function is.
        chance = flips[mask].sum() / changes
        ratio = held / changes / chance if chance >= 1e-5 and changes < total else None
        out[f"masks.{name}.over-isotropic"] = (ratio, 1, (ratio or 0) * (2 * loose / max(1, held) + 4 * ERF / chance if chance else 0), EXACT)
        if mask.sum() == 0:
            out[f"masks.{name}"] = out[f"masks.{name}.over-null"] = out[f"masks.{name}.over-isotropic"] = counted(None)
    return out, slack


def isotropic_flips(x, changes):
    """Chance of every weight to change under normal numbers of the size that changes as many as did."""
    exponent = np.where(x == 0, -126, np.maximum(np.floor(np.log2(np.maximum(np.abs(x), 2.0**-140))), -126))
    steps, where = np.unique(2.0 ** (exponent - 8), return_inverse=True)
    counts = np.bincount(where)
    leave = lambda power: np.array([math.erfc(step / 2.0**power / math.sqrt(2)) for step in steps])
    low, high = -150.0, 140.0
    for _ in range(100):
        middle = (low + high) / 2
        low, high = (middle, high) if (counts * leave(middle)).sum() < changes else (low, middle)
    return leave(high)[where]


def over_null(share, expected, everywhere):
    """
    The null is one permutation: expected is its mean over all. A count of rare independent events has a relative deviation of at most
    1 / sqrt(count); five of them, and room for the skew of small counts.
    """
    if expected == 0:
        return counted(None)
    ratio = share / (expected / everywhere)
    within = 5 / math.sqrt(expected) + 10 / expected
    # A null that meets the mask in few places may also meet it nowhere.
    return ratio, 1, max(ratio, 1e-9) * (within / (1 - within) if within < 0.9 else math.inf), EXACT
