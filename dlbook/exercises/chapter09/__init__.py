"""Exercises of chapter 9: δ through pooling and through kernels, the gradients of kernels, stride and padding."""

from __future__ import annotations

from dlbook.exercises.chapter09.input_delta import INPUT_DELTA
from dlbook.exercises.chapter09.kernel_gradients import KERNEL_GRADIENTS
from dlbook.exercises.chapter09.spread_average import SPREAD_AVERAGE
from dlbook.exercises.chapter09.strided_delta import STRIDED_DELTA
from dlbook.exercises.chapter09.upsample_max import UPSAMPLE_MAX

EXERCISES = (UPSAMPLE_MAX, SPREAD_AVERAGE, INPUT_DELTA, KERNEL_GRADIENTS, STRIDED_DELTA)
