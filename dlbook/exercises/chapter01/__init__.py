"""Exercises of chapter 1: the threshold neuron, the perceptron's loss and learning rule, XOR."""

from __future__ import annotations

from dlbook.exercises.chapter01.learning_step import LEARNING_STEP
from dlbook.exercises.chapter01.perceptron_loss import PERCEPTRON_LOSS
from dlbook.exercises.chapter01.threshold_neuron import THRESHOLD_NEURON
from dlbook.exercises.chapter01.xor_weights import XOR_WEIGHTS

EXERCISES = (THRESHOLD_NEURON, PERCEPTRON_LOSS, LEARNING_STEP, XOR_WEIGHTS)
