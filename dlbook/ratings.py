"""Ratings: who gave which film how many stars. One row per user, one column per item, 0 where there is no rating."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib
from typing import NamedTuple

import numpy as np

from .datafiles import DataError
from .download import fetch
from .shapes import Array, fraction, generator, positive_int

LEVELS = 5  # stars
LIKING = 1.2  # stars up or down, for a genre that a user likes or does not
SPREAD = 0.7  # stars, how far a rating strays from its mean
TITLES = {
    "comedy": ("Two Left Shoes", "The Wrong Wedding", "Mayor by Mistake", "Goats at Sea", "Lunch with Nobody"),
    "thriller": ("Cold Platform", "The Ninth Key", "No Witness", "Dead Reckoning Street", "The Quiet Caller"),
    "romance": ("Letters in Rain", "One Summer Late", "The Florist's Map", "Until the Ferry", "Second Waltz"),
    "space": ("Orbit of Glass", "Last Light on Io", "The Salt Comet", "Airlock Nine", "Children of Vega"),
}
GENRES = tuple(TITLES)

MOVIELENS = "ml-100k.zip"
MOVIELENS_MIRRORS = ("https://files.grouplens.org/datasets/movielens/",)
MOVIELENS_SHAPE = (943, 1682)
MOVIELENS_SHA256 = "06416e597f82b7342361e41163890c81036900f418ad91315590814211dca490"  # of the member u.data


class Ratings(NamedTuple):
    """Generated ratings, with the truth behind them.

    Shapes:
        R (m, N), integers: 1…5 stars, 0 where there is no rating; probabilities (m, N, 5), the true P(rating = k) of
        every cell, rated or not; tastes (m, 4), 1.0 where the user likes the genre, else 0.0; genres (N,), each
        item's genre, a place in ``GENRES``; titles: N made-up names.
    """

    R: Array
    probabilities: Array
    tastes: Array
    genres: Array
    titles: tuple[str, ...]

    @property
    def expected(self) -> Array:
        """The true mean rating of every cell, (m, N): no prediction has a smaller mean squared error."""
        return np.asarray(self.probabilities @ np.arange(1.0, LEVELS + 1))

    def floor(self, R: Array) -> float:
        """Return the root mean squared error that knowing the truth leaves on the cells that ``R`` has."""
        variance = self.probabilities @ np.arange(1.0, LEVELS + 1) ** 2 - self.expected**2
        return float(np.sqrt(variance[np.asarray(R) > 0].mean()))


def ratings(n_users: int = 400, n_items: int = 40, *, share: float = 0.4, rng: np.random.Generator) -> Ratings:
    """Draw ratings whose causes are known: four genres, and each user likes each of them or not.

    P(k) ∝ exp(−(k − μ)² / (2 · 0.7²)) for k = 1…5, with μ = 3 + q_i ± 1.2: q_i ~ N(0, 0.4²) is the quality of item i,
    the sign is plus where the user likes the item's genre. Likes are fair coins. Each cell is rated with probability
    ``share``, whatever the rating would be; in real data people rate what they chose to watch.

    Returns:
        The ratings and the truth; items come in the order comedy, thriller, romance, space, comedy, ….

    Raises:
        ValueError: a size below one, or a share outside 0…1.
    """
    m, N = positive_int("ratings", n_users, "n_users"), positive_int("ratings", n_items, "n_items")
    share = 1.0 if share == 1 else fraction("ratings", share, "share")
    rng = generator("ratings", rng)
    genres = np.arange(N) % len(GENRES)
    tastes = rng.integers(0, 2, size=(m, len(GENRES))).astype(float)
    mean = 3.0 + rng.normal(scale=0.4, size=N) + LIKING * (2.0 * tastes[:, genres] - 1.0)  # (m, N)
    p = np.exp(-((np.arange(1, LEVELS + 1) - mean[..., None]) ** 2) / (2 * SPREAD**2))
    p /= p.sum(axis=-1, keepdims=True)
    drawn = 1 + (rng.random((m, N, 1)) > p.cumsum(axis=-1)[..., :-1]).sum(axis=-1)
    return Ratings(np.where(rng.random((m, N)) < share, drawn, 0), p, tastes, genres, tuple(map(_title, range(N))))


def _title(i: int) -> str:
    names = TITLES[GENRES[i % len(GENRES)]]
    sequel, place = divmod(i // len(GENRES), len(names))
    return names[place] + (f" {sequel + 1}" if sequel else "")


def hold_out(R: Array, share: float, *, rng: np.random.Generator) -> tuple[Array, Array]:
    """Hide a share of the known ratings, drawn at random: return (R_train, R_test), each known rating in one of them.

    Raises:
        ValueError: ``R`` has no two axes, or nothing is known, or the share is outside 0…1.
    """
    R = np.asarray(R)
    if R.ndim != 2 or R.dtype.kind not in "iu" or not (R > 0).any():
        raise ValueError(f"hold_out expects a matrix of whole ratings, some of them above 0, got {R.dtype} {R.shape}")
    share = fraction("hold_out", share, "share")
    known = np.flatnonzero(R > 0)
    hidden = np.zeros(R.size, dtype=bool)
    hidden[generator("hold_out", rng).permutation(known)[: round(share * len(known))]] = True
    return np.where(hidden.reshape(R.shape), 0, R), np.where(hidden.reshape(R.shape), R, 0)


def movielens() -> Array:
    """Return MovieLens 100K: 100,000 ratings of 1,682 films by 943 users, each of whom rated at least 20.

    The first call downloads 5 MB and keeps them in the cache folder. The environment variable ``DLBOOK_DATA`` names a
    folder with a local copy instead, ``ml-100k.zip`` or ``ml-100k/u.data``. The licence allows research, but no
    redistribution, so the book cannot ship the file.

    Returns:
        R of shape (943, 1682), 1…5 stars, 0 where there is no rating.

    Raises:
        DataError: the file is missing, damaged or out of reach.

    Source: F. M. Harper and J. A. Konstan, "The MovieLens Datasets: History and Context", 2015.
    """

    def read(raw: bytes) -> Array:
        return read_movielens(raw, MOVIELENS_SHAPE, MOVIELENS_SHA256)

    return fetch(MOVIELENS, MOVIELENS_MIRRORS, read, local=("ml-100k/u.data",))


def read_movielens(raw: bytes, shape: tuple[int, int], sha256: str) -> Array:
    """Return the matrix of ratings in ``raw``, the zip file of MovieLens 100K or its member ``u.data``.

    Each line is user, item, stars and time, separated by tabs; users and items count from 1.

    Args:
        raw: what a file or a server gave.
        shape: numbers of users and items.
        sha256: checksum of ``u.data``.

    Raises:
        DataError: the archive, a line or the checksum is wrong.
    """
    content = _member(raw)
    try:
        table = np.array([line.split("\t") for line in content.decode("ascii").splitlines()], dtype=np.int64)
    except ValueError as error:  # another number of fields, no numbers, no ASCII
        raise DataError(
            f"u.data is not lines of four whole numbers, separated by tabs ({error}); get it again"
        ) from error
    if table.ndim != 2 or table.shape[1] != 4:
        raise DataError(f"u.data holds a table of shape {table.shape}, expected lines of four numbers; get it again")
    user, item, stars = table[:, 0] - 1, table[:, 1] - 1, table[:, 2]
    for name, values, top in (
        ("user", user, shape[0] - 1),
        ("item", item, shape[1] - 1),
        ("stars", stars - 1, LEVELS - 1),
    ):
        if values.min() < 0 or values.max() > top:
            raise DataError(f"u.data has a {name} outside 1…{top + 1}: another data set, or damaged; get it again")
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise DataError(
            f"u.data has the checksum (SHA-256) {found}, expected {sha256}: damaged or changed; get it again"
        )
    R = np.zeros(shape, dtype=np.int64)
    R[user, item] = stars
    return R


def _member(raw: bytes) -> bytes:
    if raw[:2] != b"PK":  # unpacked already
        return raw
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return archive.read("ml-100k/u.data")
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{MOVIELENS} breaks off, is damaged or lacks u.data ({error}); get it again") from error
