"""Exercises of chapter 10: one step, the whole sequence, back through time, clipping, where the sequences end."""

from __future__ import annotations

from dlbook.exercises.chapter10.bptt_deltas import BPTT_DELTAS
from dlbook.exercises.chapter10.clip_gradients import CLIP_GRADIENTS
from dlbook.exercises.chapter10.last_and_mean import LAST_AND_MEAN
from dlbook.exercises.chapter10.rnn_forward import RNN_FORWARD
from dlbook.exercises.chapter10.rnn_step import RNN_STEP

EXERCISES = (RNN_STEP, RNN_FORWARD, BPTT_DELTAS, CLIP_GRADIENTS, LAST_AND_MEAN)
