"""Exercises of chapter 2: one layer, all layers, the count of the parameters, a bump."""

from __future__ import annotations

from dlbook.exercises.chapter02.bump import BUMP
from dlbook.exercises.chapter02.count_parameters import COUNT_PARAMETERS
from dlbook.exercises.chapter02.forward import FORWARD
from dlbook.exercises.chapter02.layer_forward import LAYER_FORWARD

EXERCISES = (LAYER_FORWARD, FORWARD, COUNT_PARAMETERS, BUMP)
