"""Independent float64 reference: recomputes every per-tensor value of a study with NumPy and compares.

usage: reference.py STUDY_FOLDER ROWS.json
ROWS.json is the output of `polarimeter study show STUDY --level tensor --json`. Nothing is shared with Polarimeter: the files are
parsed here, singular vectors come from numpy.linalg.svd on the widened matrix, angles from scipy-free sine formula below.
Prints one line per measure with the largest deviation over its tolerance, and exits 1 when any is exceeded.
"""

import json
import math
import os
import sys

import numpy as np

EPS32 = 2.0**-23


def read_checkpoint(folder):
    path = os.path.join(folder, "model.safetensors")
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = np.fromfile(file, dtype=np.uint8)
    tensors = {}
    for name, info in header.items():
        if name == "__metadata__":
            continue
        begin, end = info["data_offsets"]
        assert info["dtype"] == "BF16", "the reference reads bf16 only"
        codes = data[begin:end].view(np.uint16).reshape(info["shape"])
        tensors[name] = codes
    return tensors


def widen(codes):
    return (codes.astype(np.uint32) << 16).view(np.float32).astype(np.float64)


def to_bf16(values):
    bits = values.astype(np.float32).view(np.uint32)
    return ((bits + 0x7FFF + ((bits >> 16) & 1)) & 0xFFFF0000).astype(np.uint32).view(np.float32).astype(np.float64)


def ordered(codes):
    magnitude = (codes & 0x7FFF).astype(np.int64)
    return np.where(codes & 0x8000, -magnitude, magnitude)


def swallowed(x, ulp, rms):
    """Share of weights that an isotropic Gaussian update of this root mean square leaves at the same bf16 number."""
    steps, counts = np.unique(np.where(x == 0, 2.0**-133, ulp), return_counts=True)
    left = [count * (1.0 if rms == 0 else math.erf(step / 2 / (rms * math.sqrt(2)))) for step, count in zip(steps, counts)]
    return sum(left) / x.size


def element_values(a, b):
    x, y = widen(a), widen(b)
    dw = y - x
    n = x.size
    steps = np.abs(ordered(b) - ordered(a))
    changed = int((steps != 0).sum())
    exponent = np.floor(np.log2(np.maximum(np.abs(x), 2.0**-126)))
    ulp = np.where(x == 0, 0.0, 2.0 ** (exponent - 7))
    norm = lambda v: math.sqrt((v * v).sum())
    out = {
        "update.unchanged.bf16": (1 - changed / n, swallowed(x, ulp, norm(dw) / math.sqrt(n))),
        "update.unchanged.native": (1 - changed / n, None),
        "update.invalid": (0, None),
        "update.norm": (norm(dw), math.sqrt((ulp**2).sum() / 12)),
        "update.relative-norm": (norm(dw) / norm(x) if norm(x) else None, math.sqrt((ulp**2).sum() / 12) / norm(x) if norm(x) else None),
        "update.max-abs": (np.abs(dw).max(), None),
        "update.reference-cosine": ((x * dw).sum() / (norm(x) * norm(dw)) if norm(dw) and norm(x) else None, 0),
        "update.one-step": ((steps == 1).sum() / changed if changed else None, None),
    }
    for tolerance, name in ((1e-8, "1e-8"), (1e-7, "1e-7"), (1e-6, "1e-6"), (1e-5, "1e-5")):
        limit = to_bf16(np.array([tolerance]))[0]
        out["update.unchanged.within-" + name] = ((to_bf16(np.abs(dw)) <= limit).sum() / n, None)
    return out


def angles(a, b):
    cosines = np.linalg.svd(a.T @ b, compute_uv=False)
    rest = b - a @ (a.T @ b)
    rest -= a @ (a.T @ rest)
    sines = np.linalg.svd(rest, compute_uv=False)[::-1]
    small = cosines**2 >= 0.5
    theta = np.where(small, np.arcsin(np.clip(sines, 0, 1)), np.arccos(np.clip(cosines, -1, 1)))
    return np.degrees(np.sort(theta))


