"""A time limit and a lid on printing, for code that nobody has read yet."""

from __future__ import annotations

import io
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any, NoReturn


class OutOfTime(BaseException):
    """The time is up. Not an ``Exception``, so that ``except Exception`` in the code under test lets it through."""


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`OutOfTime` in the body when it takes longer.

    A timer of the operating system where there is one. Elsewhere (Windows, Pyodide, a thread that is not the main one)
    the clock is read at every line of Python, which is slower and does not end a call that waits outside Python.
    """
    has_timer = hasattr(signal, "setitimer") and sys.platform != "emscripten"
    in_main = threading.current_thread() is threading.main_thread()
    with _alarm(seconds) if has_timer and in_main else _clock_at_every_line(seconds):
        yield


@contextmanager
def _alarm(seconds: float) -> Iterator[None]:
    def out_of_time(number: int, frame: FrameType | None) -> NoReturn:
        raise OutOfTime

    start = time.monotonic()
    before = signal.signal(signal.SIGALRM, out_of_time)
    remaining, interval = signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if remaining:  # somebody else's alarm goes on, less what has passed
            signal.setitimer(signal.ITIMER_REAL, max(remaining - (time.monotonic() - start), 1e-3), interval)


@contextmanager
def _clock_at_every_line(seconds: float) -> Iterator[None]:
    end = time.monotonic() + seconds

    def look(frame: FrameType, event: str, arg: Any) -> Any:
        if time.monotonic() > end:
            raise OutOfTime
        return look

    before = sys.gettrace()
    sys.settrace(look)
    try:
        yield
    finally:
        sys.settrace(before)


class Lid(io.TextIOBase):
    """Takes what is printed: counts it, keeps the beginning, lets the rest go."""

    def __init__(self, keep: int = 2000) -> None:
        self.keep = keep
        self.text = ""
        self.lines = 0

    def writable(self) -> bool:
        """Return True."""
        return True

    def write(self, text: str) -> int:
        """Count the lines of ``text`` and keep what fits."""
        self.lines += text.count("\n")
        self.text += text[: self.keep - len(self.text)]
        return len(text)
