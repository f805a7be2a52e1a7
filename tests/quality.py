"""The measures of drawn digits on the pages vae, gan and diffusion, by libraries."""

import numpy as np
from scipy.linalg import sqrtm
from sklearn.datasets import load_digits
from sklearn.neighbors import KNeighborsClassifier


def split_digits() -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """1500 images (1500, 64) in 0 to 1 with their labels, and 297 held out."""
    data = load_digits()
    order = np.random.default_rng(0).permutation(1797)
    images, labels = data.data[order] / 16, data.target[order]
    return images[:1500], labels[:1500], images[1500:], labels[1500:]


def frechet(a: np.ndarray, b: np.ndarray) -> float:
    """Fréchet distance by the symmetric root: tr (A B)^1/2 = tr (A^1/2 B A^1/2)^1/2."""
    c, d = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    root = sqrtm(c + 1e-12 * np.eye(len(c))).real
    cross = np.linalg.eigvalsh(root @ d @ root).clip(0)
    mean = np.linalg.norm(a.mean(axis=0) - b.mean(axis=0)) ** 2
    return mean + np.trace(c) + np.trace(d) - 2 * np.sqrt(cross).sum()


def told_apart(a: np.ndarray, b: np.ndarray) -> float:
    """The share whose nearest neighbour, themselves left out, is of their own kind."""
    both, kind = np.concatenate([a, b]), np.repeat([0, 1], [len(a), len(b)])
    nearest = KNeighborsClassifier(1, algorithm="brute").fit(both, kind)
    places = nearest.kneighbors(return_distance=False).ravel()
    return (kind[places] == kind).mean()