def spectral_values(a, b, k):
    x, y = widen(a), widen(b)
    m, n = x.shape
    u, s, vt = np.linalg.svd(x, full_matrices=False)
    u2, s2, vt2 = np.linalg.svd(y, full_matrices=False)
    dw = y - x
    d = np.linalg.svd(dw, compute_uv=False)
    total = (d**2).sum()
    zero = total == 0
    out = {
        "spectrum.nss": (np.linalg.norm(s2 - s) / np.linalg.norm(s), math.sqrt(total) / np.linalg.norm(s)),
        "spectrum.nss-over-ceiling": (None if zero else np.linalg.norm(s2 - s) / math.sqrt(total), 1 / math.sqrt(max(m, n))),
        "spectrum.ky-fan-share": (s2[:k].sum() / s2.sum(), s[:k].sum() / s.sum()),
        "spectrum.energy-share": ((s2[:k] ** 2).sum() / (s2**2).sum(), (s[:k] ** 2).sum() / (s**2).sum()),
        "angles.gap": ((s[k - 1] - s[k]) / s[k - 1], d[0] / s[k - 1]),
    }
    delta = max(s[k - 1] - s2[k], s2[k - 1] - s[k])
    out["angles.wedin-bound"] = (90.0 if delta <= 0 else math.degrees(math.asin(min(1, d[0] / delta))), None)
    for side, theta in (("left", angles(u[:, :k], u2[:, :k])), ("right", angles(vt[:k].T, vt2[:k].T))):
        for statistic, of in (("median", np.median), ("mean", np.mean), ("max", np.max)):
            out[f"angles.{side}.{statistic}"] = (of(theta), None)
    if not zero:
        c = u[:, :k].T @ dw @ vt[:k].T
        two, diagonal = (c**2).sum() / total, (np.diag(c) ** 2).sum() / total
        p = d[d > 0] / d.sum()
        energy = np.cumsum(d**2) / total
        out.update(
            {
                "energy.two-sided": (two, k * k / (m * n)),
                "energy.spectral": (diagonal, k / (m * n)),
                "energy.rotational": (two - diagonal, k * (k - 1) / (m * n)),
                "energy.left": (((u[:, :k].T @ dw) ** 2).sum() / total, k / m),
                "energy.right": (((dw @ vt[:k].T) ** 2).sum() / total, k / n),
                "rank.numerical": ((d > max(m, n) * EPS32 * d[0]).sum() / len(d), 1),
                "rank.stable": (total / d[0] ** 2, m * n / (math.sqrt(m) + math.sqrt(n)) ** 2),
                "rank.effective": (math.exp(-(p * np.log(p)).sum()), None),
                "rank.one-norm-share": (d[0] / math.sqrt(total), (math.sqrt(m) + math.sqrt(n)) / math.sqrt(m * n)),
            }
        )
        for percent in (50, 90, 99):
            out[f"rank.energy-{percent}"] = (int(np.searchsorted(energy, percent / 100 * (1 - 1e-12)) + 1), None)
    gap = min(s[k - 1] - s[k], s2[k - 1] - s2[k]) / s[0]
    return out, gap


def tolerance(measure, expected, gap, is_baseline):
    """Sums of the element pass are float32 within blocks: 1e-6 relative. Spectral routes: float64 rounding of the Gram matrix over the gap."""
    if measure.startswith(("update.norm", "update.relative", "update.reference", "update.cosine")):
        return 1e-6 * max(1e-3, abs(expected))
    if measure == "update.unchanged.bf16":
        return 2e-7 if is_baseline else 1e-12
    if measure.startswith("update."):
        return 1e-12
    if measure.startswith("angles.") and ("left" in measure or "right" in measure):
        return math.degrees(1e-13 / gap) + 1e-9
    return 1e-9 * max(1e-4, abs(expected))


def check(worst, missing, row, expected, gap):
    measure = row["measure"]
    if expected[0] is None and row["value"] is None:
        return
    for field, value in zip(("value", "baseline"), expected):
        stored = row[field]
        if value is None:
            if field == "value" and stored is not None:
                missing.append((measure, row["tensor"], "expected no value"))
            continue
        if not isinstance(stored, (int, float)):
            missing.append((measure, row["tensor"], f"{field} is {stored}"))
            continue
        ratio = abs(stored - value) / tolerance(measure, value, gap, field == "baseline")
        key = measure if field == "value" else measure + " (baseline)"
        if ratio >= worst.get(key, (-1,))[0]:
            worst[key] = (ratio, abs(stored - value), row["variant"], row["tensor"])


def main():
    folder, rows_path = sys.argv[1:3]
    study = json.load(open(os.path.join(folder, "study.json")))
    rows = json.load(open(rows_path))["rows"]
    place = lambda path: path if os.path.isabs(path) else os.path.join(folder, path)
    paths = {"base": place(study["base"]["path"]), **{v["label"]: place(v["path"]) for v in study["variants"]}}
    models = {label: read_checkpoint(path) for label, path in paths.items()}
    worst, missing, compared, cache = {}, [], 0, {}
    for row in rows:
        name, measure = row["tensor"], row["measure"]
        if measure == "alignment.compared" or name not in models[row["variant"]] or (row["reason"] or "").startswith("embeddings"):
            continue
        a, b = models[row["reference"]][name], models[row["variant"]][name]
        if measure == "update.cosine":
            x = widen(a)
            d1, d2 = widen(b) - x, widen(models[row["parameters"]["with"]][name]) - x
            length = np.linalg.norm(d1) * np.linalg.norm(d2)
            expected, gap = ((d1 * d2).sum() / length if length else None, 0), 1
        elif measure.startswith("update."):
            key = (row["reference"], row["variant"], name)
            cache.setdefault(key, element_values(a, b))
            expected, gap = cache[key][measure], 1
        else:
            key = (row["reference"], row["variant"], name, "spectral")
            k = min(study["options"].get("k", 128), min(a.shape) // 2)
            if key not in cache:
                cache[key] = spectral_values(a, b, k)
            values, gap = cache[key]
            expected = values.get(measure, (None, None))
        check(worst, missing, row, expected, gap)
        compared += 1
    for measure, (ratio, error, variant, tensor) in sorted(worst.items()):
        print(f"{'ok  ' if ratio <= 1 else 'FAIL'} {measure:40s} largest deviation {error:.2e} = {ratio:.2g} of its tolerance ({variant}, {tensor})")
    for line in missing[:20]:
        print("FAIL", *line)
    failed = len(missing) + sum(ratio > 1 for ratio, *_ in worst.values())
    print(f"{compared} values compared with an independent float64 computation, {failed} outside tolerance")
    sys.exit(1 if failed or not compared else 0)


if __name__ == "__main__":
    main()
