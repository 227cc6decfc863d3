"""Peers of the exact decomposition on the same bf16 matrix, each in its usual and its best exact form; whichever are installed.

usage: svd_peers.py FILE OFFSET ROWS COLS TOP
Prints one JSON line per peer: name, seconds, residual = max_i max(|A v_i - s_i u_i|, |A^T u_i - s_i v_i|) / s_1
over the TOP leading triplets, in float64.
"""

import importlib.util
import json
import sys
import time

import numpy as np


def residual(a, u, s, vt, top):
    right = a @ vt[:top].T - u[:, :top] * s[:top]
    left = a.T @ u[:, :top] - vt[:top].T * s[:top]
    return float(max(np.linalg.norm(r, axis=0).max() for r in (left, right)) / s[0])


def report(name, run, a, top):
    start = time.perf_counter()
    u, s, vt = run()
    seconds = time.perf_counter() - start
    print(json.dumps({"name": name, "seconds": seconds, "residual": residual(a, u, s, vt, top)}), flush=True)


def scipy_gram(a, top):
    from scipy.linalg import eigh

    d = a.shape[1]
    gram = a.T @ a
    values, v = eigh(gram, subset_by_index=[d - top, d - 1], driver="evr", overwrite_a=True)
    s = np.sqrt(values[::-1])
    v = v[:, ::-1]
    return (a @ v) / s, s, v.T


def main():
    path, offset, rows, cols, top = sys.argv[1], *map(int, sys.argv[2:6])
    codes = np.fromfile(path, dtype=np.uint16, count=rows * cols, offset=offset)
    single = (codes.astype(np.uint32) << 16).view(np.float32).reshape(rows, cols)
    double = single.astype(np.float64)
    if importlib.util.find_spec("scipy"):
        import scipy

        report(f"SciPy {scipy.__version__} float64 Gram + eigh(evr), top {top}", lambda: scipy_gram(double, top), double, top)
    if importlib.util.find_spec("torch"):
        import torch

        tensor = torch.from_numpy(single)
        run = lambda: tuple(t.numpy().astype(np.float64) for t in torch.linalg.svd(tensor, full_matrices=False))
        report(f"PyTorch {torch.__version__} linalg.svd float32, all", run, double, top)
    run = lambda: tuple(x.astype(np.float64) for x in np.linalg.svd(single, full_matrices=False))
    report(f"NumPy {np.__version__} linalg.svd float32, all", run, double, top)


if __name__ == "__main__":
    main()
