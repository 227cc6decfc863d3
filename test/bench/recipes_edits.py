"""The edits of a recipe from their definitions, in NumPy float64, of one tensor.

restore: svd_recover.py of arXiv 2509.12235; truncate-update: arXiv 2510.00553; mask-update: arXiv 2511.08567, section 4; svf: arXiv
2501.06252 and its released code. Signs of singular vectors are drawn at random here: no result may depend on them.
"""

import math
from fnmatch import fnmatchcase

import numpy as np

SIGNS = np.random.default_rng(7)


def to_bf16(x):
    """The nearest bf16 numbers, ties to even, straight from float64."""
    _, exponent = np.frexp(x)
    step = np.ldexp(1.0, np.maximum(exponent - 1, -126) - 7)
    return np.rint(x / step) * step


def from_midpoint(x):
    """Distance to the nearest number at which rounding to bf16 turns, relative to x."""
    _, exponent = np.frexp(x)
    step = np.ldexp(1.0, np.maximum(exponent - 1, -126) - 7)
    distance = np.abs(x / step - np.floor(x / step) - 0.5) * step
    return np.divide(distance, np.abs(x), out=np.full(x.shape, np.inf), where=x != 0)


def svd(a):
    u, s, vt = np.linalg.svd(a, full_matrices=False)
    signs = SIGNS.choice([-1.0, 1.0], s.size)
    return u * signs, s, vt * signs[:, None]


def count_of(directions, d):
    if isinstance(directions, str):
        return math.floor(float(directions.replace("%", "")) / 100 * d + 0.5)
    return min(directions, d)


def kind_of(name, value):
    return "norm" if value.ndim == 1 else "embedding" if "embed_tokens" in name else "matrix"


def layer_of(name):
    parts = name.split(".")
    return int(parts[2]) if parts[1] == "layers" else None


def in_ranges(layer, ranges):
    bounds = [[int(end) for end in text.split("-")] for text in ranges]
    return layer is not None and any(each[0] <= layer <= each[-1] for each in bounds)


def is_singular(edit):
    return edit["edit"] in ("restore", "truncate-update", "svf") or edit.get("mask", {}).get("kind") == "principal"


def selects(edit, name, value):
    wanted = edit.get("tensors", {})
    if "layers" in wanted and not in_ranges(layer_of(name), wanted["layers"]):
        return False
    if "modules" in wanted and name.split(".")[-2] not in wanted["modules"]:
        return False
    if "names" in wanted and not any(fnmatchcase(name, pattern) for pattern in wanted["names"]):
        return False
    if "kinds" in wanted and kind_of(name, value) not in wanted["kinds"]:
        return False
    if not is_singular(edit):
        return True
    named = "kinds" in wanted or "names" in wanted
    return value.ndim == 2 and (named or kind_of(name, value) == "matrix")


def polar(a):
    p, _, qt = np.linalg.svd(a, full_matrices=False)
    return p @ qt


def restore(edit, t, others):
    d = min(t.shape)
    chosen = np.zeros(d, dtype=bool)
    chosen[: count_of(edit.get("top", 0), d)] = True
    chosen[d - count_of(edit.get("bottom", 0), d) :] = True
    if "band" in edit:
        chosen[edit["band"][0] - 1 : edit["band"][1]] = True
    (ut, st, vt), (ub, sb, vb) = svd(t), svd(others[edit["from"]])
    u, s, v = ut.copy(), st.copy(), vt.copy()
    if edit.get("vectors", "donor") == "donor":
        u[:, chosen], v[chosen] = ub[:, chosen], vb[chosen]
    if edit.get("values", "donor") == "donor":
        s[chosen] = sb[chosen]
    if edit.get("variant") == "orthonormal":
        u, v = polar(u), polar(v.T).T
    return u @ np.diag(s) @ v


def interpolate(edit, t, others):
    return (1 - edit["amount"]) * t + edit["amount"] * others[edit["to"]]


def scale_update(edit, t, others):
    base = others[edit["since"]]
    return base + edit["factor"] * (t - base)


def truncate_update(edit, t, others):
    base = others[edit["since"]]
    update = t - base
    k = count_of(edit["rank"], min(t.shape))
    u, s, vt = svd(update)
    part = u[:, :k] @ np.diag(s[:k]) @ vt[:k]
    if edit.get("norm") == "restored":
        part *= np.linalg.norm(update) / np.linalg.norm(part)
    return base + part


def first_by(order_of, share):
    mask = np.zeros(order_of.size, dtype=bool)
    mask[np.argsort(order_of.ravel(), kind="stable")[: math.floor(share * order_of.size + 0.5)]] = True
    return mask.reshape(order_of.shape)


def mask_update(edit, t, others):
    base, mask = others[edit["since"]], edit["mask"]
    if mask["kind"] == "changed-by":
        selected = to_bf16(others[mask["by"]]) != to_bf16(base)
    elif mask["kind"] == "low-magnitude":
        selected = first_by(np.abs(base), mask["share"])
    else:
        u, s, vt = svd(base)
        k = count_of(mask["rank"], s.size)
        selected = first_by(-np.abs(u[:, :k] @ np.diag(s[:k]) @ vt[:k]), mask["share"])
    return np.where(selected != edit.get("complement", False), t, base)


def svf(edit, t, others):
    u, s, vt = svd(t)
    z = np.zeros(s.size)
    for expert in edit["experts"]:
        if "fit" in expert:
            one = np.einsum("ji,jk,ik->i", u, others[expert["fit"]], vt, optimize=True) / s
        else:
            one = np.ones(s.size)
            given = expert["z"]
            one[: len(given) if isinstance(given, list) else None] = given
        z += expert.get("weight", 1) * one
    z[s < edit.get("floor", 1e-6) * s[0]] = 1
    new = s * z * (s.sum() / (s * z).sum() if edit.get("norm") == "nuclear" else 1)
    return u @ np.diag(new) @ vt


FORMULAS = {
    "take": lambda edit, t, others: others[edit["from"]].copy(),
    "restore": restore,
    "interpolate": interpolate,
    "scale-update": scale_update,
    "truncate-update": truncate_update,
    "mask-update": mask_update,
    "svf": svf,
}


def step_like(edit, name, t, others):
    """What the edits that a matched step is as long as would make."""
    for each in edit["like"]:
        if selects(each, name, t):
            t = FORMULAS[each["edit"]](each, t, others)
    return t


def matched_step(edit, name, t, others):
    length = np.linalg.norm(step_like(edit, name, t.copy(), others) - t)
    way = others[edit["direction"]["to"]] - t
    return t if length == 0 else t + length / np.linalg.norm(way) * way


def edited(edits, name, t, others):
    for edit in edits:
        if edit["edit"] == "matched-step":
            t = matched_step(edit, name, t, others)
        elif selects(edit, name, t):
            t = FORMULAS[edit["edit"]](edit, t, others)
    return t
