"""Independent float64 reference of recipes: makes every edit with NumPy and compares it with what Polarimeter wrote.

usage: recipes.py CASES.json, as recipes.ts writes it
Nothing is shared with Polarimeter: the files are parsed here, the edits are those of recipes_edits.py. What is stored as bf16 must be the
nearest bf16 number of the float64 result wherever that is not at the edge between two; made from a float64 copy of the target it must be the
float64 result. Prints one line per case and exits 1 when anything is outside.
"""

import json
import os
import sys

import numpy as np

from recipes_edits import edited, from_midpoint, to_bf16
from recipes_own import DRAWN, OWN

# Relative to the number: so near the edge between two bf16 numbers, float64 arithmetic in another order may round to either.
EDGE = 1e-9
# Largest float64 difference, relative to the largest number of the tensor.
FLOAT64 = 1e-10
# What is told of a tensor: norms in another order of summation.
NORMS = 1e-9
DTYPES = {"BF16": np.uint16, "F64": np.float64}


def read_checkpoint(folder):
    with open(os.path.join(folder, "model.safetensors"), "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
        data = np.fromfile(file, dtype=np.uint8)
    tensors = {}
    for name, info in header.items():
        if name == "__metadata__":
            continue
        begin, end = info["data_offsets"]
        values = data[begin:end].view(DTYPES[info["dtype"]]).reshape(info["shape"])
        if info["dtype"] == "BF16":
            values = (values.astype(np.uint32) << 16).view(np.float32).astype(np.float64)
        tensors[name] = values
    return tensors


class Result:
    """What one case came to."""

    def __init__(self, name):
        self.name, self.notes, self.failures = name, [], []
        self.tensors = self.elements = self.differ = self.edge = self.stray = 0
        self.apart = self.norms = 0.0
        self.drawn = self.bitwise = False

    def require(self, holds, what):
        if not holds:
            self.failures.append(what)

    def compare(self, name, expected, stored, wide):
        rounded = to_bf16(expected)
        differs = rounded != stored
        margin = from_midpoint(expected)
        self.tensors += 1
        self.elements += expected.size
        self.differ += int(differs.sum())
        self.edge += int((margin <= EDGE).sum())
        stray = int((differs & (margin > EDGE)).sum())
        self.stray += stray
        self.require(stray == 0, f"{name}: {stray} numbers are not the nearest bf16")
        step = np.abs(rounded - stored)[differs]
        self.require((step <= 2.0**-7 * np.abs(expected[differs])).all(), f"{name}: off by more than one bf16 number")
        if self.bitwise:
            self.require(all(np.array_equal(np.signbit(each), np.signbit(expected)) for each in (stored, wide)), f"{name}: zeros of the other sign")
        apart = np.abs(wide - expected).max() / np.abs(expected).max()
        self.apart = max(self.apart, apart)
        self.require(apart <= FLOAT64, f"{name}: float64 differs by {apart:.1e} of its largest number")

    def told(self, made, expected, before):
        """What Polarimeter told of a tensor that it made."""
        rounding = np.linalg.norm(to_bf16(expected) - expected)
        for field, value in (("moved", np.linalg.norm(expected - before)), ("rounding", rounding)):
            deviation = abs(made[field] - value) / max(value, 1e-12)
            self.norms = max(self.norms, deviation)
            self.require(deviation <= NORMS, f"{made['tensor']}: told {field} {made[field]}, expected {value}")

    def line(self):
        verdict = "FAIL" if self.failures else "ok  "
        apart = "drawn" if self.drawn else f"{self.apart:.1e}"
        numbers = f"{self.tensors:3d} tensors {self.elements:8d} elements {self.differ:6d} differ of {self.edge:6d} at an edge; float64 {apart:>7s}, norms {self.norms:.1e}"
        return "\n".join([f"{verdict} {self.name:50s} {numbers}", *[f"       {note}" for note in self.notes], *[f"  FAIL {what}" for what in self.failures[:5]]])


def check(case, inputs, before):
    result = Result(case["name"])
    stored, wide = read_checkpoint(case["stored"]["out"]), read_checkpoint(case["wide"]["out"])
    target = inputs["stored"]
    result.require(stored.keys() == target.keys() == wide.keys(), "other tensors than those of the target")
    own = OWN.get(case["name"])
    kinds = {edit["edit"] for edit in case["edits"]}
    result.drawn = own in DRAWN
    result.bitwise = kinds <= {"take", "permute-heads", "mask-update"}
    if own:
        expected = own(result, case["edits"][0], inputs, stored, wide, before)
    else:
        others = {name: {key: inputs[key][name] for key in ("base", "rl")} for name in target}
        expected = {name: edited(case["edits"], name, target[name], others[name]) for name in target}
    before[case["name"]] = (stored, wide)
    made = {each["tensor"]: each for each in case["stored"]["made"] if not each["taken"]}
    for name, value in expected.items():
        if np.array_equal(value, target[name]):
            result.require(np.array_equal(stored[name], value) and np.array_equal(wide[name], value), f"{name} should be untouched")
            continue
        result.compare(name, value, stored[name], wide[name])
        if name in made:
            result.told(made[name], value, target[name])
    return result


def main():
    document = json.load(open(sys.argv[1]))
    inputs = {name: read_checkpoint(path) for name, path in document["inputs"].items()}
    for name, value in inputs["stored"].items():
        assert np.array_equal(inputs["wide"][name], value), "the float64 copy is not the target"
    before, results = {}, []
    for case in document["cases"]:
        results.append(check(case, inputs, before))
        print(results[-1].line(), flush=True)
    total = lambda field: sum(getattr(each, field) for each in results)
    failed = sum(bool(each.failures) for each in results)
    print(
        f"{len(results)} recipes, {total('tensors')} tensors, {total('elements')} elements compared with an independent float64 computation: "
        f"{total('stray')} stored numbers are not the nearest bf16, {total('differ') - total('stray')} round the other way among the {total('edge')} within {EDGE:g} of an edge; "
        f"largest float64 difference {max(each.apart for each in results):.1e} of a tensor's largest number; {failed} recipes outside"
    )
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
