"""Exercises of chapter 4: a safe sigmoid, log-sum-exp, the fused loss, back through softmax, PReLU's slope."""

from __future__ import annotations

from dlbook.exercises.chapter04.cross_entropy import CROSS_ENTROPY
from dlbook.exercises.chapter04.log_sum_exp import LOG_SUM_EXP
from dlbook.exercises.chapter04.prelu_backward import PRELU_BACKWARD
from dlbook.exercises.chapter04.safe_sigmoid import SAFE_SIGMOID
from dlbook.exercises.chapter04.softmax_backward import SOFTMAX_BACKWARD

EXERCISES = (SAFE_SIGMOID, LOG_SUM_EXP, CROSS_ENTROPY, SOFTMAX_BACKWARD, PRELU_BACKWARD)
