"""Exercises of chapter 15: gradients of shards, a ring, a layer in pieces, weights from elsewhere."""

from __future__ import annotations

from dlbook.exercises.chapter15.cell import CONVERTED_CELL
from dlbook.exercises.chapter15.columns import CUT_LAYER
from dlbook.exercises.chapter15.layout import CONVERTED_LAYOUT
from dlbook.exercises.chapter15.merged import MERGED_GRADIENT
from dlbook.exercises.chapter15.ring import RING_ROUND

EXERCISES = (MERGED_GRADIENT, RING_ROUND, CUT_LAYER, CONVERTED_LAYOUT, CONVERTED_CELL)
