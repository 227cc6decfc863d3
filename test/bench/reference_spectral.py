"""Spectra, angles, energies, masks, singular value fine-tuning and power laws, from numpy.linalg.svd of the widened matrices.

Returns as reference_elements does. Tolerances follow from the rounding of the Gram route: it knows squared singular values to
d eps s_1^2, so that the directions on two sides of a cut may turn by that over the difference of their squares.
"""

import math

import numpy as np

from reference_chance import gaussian_ranks, random_angles
from reference_elements import EXACT, changed_mask, counted, widen

EPS32 = 2.0**-23
EPS = 2.0**-52
# Spectra and sums over them: d eps relative to the largest value, with room for the smallest shares.
SPECTRAL = 1e-9
# Grids of random_angles and of the baselines themselves: 90 degrees in 4096 cosine steps.
ANGLE_GRID = 0.05
NOTHING = counted(None)


def spectral(value, baseline=None):
    scale = lambda v: SPECTRAL * max(1e-4, abs(v)) if v is not None else None
    return value, baseline, scale(value), scale(baseline)


class Pair:
    """Both decompositions of a pair of matrices."""

    def __init__(self, a, b):
        self.x, self.y = widen(a), widen(b)
        self.dw = self.y - self.x
        self.changed = changed_mask(a, b)
        self.m, self.n = self.x.shape
        self.d = min(self.m, self.n)
        self.u, self.s, vt = np.linalg.svd(self.x, full_matrices=False)
        self.u2, self.s2, vt2 = np.linalg.svd(self.y, full_matrices=False)
        self.v, self.v2 = vt.T, vt2.T
        self.sd = np.linalg.svd(self.dw, compute_uv=False)
        self.total = (self.sd**2).sum()

    def cut_error(self, start, end):
        """Radians by which either program may turn the directions start..end - 1 of either matrix."""
        worst = 0.0
        for s in (self.s, self.s2):
            squares = s**2
            for i in (start, end):
                if 0 < i < self.d:
                    worst = max(worst, squares[0] / max(squares[i - 1] - squares[i], 1e-300))
            # The side with fewer columns is found from the other by division by s.
            worst = max(worst, (s[0] / max(s[end - 1], 1e-300)) ** 2)
        return 8 * max(self.m, self.n) * EPS * worst


def angles(a, b):
    cosines = np.linalg.svd(a.T @ b, compute_uv=False)
    rest = b - a @ (a.T @ b)
    rest -= a @ (a.T @ rest)
    sines = np.linalg.svd(rest, compute_uv=False)[::-1]
    small = cosines**2 >= 0.5
    theta = np.where(small, np.arcsin(np.clip(sines, 0, 1)), np.arccos(np.clip(cosines, -1, 1)))
    return np.degrees(np.sort(theta))


def angle_values(pair, prefix, start, k):
    error = math.degrees(pair.cut_error(start, start + k)) + 1e-9
    out = {}
    columns = slice(start, start + k)
    for side, a, b, dimension in (("left", pair.u, pair.u2, pair.m), ("right", pair.v, pair.v2, pair.n)):
        theta = angles(a[:, columns], b[:, columns])
        chance = random_angles(k, dimension)
        for statistic, of in (("median", np.median), ("mean", np.mean), ("max", np.max)):
            out[f"{prefix}.{side}.{statistic}"] = (of(theta), chance[statistic], error, ANGLE_GRID)
    return out


def gap_values(pair, name, k):
    s = pair.s
    return {name: spectral((s[k - 1] - s[k]) / s[k - 1], pair.sd[0] / s[k - 1])}


