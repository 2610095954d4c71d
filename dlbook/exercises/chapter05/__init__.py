"""Exercises of chapter 5: the start of a layer, momentum, Adam, the reverse sweep, back through broadcasting."""

from __future__ import annotations

from dlbook.exercises.chapter05.adam_step import ADAM_STEP
from dlbook.exercises.chapter05.broadcast_add import BROADCAST_ADD
from dlbook.exercises.chapter05.initial_weights import INITIAL_WEIGHTS
from dlbook.exercises.chapter05.momentum_step import MOMENTUM_STEP
from dlbook.exercises.chapter05.reverse_sweep import REVERSE_SWEEP

EXERCISES = (INITIAL_WEIGHTS, MOMENTUM_STEP, ADAM_STEP, REVERSE_SWEEP, BROADCAST_ADD)
