"""Exercises of chapter 12: encode and decode, free energy, ln Z, one step of CD, the Gibbs step as a matrix."""

from __future__ import annotations

from dlbook.exercises.chapter12.encode_decode import ENCODE_DECODE
from dlbook.exercises.chapter12.free_energies import FREE_ENERGY
from dlbook.exercises.chapter12.one_step import ONE_STEP
from dlbook.exercises.chapter12.partition import PARTITION
from dlbook.exercises.chapter12.transitions import TRANSITIONS

EXERCISES = (ENCODE_DECODE, FREE_ENERGY, PARTITION, ONE_STEP, TRANSITIONS)
