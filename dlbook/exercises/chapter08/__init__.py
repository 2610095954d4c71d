"""Exercises of chapter 8: what a layer costs, im2col, the layer's product, max-pooling with places, foreign weights."""

from __future__ import annotations

from dlbook.exercises.chapter08.channels_first import CHANNELS_FIRST
from dlbook.exercises.chapter08.conv_cost import CONV_COST
from dlbook.exercises.chapter08.conv_from_rows import CONV_FROM_ROWS
from dlbook.exercises.chapter08.max_pool import MAX_POOL
from dlbook.exercises.chapter08.windows_as_rows import WINDOWS_AS_ROWS

EXERCISES = (CONV_COST, WINDOWS_AS_ROWS, CONV_FROM_ROWS, MAX_POOL, CHANNELS_FIRST)
