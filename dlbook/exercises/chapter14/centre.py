"""Exercise 14.3: The centre of mass."""

from __future__ import annotations

import numpy as np

from dlbook.exercises.draw import in_float32
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.pad.centre import centre_of_mass
from dlbook.shapes import Array

Place = tuple[float, float]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, H: int, W: int) -> Case:
        ink = np.round(rng.uniform(0.05, 1, size=(H, W)), 2)
        ink[rng.integers(H), rng.integers(W)] = 0  # paper somewhere
        ink[-1, -1] = 0.9
        return Case(label, (ink,))

    dot = np.zeros((3, 5))
    dot[1, 3] = 0.5
    line = np.zeros((6, 4))
    line[1:5, 2] = 1
    cases = [
        Case("one dot", (dot,)),
        Case("an upright line", (line,)),
        case("one row", 1, 5),
        case("one column", 5, 1),
        *(case("as many rows as columns", n, n) for n in (2, 3, 4)),
        *(case("random ink", int(H), int(W)) for H, W in rng.integers(2, 7, size=(10, 2))),
    ]
    return [*cases, in_float32(cases[-1])]


def _places(image: Array) -> Array:
    return np.indices(image.shape)


def _centre(image: Array) -> tuple[Array, Array]:
    row, column = centre_of_mass(image)
    return np.asarray(row, image.dtype), np.asarray(column, image.dtype)  # as precise as what came in


def _weighted(image: Array, weights: Array, total: float) -> Place:
    rows, columns = _places(image)
    return float((rows * weights).sum() / total), float((columns * weights).sum() / total)


def _box(image: Array) -> Place:
    rows, columns = np.nonzero(image)
    return float(rows.min() + rows.max()) / 2, float(columns.min() + columns.max()) / 2


def _most_ink(image: Array) -> Place:
    return float(image.sum(axis=1).argmax()), float(image.sum(axis=0).argmax())


def _largest(image: Array) -> Place:
    row, column = np.unravel_index(image.argmax(), image.shape)
    return float(row), float(column)


CENTRE = Exercise(
    "14.3",
    "The centre of mass",
    ("image",),
    ("row", "column"),
    "two numbers, row and column, pixels counted from 0",
    _centre,
    _cases,
    (
        Mistake(
            "row and column are exchanged",
            lambda image: _centre(image)[::-1],
            "Both numbers are right, in the wrong order. The first axis of an image runs down: its index is the row.",
        ),
        Mistake(
            "pixels are counted from 1",
            lambda image: tuple(c + 1 for c in _centre(image)),
            "Both are one too large. The first row and the first column have the number 0.",
        ),
        Mistake(
            "all ink counts the same",
            lambda image: _weighted(image, image > 0, (image > 0).sum()),
            "You take the mean place of the pixels that have ink. A pale pixel counts less than a dark one: weigh each "
            "place with its ink.",
        ),
        Mistake(
            "the middle of the picture",
            lambda image: ((image.shape[0] - 1) / 2, (image.shape[1] - 1) / 2),
            "This is the middle of the sheet, whatever is drawn on it. Weigh the places with the ink.",
        ),
        Mistake(
            "the middle of the box around the ink",
            _box,
            "This is the middle between the first and the last inked row and column. A 7 has more ink at the top: its "
            "centre of mass is higher.",
        ),
        Mistake(
            "divided by the number of pixels",
            lambda image: _weighted(image, image, image.size),
            "The places are weighted with the ink, and divided by the number of pixels. Divide by what the weights sum "
            "up to, the total ink.",
        ),
        Mistake(
            "not divided by the ink",
            lambda image: _weighted(image, image, 1),
            "These are the sums of place times ink. A mean divides by the sum of the weights.",
        ),
        Mistake(
            "divided by the number of inked pixels",
            lambda image: _weighted(image, image, (image > 0).sum()),
            "The sum of place times ink is divided by how many pixels have ink. Divide by how much ink they have.",
        ),
        Mistake(
            "weighted with the paper",
            lambda image: _weighted(image, 1 - image, (1 - image).sum()),
            "You weigh with 1 minus the ink, which is the centre of the paper. In MNIST ink is 1.",
        ),
        Mistake(
            "the darkest pixel",
            _largest,
            "This is where the most ink is on one pixel. The centre of mass is the mean over all of them.",
        ),
        Mistake(
            "the row and the column with the most ink",
            _most_ink,
            "These are the row and the column that hold the most ink. All other ink counts too: take the mean of all "
            "places, each weighed with its ink.",
        ),
        Mistake(
            "half a pixel is added",
            lambda image: tuple(c + 0.5 for c in _centre(image)),
            "Both are too large by 1/2. Here the middle of the first pixel has the number 0, not 0.5.",
        ),
        Mistake(
            "rounded to whole pixels",
            lambda image: tuple(float(round(c)) for c in centre_of_mass(image)),
            "The centre of mass may lie between pixels. Round nothing here; what is moved by whole pixels later is the "
            "digit.",
        ),
        Mistake(
            "the mean ink of a row and of a column",
            lambda image: (float(image.sum(axis=1).mean()), float(image.sum(axis=0).mean())),
            "These are amounts of ink, not places. Multiply the ink of each row by the *number* of the row, add up, "
            "and divide by all ink.",
        ),
        Mistake(
            "weighted with the square of the ink",
            lambda image: _weighted(image, image**2, (image**2).sum()),
            "The weight of a place is its ink, to the first power. Squares give the dark pixels too much to say.",
        ),
        Mistake(
            "moved by the middle of the picture",
            lambda image: tuple(c - (n - 1) / 2 for c, n in zip(_centre(image), image.shape, strict=True)),
            "This is how far the centre of mass lies from the middle of the sheet. The place itself is asked, counted "
            "from the first row and column.",
        ),
    ),
    {"ink in more than one row and column": lambda image: bool(min(image.shape) > 1 and np.count_nonzero(image) > 4)},
)
