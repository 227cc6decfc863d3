"""Cases whose result is drawn, so that it has no formula: what must hold of them whatever was drawn.

Each takes the result, the edit, the inputs, what was stored, what was made in float64 and what earlier cases gave; each returns what the
stored numbers must be the rounded values of: the float64 ones, once they are shown to be right.
"""

import math

import numpy as np

from recipes_edits import in_ranges, layer_of, step_like

HEADS, GROUPS, SIZE, THETA = 4, 2, 32, 10000.0
ATTENTION = "model.layers.{}.self_attn.{}_proj.weight"
LAYERS = 6


def wanted_layers(edit):
    return [layer for layer in range(LAYERS) if in_ranges(layer, edit.get("layers", ["0-99"]))]


def weights(tensors, layer):
    return {part: tensors[ATTENTION.format(layer, part)] for part in "qkvo"}


def rope(x):
    half = SIZE // 2
    angle = np.arange(x.shape[1])[:, None] * THETA ** (-np.arange(half) / half)
    cos, sin = np.cos(angle), np.sin(angle)
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def attention(w, x):
    """Grouped causal attention of a Llama layer, without its norm."""
    split = lambda weight, heads: (x @ weight.T).reshape(x.shape[0], heads, SIZE).transpose(1, 0, 2)
    q, k, v = rope(split(w["q"], HEADS)), rope(split(w["k"], GROUPS)), split(w["v"], GROUPS)
    k, v = np.repeat(k, HEADS // GROUPS, axis=0), np.repeat(v, HEADS // GROUPS, axis=0)
    scores = q @ k.transpose(0, 2, 1) / math.sqrt(SIZE)
    scores = np.where(np.tri(x.shape[0], dtype=bool), scores, -np.inf)
    share = np.exp(scores - scores.max(axis=-1, keepdims=True))
    share /= share.sum(axis=-1, keepdims=True)
    return (share @ v).transpose(1, 0, 2).reshape(x.shape[0], -1) @ w["o"].T


def relative(now, was):
    return np.linalg.norm(now - was) / np.linalg.norm(was)


def outputs_change(target, tensors, layers):
    x = np.random.default_rng(5).standard_normal((48, target["model.norm.weight"].size))
    return max(relative(attention(weights(tensors, i), x), attention(weights(target, i), x)) for i in layers)


def head(i):
    return slice(i * SIZE, (i + 1) * SIZE)


def recovered(before, after, group):
    """R of W_v' = R^T W_v, by least squares."""
    return (after["v"][head(group)] @ np.linalg.pinv(before["v"][head(group)])).T


def rotation(result, edit, inputs, stored, wide, _before):
    target, layers = inputs["stored"], wanted_layers(edit)
    touched = {ATTENTION.format(layer, part) for layer in layers for part in "vo"}
    seen, worst, orthogonal = [], 0.0, 0.0
    for layer in layers:
        w, now = weights(target, layer), weights(wide, layer)
        for i in range(HEADS):
            group = i * GROUPS // HEADS
            product = lambda each: each["o"][:, head(i)] @ each["v"][head(group)]
            worst = max(worst, relative(product(now), product(w)))
        for group in range(GROUPS):
            r = recovered(w, now, group)
            seen.append(r)
            orthogonal = max(orthogonal, np.abs(r.T @ r - np.eye(SIZE)).max())
            flat = np.abs(np.abs(r) - SIZE**-0.5).max()
            result.require((flat < 1e-10) == (edit.get("rotation") == "hadamard"), "entries of one magnitude are those of Hadamard's only")
    apart = min(np.abs(a - b).max() for i, a in enumerate(seen) for b in seen[:i])
    result.require(apart > 0.1, "two heads have the same rotation")
    result.require(worst < 1e-13, f"a head's product changed by {worst:.1e}")
    result.require(orthogonal < 1e-10, f"a rotation is orthogonal to {orthogonal:.1e} only")
    inside = outputs_change(target, wide, layers)
    result.require(inside < 1e-12, f"attention outputs changed by {inside:.1e}")
    result.notes.append(f"before rounding: products of heads {worst:.1e}, rotations orthogonal to {orthogonal:.1e}, attention outputs {inside:.1e}; outputs in bf16 {outputs_change(target, stored, layers):.1e}")
    return {name: wide[name] if name in touched else target[name] for name in target}


def permuted(w, order):
    group = HEADS // GROUPS * SIZE
    rows = lambda size: np.concatenate([np.arange(i * size, (i + 1) * size) for i in order])
    return {"q": w["q"][rows(group)], "k": w["k"][rows(SIZE)], "v": w["v"][rows(SIZE)], "o": w["o"][:, rows(group)]}


def permutation(result, edit, inputs, _stored, _wide, _before):
    target, layers = inputs["stored"], wanted_layers(edit)
    # Of two heads there is one order in which any is elsewhere.
    order, expected = edit.get("order", [1, 0]), dict(target)
    for layer in layers:
        for part, value in permuted(weights(target, layer), order).items():
            expected[ATTENTION.format(layer, part)] = value
    change = outputs_change(target, expected, layers)
    result.require(change < 1e-13, f"attention outputs change by {change:.1e}")
    result.notes.append(f"attention outputs {change:.1e}")
    return expected


def random_mask(result, edit, inputs, stored, wide, before):
    target, since, complement = inputs["stored"], inputs[edit["since"]], edit.get("complement", False)
    share = 1 - edit["mask"]["share"] if complement else edit["mask"]["share"]
    shares, expected = [], {}
    for name, value in target.items():
        selected = wide[name] == value
        count = math.floor(edit["mask"]["share"] * value.size + 0.5)
        result.require(selected.sum() == (value.size - count if complement else count), f"{name}: {selected.sum()} numbers are selected")
        expected[name] = np.where(selected, value, since[name])
        if value.ndim == 2:
            spread = lambda axis: (selected.mean(axis=axis) - share) / math.sqrt(share * (1 - share) / selected.shape[axis])
            shares += [np.sqrt((spread(axis) ** 2).mean()) for axis in (0, 1)]
        other = before.get("mask-update: random 30 %")
        if complement and other:
            result.require(np.array_equal(selected, other[1][name] != value), f"{name}: the complement selects others")
    result.require(0.75 < min(shares) and max(shares) < 1.25, "rows or columns are not selected alike")
    result.notes.append(f"share of the selected by row and by column: spread {min(shares):.2f} to {max(shares):.2f} of the binomial one")
    return expected


def random_step(result, edit, inputs, stored, wide, _before):
    target, expected, entries = inputs["stored"], dict(inputs["stored"]), []
    for name, value in target.items():
        others = {key: inputs[key][name] for key in ("base", "rl")}
        length = np.linalg.norm(step_like(edit, name, value.copy(), others) - value)
        if length == 0:
            continue
        step = wide[name] - value
        deviation = abs(np.linalg.norm(step) / length - 1)
        result.require(deviation < 1e-12, f"{name}: the step is longer by {deviation:.1e}")
        entries.append(step.ravel() * math.sqrt(step.size) / length)
        expected[name] = wide[name]
    cosines = [abs(a @ b) / a.size * math.sqrt(a.size) for i, a in enumerate(entries) for b in entries[:i] if a.size == b.size]
    result.require(max(cosines) < 5, "two tensors have the same direction")
    x = np.sort(np.concatenate(entries))
    normal = np.array([math.erfc(-each / math.sqrt(2)) / 2 for each in x])
    place = np.arange(x.size)
    gap = max((normal - place / x.size).max(), ((place + 1) / x.size - normal).max()) * math.sqrt(x.size)
    # Kolmogorov and Smirnov: beyond 1.95 once in a thousand times.
    result.require(gap < 1.95, f"entries are not normal: {gap:.2f}")
    mean, fourth = x.mean() * math.sqrt(x.size), ((x**4).mean() - 3) * math.sqrt(x.size / 96)
    result.require(max(abs(mean), abs(fourth)) < 4, f"mean {mean:.1f}, fourth moment {fourth:.1f} standard errors away")
    result.notes.append(f"entries against the normal law: Kolmogorov-Smirnov {gap:.2f} (1.36 once in twenty), mean {mean:+.1f}, fourth moment {fourth:+.1f} standard errors")
    return expected


OWN = {
    "rotate-heads: Haar": rotation,
    "rotate-heads: Hadamard, layers 2-3": rotation,
    "permute-heads: drawn": permutation,
    "permute-heads: given, layers 1 and 4-5": permutation,
    "mask-update: random 30 %": random_mask,
    "mask-update: not random 30 %": random_mask,
    "matched-step: as take, random": random_step,
}

# Of these the float64 numbers themselves are shown to be what they must be, and are what the stored ones are compared with.
DRAWN = (rotation, random_step)
