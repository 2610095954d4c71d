"""Exercise 15.4: One round of the ring."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from dlbook.exercises.draw import in_float32, nonzero
from dlbook.exercises.model import Case, Exercise, Mistake
from dlbook.shapes import Array

Held = list[Array]


def _cases(rng: np.random.Generator) -> list[Case]:
    def case(label: str, p: int, r: int) -> Case:
        return Case(label, ([nonzero(rng, p) for _ in range(p)], r))

    cases = [
        *(case("two workers, the first round", 2, 0) for _ in range(4)),
        *(case("the first round", p, 0) for p in (3, 4, 5)),
        *(case("a later round", p, r) for p in (3, 4, 5, 6) for r in range(1, min(p - 1, 4))),
    ]
    return [*cases, in_float32(cases[-1])]


def _round(
    *,
    to: int = 1,
    chunk: Callable[[int, int], int] = lambda rank, r: rank - r,
    keep: bool = True,
    add: bool = True,
    place: Callable[[int, int], int] = lambda rank, c: c,
) -> Callable[[Held, int], Array]:
    """Return one round with one thing done in another way."""

    def ring_round(held: Held, r: int) -> Array:
        p, new = len(held), np.array(held)
        for rank in range(p):
            c = chunk(rank, r) % p
            right = (rank + to) % p
            arrived = held[rank][c]
            there = place(right, c)
            new[right, there] = held[right][there] + arrived if add else arrived
            if not keep:
                new[rank, c] = 0
        return new

    return ring_round


def _all_chunks(held: Held, r: int) -> Array:
    return np.asarray(np.array(held) + np.roll(np.array(held), 1, axis=0))


def _everybody(held: Held, r: int) -> Array:
    p, new = len(held), np.array(held)
    for rank in range(p):
        c = (rank - r) % p
        for other in range(p):
            if other != rank:
                new[other, c] += held[rank][c]
    return new


def _first_only(held: Held, r: int) -> Array:
    p, new = len(held), np.array(held)
    new[1 % p, -r % p] += held[0][-r % p]
    return new


def _open_ring(held: Held, r: int) -> Array:
    new = np.array(held)
    for rank in range(len(held) - 1):
        c = (rank - r) % len(held)
        new[rank + 1, c] += held[rank][c]
    return new


def _up_to(held: Held, r: int) -> Array:
    new = np.array(held)
    for earlier in range(r + 1):
        new = _round()(list(new), earlier)
    return new


def _ever_further(held: Held, r: int) -> Array:
    return _round(to=1 + r)(held, r)


def _averaged(held: Held, r: int) -> Array:
    p, new = len(held), np.array(held)
    for rank in range(p):
        c, right = (rank - r) % p, (rank + 1) % p
        new[right, c] = (held[right][c] + held[rank][c]) / 2
    return new


RING_ROUND = Exercise(
    "15.4",
    "One round of the ring",
    ("held", "r"),
    ("held",),
    "p arrays of p numbers",
    _round(),
    _cases,
    (
        Mistake(
            "sent to the left",
            _round(to=-1),
            "Worker k sends to its right neighbour, k + 1, and the last one to worker 0. You sent to k − 1.",
        ),
        Mistake(
            "always the chunk of one's own number",
            _round(chunk=lambda rank, r: rank),
            "That is right in round 0 alone. A chunk has to travel on: what arrived in one round is sent in the next, "
            "which is chunk k − r.",
        ),
        Mistake(
            "the chunk k + r",
            _round(chunk=lambda rank, r: rank + r),
            "In round 0 worker k − 1 sent chunk k − 1 here. That chunk, k − 1, must go on in round 1: the number "
            "falls with every round.",
        ),
        Mistake(
            "what arrives replaces what is there",
            _round(add=False),
            "In this half of the journey a chunk collects: what arrives is added to one's own. Replacing comes in the "
            "second half, when the sums are finished.",
        ),
        Mistake(
            "the sender loses its chunk",
            _round(keep=False),
            "A message is a copy: what was sent also stays where it was, until the finished sum overwrites it.",
        ),
        Mistake(
            "all chunks are sent",
            _all_chunks,
            "Every worker sends one chunk per round, the one with number k − r. To send everything every time costs p "
            "times the traffic, and adds up too much.",
        ),
        Mistake(
            "sent to everybody",
            _everybody,
            "In a ring every worker speaks to its right neighbour alone. That is what keeps the traffic of each one "
            "independent of p.",
        ),
        Mistake(
            "only worker 0 sends",
            _first_only,
            "All workers send at the same time, each its own chunk. That is why no link of the ring ever waits.",
        ),
        Mistake(
            "the last worker does not send",
            _open_ring,
            "The right neighbour of the last worker is worker 0: numbers are taken modulo p, and the ring closes.",
        ),
        Mistake(
            "the receiver's chunk",
            _round(chunk=lambda rank, r: rank + 1 - r),
            "Which chunk travels is counted from the sender: worker k sends chunk k − r, not k + 1 − r. The first "
            "round is r = 0.",
        ),
        Mistake(
            "a round too far",
            _round(chunk=lambda rank, r: rank - r - 1),
            "Worker k sends chunk k − r, and you let it send k − r − 1. In the first round, r = 0, it is the chunk "
            "with its own number.",
        ),
        Mistake(
            "all workers send the same chunk",
            _round(chunk=lambda rank, r: r),
            "Every worker sends chunk r. Each must send another one, k − r: only then do all sums grow at once.",
        ),
        Mistake(
            "all rounds up to this one",
            _up_to,
            "You play the rounds 0 to r. `held` is what the workers hold after the rounds before: only round r is "
            "asked for.",
        ),
        Mistake(
            "further with every round",
            _ever_further,
            "What changes with the round is the *chunk*. The neighbour stays the same, k + 1, in all rounds.",
        ),
        Mistake(
            "the mean in place of the sum",
            _averaged,
            "The ring adds up. To halve in every round would give the gradients of different workers different "
            "weights; the division by p comes once, at the end.",
        ),
        Mistake(
            "added to the chunk of the receiver's number",
            _round(place=lambda rank, c: rank),
            "Chunk c is added to chunk c: only numbers that belong to the same parameters may be added up.",
        ),
    ),
    {
        "more than two workers": lambda held, r: len(held) > 2,
        "a round after the first": lambda held, r: r > 0,
    },
)
