"""Independent float64 reference: recomputes every per-tensor value of a study with NumPy and compares.

usage: reference.py STUDY_FOLDER ROWS.json
ROWS.json is the output of `polarimeter study show STUDY --level tensor --json`. Nothing is shared with Polarimeter: the files are
parsed here, singular vectors come from numpy.linalg.svd on the widened matrix, masks from a stable sort, angles from the sine formula.
Prints one line per measure with the largest deviation over its tolerance, and exits 1 when any is exceeded.
"""

import json
import os
import sys

import numpy as np

from reference_elements import element_values, pair_values, set_values, stripe_values
from reference_masks import mask_values
from reference_spectral import Pair, all_angles, spectrum_values, svf_values, update_values, weight_watcher_values

def read_checkpoint(folder):
    with open(os.path.join(folder, "model.safetensors"), "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = np.fromfile(file, dtype=np.uint8)
    tensors = {}
    for name, info in header.items():
        if name == "__metadata__":
            continue
        begin, end = info["data_offsets"]
        assert info["dtype"] == "BF16", "the reference reads bf16 only"
        tensors[name] = data[begin:end].view(np.uint16).reshape(info["shape"])
    return tensors


def heads_of(name, config):
    queries, keys = config["num_attention_heads"], config["num_key_value_heads"]
    known = {"q_proj": ("rows", queries), "k_proj": ("rows", keys), "v_proj": ("rows", keys), "o_proj": ("columns", queries)}
    return known.get(name.split(".")[-2])


class Reference:
    """Expected values by row, each tensor of each pair computed once."""

    def __init__(self, folder, study):
        self.options = study["options"]
        place = lambda path: path if os.path.isabs(path) else os.path.join(folder, path)
        self.paths = {"base": place(study["base"]["path"]), **{v["label"]: place(v["path"]) for v in study["variants"]}}
        self.models = {label: read_checkpoint(path) for label, path in self.paths.items()}
        self.config = json.load(open(os.path.join(self.paths["base"], "config.json")))
        self.cache = {}
        self.near_ties = 0

    def expected(self, row):
        measure, name = row["measure"], row["tensor"]
        base, variant = self.models[row["reference"]][name], self.models[row["variant"]][name]
        if measure == "update.cosine" or measure.startswith("overlap."):
            others = [self.models[label][name] for label in row["parameters"]["with"].split(", ")]
            if measure.startswith("overlap.consensus"):
                return set_values(base, [variant, *others])[measure]
            return pair_values(base, variant, others[0])[measure]
        key = (row["reference"], row["variant"], name)
        if key not in self.cache:
            self.cache[key] = self.tensor(base, variant, name)
        return self.cache[key][measure]

    def tensor(self, base, variant, name):
        out = element_values(base, variant, self.options["tolerances"])
        if base.ndim != 2 or "embed_tokens" in name:
            return out
        out.update(stripe_values(base, variant, heads_of(name, self.config)))
        pair = Pair(base, variant)
        k = min(self.options["k"], pair.d // 2)
        masks, near = mask_values(pair, self.options["maskShare"], min(self.options["maskRank"], k))
        self.near_ties += near
        for found in (spectrum_values(pair, k), all_angles(pair, k, self.options["kSweep"]), update_values(pair, k)):
            out.update(found)
        return {**out, **masks, **svf_values(pair), **weight_watcher_values(pair)}


class Comparison:
    def __init__(self):
        self.worst, self.failures, self.values, self.absent = {}, [], 0, 0

    def check(self, row, expected):
        value, baseline, within, baseline_within = expected
        if value is None:
            self.absent += 1
            if row["value"] is not None or not row["reason"]:
                self.failures.append((row["measure"], row["tensor"], "expected no value, and a reason"))
            return
        self.number(row, "value", value, within)
        if baseline is not None:
            self.number(row, "baseline", baseline, baseline_within)
        elif row["baseline"] is not None:
            self.failures.append((row["measure"], row["tensor"], "expected no baseline"))

    def number(self, row, field, expected, within):
        stored = row[field]
        if not isinstance(stored, (int, float)):
            if within != float("inf"):
                self.failures.append((row["measure"], row["tensor"], f"{field} is {stored}, expected {expected}"))
            return
        self.values += 1
        deviation = abs(stored - expected)
        # One rounding of the largest number in the quotient is always allowed.
        ratio = deviation / max(within, 4 * 2.0**-52 * abs(expected))
        key = row["measure"] if field == "value" else row["measure"] + " (baseline)"
        if ratio >= self.worst.get(key, (-1,))[0]:
            self.worst[key] = (ratio, deviation, within, row["variant"], row["tensor"])


def main():
    folder, rows_path = sys.argv[1:3]
    reference = Reference(folder, json.load(open(os.path.join(folder, "study.json"))))
    comparison, unknown = Comparison(), set()
    for row in json.load(open(rows_path))["rows"]:
        left_out = (row["reason"] or "").startswith("embeddings")
        if row["measure"] == "alignment.compared" or row["tensor"] not in reference.models[row["variant"]] or left_out:
            continue
        try:
            comparison.check(row, reference.expected(row))
        except KeyError:
            unknown.add(row["measure"])
    for measure, (ratio, deviation, within, variant, tensor) in sorted(comparison.worst.items()):
        verdict = "ok  " if ratio <= 1 else "FAIL"
        print(f"{verdict} {measure:42s} largest deviation {deviation:.2e} = {ratio:.2g} of its tolerance {within:.1e} ({variant}, {tensor})")
    for line in comparison.failures[:20]:
        print("FAIL", *line)
    for measure in sorted(unknown):
        print("FAIL", measure, "is not recomputed")
    outside = len(comparison.failures) + len(unknown) + sum(ratio > 1 for ratio, *_ in comparison.worst.values())
    largest = max(ratio for ratio, *_ in comparison.worst.values())
    print(f"{comparison.values} values and baselines of {len(comparison.worst)} columns compared with an independent float64 computation;")
    print(f"{comparison.absent} rows without a value, as expected; {reference.near_ties} near-ties at the edges of principal masks")
    print(f"largest deviation {largest:.2g} of its tolerance; {outside} columns or rows outside")
    sys.exit(1 if outside else 0)


if __name__ == "__main__":
    main()
