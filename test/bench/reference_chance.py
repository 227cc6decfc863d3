"""What random matrices and subspaces give, by plain sums over a fine grid of the densities themselves."""

import math
from functools import lru_cache

import numpy as np

GRID = 400_000


def middles(low, high):
    edges = np.linspace(low, high, GRID + 1)
    return (edges[1:] + edges[:-1]) / 2


@lru_cache(maxsize=None)
def random_angles(k, dimension):
    """Median, mean and maximum, in degrees, of the angles between two random k-subspaces: density of theta, x = cos^2 theta."""
    a = k / dimension
    edge = 4 * a * (1 - a)
    theta = middles(math.acos(math.sqrt(edge)), math.pi / 2)
    x = np.cos(theta) ** 2
    density = np.sqrt(np.maximum(0, x * (edge - x))) / (x * (1 - x)) * np.abs(np.sin(2 * theta))
    weight = density / density.sum()
    median = theta[np.searchsorted(np.cumsum(weight), 0.5)]
    return {"median": math.degrees(median), "mean": math.degrees((weight * theta).sum()), "max": 90.0}


@lru_cache(maxsize=None)
def gaussian_ranks(m, n):
    """Effective rank, and ranks of 50, 90 and 99 % of the energy, of a Gaussian matrix: Marchenko-Pastur."""
    y = min(m, n) / max(m, n)
    low, high = 1 - math.sqrt(y), 1 + math.sqrt(y)
    # In s = sqrt(x), where the density of a square matrix is finite at 0.
    s = middles(low, high)[::-1]
    x = s**2
    density = np.sqrt(np.maximum(0, (high**2 - x) * (x - low**2))) / s
    weight = density / density.sum()
    mean = (weight * s).sum()
    effective = min(m, n) * mean * math.exp(-(weight * s * np.log(s)).sum() / mean)
    energy = np.cumsum(weight * x) / (weight * x).sum()
    held = np.cumsum(weight)
    energies = {percent: math.ceil(held[np.searchsorted(energy, percent / 100)] * min(m, n) - 1e-9) for percent in (50, 90, 99)}
    return effective, energies
