"""Exercises of chapter 7: output size, true convolution, a layer, max pooling, receptive fields, a kernel for edges."""

from __future__ import annotations

from dlbook.exercises.chapter07.conv_layer import CONV_LAYER
from dlbook.exercises.chapter07.horizontal_edges import HORIZONTAL_EDGES
from dlbook.exercises.chapter07.max_pool import MAX_POOL
from dlbook.exercises.chapter07.output_size import OUTPUT_SIZE
from dlbook.exercises.chapter07.receptive_field import RECEPTIVE_FIELD
from dlbook.exercises.chapter07.true_convolution import TRUE_CONVOLUTION

EXERCISES = (OUTPUT_SIZE, TRUE_CONVOLUTION, CONV_LAYER, MAX_POOL, RECEPTIVE_FIELD, HORIZONTAL_EDGES)
