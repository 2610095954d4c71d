"""Exercises of chapter 6: a penalized loss, max-norm, dropout, an attack, a vote."""

from __future__ import annotations

from dlbook.exercises.chapter06.attack_images import ATTACK_IMAGES
from dlbook.exercises.chapter06.inverted_dropout import INVERTED_DROPOUT
from dlbook.exercises.chapter06.majority import MAJORITY
from dlbook.exercises.chapter06.max_norm import MAX_NORM
from dlbook.exercises.chapter06.penalized import PENALIZED

EXERCISES = (PENALIZED, MAX_NORM, INVERTED_DROPOUT, ATTACK_IMAGES, MAJORITY)
