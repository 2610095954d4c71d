"""Exercises of chapter 11: one step of an LSTM, the errors of cell and gates, a GRU, peepholes."""

from __future__ import annotations

from dlbook.exercises.chapter11.cell_errors import CELL_ERRORS
from dlbook.exercises.chapter11.gate_errors import GATE_ERRORS
from dlbook.exercises.chapter11.gated_unit import GRU_STEP
from dlbook.exercises.chapter11.lstm_step import LSTM_STEP
from dlbook.exercises.chapter11.peepholes import PEEPHOLE_STEP

EXERCISES = (LSTM_STEP, CELL_ERRORS, GATE_ERRORS, GRU_STEP, PEEPHOLE_STEP)
