"""Bugs planted into single functions, for as long as a test looks."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def planted(function: Any, right: str, wrong: str) -> Iterator[None]:
    """Let a function or property do what it does when ``right`` is replaced by ``wrong`` in its source.

    Its code is exchanged, so that everybody who has imported it gets the bug.
    """
    function = getattr(function, "fget", function)
    source = textwrap.dedent(inspect.getsource(function))
    assert right in source, f"{right!r} is no longer in {function.__name__}: plant the bug anew"
    code, namespace = function.__code__, dict(function.__globals__)
    flags = annotations.compiler_flag  # as in the module
    exec(compile(source.replace(right, wrong), "planted", "exec", flags=flags), namespace)
    changed = namespace[function.__name__]
    function.__code__ = getattr(changed, "fget", changed).__code__
    try:
        yield
    finally:
        function.__code__ = code