def all_angles(pair, k, sweep):
    out = {**angle_values(pair, "angles", 0, k), **gap_values(pair, "angles.gap", k)}
    out.update(angle_values(pair, "angles.middle", (pair.d - k) // 2, k))
    floor = lambda s: math.sqrt(pair.d * EPS) * s[0]
    tail = angle_values(pair, "angles.tail", pair.d - k, k)
    noise = pair.s[-1] <= floor(pair.s) or pair.s2[-1] <= floor(pair.s2)
    out.update({name: NOTHING if noise else value for name, value in tail.items()})
    for at in sweep:
        fits = at <= pair.d // 2
        found = {**angle_values(pair, f"angles.k-{at}", 0, at), **gap_values(pair, f"angles.k-{at}.gap", at)} if fits else None
        names = [f"angles.k-{at}.{side}.{of}" for side in ("left", "right") for of in ("median", "max")] + [f"angles.k-{at}.gap"]
        out.update({name: found[name] if found else NOTHING for name in names})
    delta = max(pair.s[k - 1] - pair.s2[k], pair.s2[k - 1] - pair.s[k])
    reach = pair.sd[0]
    sine = 0 if reach == 0 else 1 if delta <= 0 else min(1, reach / delta)
    # asin is steep near 90 degrees: what 1e-12 of the sine does to the angle.
    steep = math.degrees(math.asin(min(1, sine)) - math.asin(max(0, sine * (1 - 1e-12))))
    out["angles.wedin-bound"] = (math.degrees(math.asin(sine)), None, 1e-9 + steep, None)
    return out


def value_change(pair):
    guarded = pair.s + 1e-12
    value = (np.abs(pair.s2 - pair.s) / guarded).mean()
    step = math.sqrt(2 / math.pi) * math.sqrt(pair.total) / math.sqrt(pair.m * pair.n)
    # The Gram route knows s_i to d eps s_1^2 / s_i, on both sides.
    error = pair.d * EPS * pair.s[0] ** 2 / pair.s
    relative = error / guarded
    within = (2 * relative + np.abs(pair.s2 - pair.s) / guarded * relative).mean() + 1e-12
    return (value, step * (1 / guarded).mean(), within, step * (relative / guarded).mean() + 1e-12)


def spectrum_values(pair, k):
    s, s2, size = pair.s, pair.s2, math.sqrt(pair.total)
    shift = np.linalg.norm(s2 - s)
    share = lambda values, power: (values[:k] ** power).sum() / (values**power).sum()
    over = spectral(shift / size, 1 / math.sqrt(max(pair.m, pair.n))) if size else NOTHING
    return {
        "spectrum.nss": spectral(shift / np.linalg.norm(s), size / np.linalg.norm(s)),
        "spectrum.nss-over-ceiling": over,
        "spectrum.value-change": value_change(pair),
        "spectrum.ky-fan-share": spectral(share(s2, 1), share(s, 1)),
        "spectrum.energy-share": spectral(share(s2, 2), share(s, 2)),
    }


ENERGIES = ("two-sided", "spectral", "rotational", "left", "right")
RANKS = ("numerical", "stable", "effective", "energy-50", "energy-90", "energy-99", "one-norm-share")


def update_values(pair, k):
    m, n, d, total = pair.m, pair.n, pair.sd, pair.total
    if total == 0:
        return {**{f"energy.{name}": NOTHING for name in ENERGIES}, **{f"rank.{name}": NOTHING for name in RANKS}}
    u, v = pair.u[:, :k], pair.v[:, :k]
    c = u.T @ pair.dw @ v
    two, diagonal = (c**2).sum() / total, (np.diag(c) ** 2).sum() / total
    p = d[d > 0] / d.sum()
    energy = np.cumsum(d**2) / total
    effective, energies = gaussian_ranks(m, n)
    # The frame may turn by the error of its cut; single directions, for the diagonal, by those of their neighbours.
    turn = 4 * pair.cut_error(0, k)
    single = 4 * max(pair.cut_error(i, i + 1) for i in range(k))
    out = {
        "energy.two-sided": (two, k * k / (m * n), turn, EXACT),
        "energy.spectral": (diagonal, k / (m * n), single, EXACT),
        "energy.rotational": (two - diagonal, k * (k - 1) / (m * n), turn + single, EXACT),
        "energy.left": (((u.T @ pair.dw) ** 2).sum() / total, k / m, turn, EXACT),
        "energy.right": (((pair.dw @ v) ** 2).sum() / total, k / n, turn, EXACT),
        "rank.numerical": counted((d > max(m, n) * EPS32 * d[0]).sum() / len(d), 1),
        "rank.stable": spectral(total / d[0] ** 2, m * n / (math.sqrt(m) + math.sqrt(n)) ** 2),
        "rank.effective": (math.exp(-(p * np.log(p)).sum()), effective, 1e-8 * len(d), 1e-4 * effective),
        "rank.one-norm-share": spectral(d[0] / math.sqrt(total), (math.sqrt(m) + math.sqrt(n)) / math.sqrt(m * n)),
    }
    for percent in (50, 90, 99):
        rank = int(np.searchsorted(energy, percent / 100 * (1 - 1e-12)) + 1)
        # A count: the grids may fall on two sides of it.
        out[f"rank.energy-{percent}"] = (rank, energies[percent], EXACT, 1)
    return out


def neighbour_turns(pair):
    """Radians by which each singular direction of the reference may turn."""
    return np.array([pair.cut_error(i, i + 1) for i in range(pair.d)])


def svf_values(pair):
    diagonal = np.einsum("ij,ij->j", pair.u, pair.dw @ pair.v)
    above = pair.s > math.sqrt(pair.d * EPS) * pair.s[0]
    inverse = np.where(above, 1 / np.where(above, pair.s, 1), 0)
    # Each u_i^T dW v_i moves by twice the turn of its direction times |dW|_2, sums of squares by the norm of that.
    moved = 2 * neighbour_turns(pair) * pair.sd[0]
    rms = lambda values: math.sqrt((values**2).sum() / above.sum())
    chance = math.sqrt(pair.total / (pair.m * pair.n)) * rms(inverse)
    out = {"svf.z-rms": (rms(diagonal * inverse), chance, rms(moved * inverse) + 1e-9 * chance, 1e-8 * chance)}
    size = math.sqrt(pair.total)
    off = 2 * np.linalg.norm(moved) / size + 1e-9 if size else None
    out["svf.explained"] = ((diagonal**2).sum() / pair.total, 1 / max(pair.m, pair.n), off, EXACT) if size else NOTHING
    return out


def power_law(values):
    """Every start, every distance, and all exponents whose distance is the smallest within rounding."""
    logs = np.log(values)
    fits = []
    for i in range(len(logs) - 1):
        tail = logs[i:] - logs[i]
        if tail.sum() == 0:
            continue
        alpha = 1 + len(tail) / tail.sum()
        model = 1 - np.exp((1 - alpha) * tail)
        fits.append((np.abs(model - np.arange(len(tail)) / len(tail)).max(), alpha))
    best = min(distance for distance, _ in fits)
    return [alpha for distance, alpha in fits if distance <= best + 1e-9]


def weight_watcher_values(pair):
    out = {
        "ww.stable_rank": spectral(*((s**2).sum() / s[0] ** 2 for s in (pair.s2, pair.s))),
        "ww.log_spectral_norm": spectral(*(2 * math.log10(s[0]) for s in (pair.s2, pair.s))),
        "ww.alpha": NOTHING,
    }
    side = max(pair.m, pair.n)
    fits = []
    for s in (pair.s2, pair.s):
        eigenvalues = np.sort(s**2)
        eigenvalues = eigenvalues[eigenvalues > side * EPS * eigenvalues[-1]]
        fits.append((power_law(eigenvalues), eigenvalues) if len(eigenvalues) >= 50 else None)
    if fits[0]:
        # Logarithms of eigenvalues are known to d eps x_max / x; where two starts fit equally well, either is right.
        error = lambda fit: 1e-12 + max(fit[0]) - min(fit[0]) + 8 * max(fit[0]) * side * EPS * fit[1][-1] / fit[1][0]
        out["ww.alpha"] = (fits[0][0][0], fits[1][0][0] if fits[1] else None, error(fits[0]), error(fits[1] or fits[0]))
    return out
