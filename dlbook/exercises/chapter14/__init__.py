"""Exercises of chapter 14: centre of mass, confusion, an interval, a comparison, doubt."""

from __future__ import annotations

from dlbook.exercises.chapter14.centre import CENTRE
from dlbook.exercises.chapter14.confused import CONFUSED
from dlbook.exercises.chapter14.interval import INTERVAL
from dlbook.exercises.chapter14.rejection import REJECTION
from dlbook.exercises.chapter14.two_readers import TWO_READERS

EXERCISES = (CENTRE, CONFUSED, INTERVAL, TWO_READERS, REJECTION)
