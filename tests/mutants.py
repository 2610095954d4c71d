"""Bugs planted into the package: into a copy of a module, or into one function for as long as a test looks."""

from __future__ import annotations

import importlib
import inspect
import textwrap
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


def mutant(module: str, right: str, wrong: str) -> types.ModuleType:
    """Return a copy of a module of the package with ``right`` replaced by ``wrong`` everywhere in its source."""
    original = importlib.import_module(f"dlbook.{module}")
    source = Path(original.__file__ or "").read_text(encoding="utf-8")
    changed = types.ModuleType(f"dlbook.{module}")
    exec(compile(_replaced(source, right, wrong, f"{module}.py"), module, "exec"), changed.__dict__)
    return changed


@contextmanager
def planted(function: Any, right: str, wrong: str) -> Iterator[None]:
    """Let a function or property do what it does when ``right`` is replaced by ``wrong`` in its source.

    Its code is exchanged, so that everybody who has imported it gets the bug.
    """
    function = getattr(function, "fget", function)
    source = _replaced(textwrap.dedent(inspect.getsource(function)), right, wrong, function.__name__)
    code, namespace = function.__code__, dict(function.__globals__)
    flags = annotations.compiler_flag  # as in the module
    exec(compile(source, "planted", "exec", flags=flags), namespace)
    changed = namespace[function.__name__]
    function.__code__ = getattr(changed, "fget", changed).__code__
    try:
        yield
    finally:
        function.__code__ = code


def _replaced(source: str, right: str, wrong: str, name: str) -> str:
    assert right in source, f"{right!r} is no longer in {name}: plant the bug anew"
    return source.replace(right, wrong)
