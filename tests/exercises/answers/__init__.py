"""Right answers to every exercise, from one module per chapter, which is found by its name."""

from __future__ import annotations

from importlib import import_module

from exercises.answers.model import Function, s

from dlbook.exercises.session import chapters

_CHAPTERS = [import_module(f"exercises.answers.chapter{number:02d}") for number in chapters()]

SOLUTIONS: dict[str, Function] = {id_: f for chapter in _CHAPTERS for id_, f in chapter.SOLUTIONS.items()}
VARIANTS: dict[str, list[Function]] = {id_: fs for chapter in _CHAPTERS for id_, fs in chapter.VARIANTS.items()}

__all__ = ["SOLUTIONS", "VARIANTS", "s"]
