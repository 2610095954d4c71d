"""Exercises of chapter 3: the δ of the output layer, the recursion, the gradients, a whole step, gradient checking."""

from __future__ import annotations

from dlbook.exercises.chapter03.central_differences import CENTRAL_DIFFERENCES
from dlbook.exercises.chapter03.gradients import GRADIENTS
from dlbook.exercises.chapter03.hidden_delta import HIDDEN_DELTA
from dlbook.exercises.chapter03.output_delta import OUTPUT_DELTA
from dlbook.exercises.chapter03.training_step import TRAINING_STEP

EXERCISES = (OUTPUT_DELTA, HIDDEN_DELTA, GRADIENTS, TRAINING_STEP, CENTRAL_DIFFERENCES)
