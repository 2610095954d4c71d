"""Exercises of chapter 13: ratings with holes, continuous numbers, mean field, odd and even layers, one sweep."""

from __future__ import annotations

from dlbook.exercises.chapter13.continuous import CONTINUOUS
from dlbook.exercises.chapter13.hidden_of_ratings import HIDDEN_OF_RATINGS
from dlbook.exercises.chapter13.mean_field import MEAN_FIELD
from dlbook.exercises.chapter13.odd_and_even import ODD_AND_EVEN
from dlbook.exercises.chapter13.one_after_another import ONE_AFTER_ANOTHER
from dlbook.exercises.chapter13.predicted_ratings import PREDICTED_RATINGS

EXERCISES = (HIDDEN_OF_RATINGS, PREDICTED_RATINGS, CONTINUOUS, MEAN_FIELD, ODD_AND_EVEN, ONE_AFTER_ANOTHER)
