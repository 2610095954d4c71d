"""All frames of an explorer, drawn side by side on all cores."""

from __future__ import annotations

import io
import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from typing import Any, TextIO

from dlbook.explorers.frame import Frame, PictureFormat, draw_frame
from dlbook.explorers.grid import ExplorerError, Grid
from dlbook.explorers.pack import pack

Task = Callable[[int], "Frame | str"]
SHARPER = 1.5  # SVG is sharp at every zoom, so it may weigh this much more than WebP

# The task of the running pool. Worker processes are forks and find it here; it never has to be pickled, so the function
# may be defined in a notebook and close over anything.
_task: Task | None = None


def render(draw: Callable[..., Any], grid: Grid, format: PictureFormat) -> list[Frame]:
    """Draw every state of the grid.

    Raises ExplorerError for the first state that fails, and if sizes or readouts differ.
    """
    states = list(grid.states())
    picture = choose_picture(draw, grid) if format == "auto" else format

    def task(i: int) -> Frame | str:
        try:
            return draw_frame(draw, grid, states[i], picture)
        except ExplorerError as error:
            return str(error)

    frames: list[Frame] = []
    for i, frame in enumerate(progress(run(task, len(states)), len(states), grid.name)):
        if isinstance(frame, str):
            raise ExplorerError(frame)
        frames.append(frame)
        check_like_first(grid, states[i], frame, frames[0])
    return frames


def check_like_first(grid: Grid, values: dict[str, Any], frame: Frame, first: Frame) -> None:
    """Raise ExplorerError unless a frame has the size and the readouts of the first, so that nothing jumps."""
    where = f"explorer '{grid.name}' at {grid.describe(values)}"
    if (frame.width, frame.height) != (first.width, first.height):
        raise ExplorerError(
            f"{where}: the figure has {frame.width} x {frame.height} pixels, the first one has {first.width} x "
            f"{first.height}; give all figures the same figsize."
        )
    if list(frame.numbers) != list(first.numbers):
        raise ExplorerError(
            f"{where}: the readout is {list(frame.numbers)}, in the first state it is {list(first.numbers)}; "
            "return the same names in every state."
        )


def choose_picture(draw: Callable[..., Any], grid: Grid) -> PictureFormat:
    """Choose SVG or WebP, whichever makes all frames smaller, judged by the first, the middle and the last state."""
    states = list(grid.states())
    sample = [states[i] for i in sorted({0, len(states) // 2, len(states) - 1})]

    def weight(picture: PictureFormat) -> float:
        frames = [draw_frame(draw, grid, values, picture) for values in sample]
        first, all_ = (len(pack([f.data for f in part], mime=frames[0].mime)) for part in (frames[:1], frames))
        return first + (all_ - first) / (len(sample) - 1) * (len(states) - 1)

    return "svg" if weight("svg") <= SHARPER * weight("webp") else "webp"


def run(task: Task, count: int) -> Iterator[Frame | str]:
    """Yield the results of ``task(0)``, …, ``task(count - 1)`` in order, from one process per core.

    Where processes cannot be forked (Windows), or there is one core, the tasks run one after the other.
    """
    global _task
    workers = min(os.cpu_count() or 1, count)
    if workers == 1 or "fork" not in multiprocessing.get_all_start_methods():
        yield from map(task, range(count))
        return
    _task = task
    chunk = max(1, count // (4 * workers))  # neighbours stay together: they often share a cached computation
    try:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("fork"), initializer=silence) as pool:
            with warnings.catch_warnings():
                # Python 3.12 warns of forks beside threads. A kernel's threads only pass messages; a worker sends none.
                warnings.filterwarnings("ignore", message=".*fork.*", category=DeprecationWarning)
                results = pool.map(run_task, range(count), chunksize=chunk)  # starts all workers
            yield from results
    finally:
        _task = None


def silence() -> None:
    """Keep what a worker prints from the notebook's message threads, which a fork does not have."""
    sys.stdout = sys.stderr = io.StringIO()


def run_task(i: int) -> Frame | str:
    """Run the pool's task for state i."""
    if _task is None:
        raise RuntimeError("a worker was started outside of run()")
    return _task(i)


def progress(frames: Iterator[Frame | str], count: int, name: str) -> Iterator[Frame | str]:
    """Show a progress bar on the terminal of the build, never in the notebook's output."""
    from tqdm import tqdm

    with terminal() as stream:
        yield from tqdm(frames, total=count, desc=f"explorer {name}", unit="frame", file=stream, mininterval=1)


def terminal() -> TextIO:
    """Open this process's standard error; a kernel's ``sys.stderr`` is the notebook, its descriptor is not."""
    try:
        return os.fdopen(os.dup(sys.stderr.fileno()), "w")
    except OSError:  # a captured stream without descriptor
        return open(os.devnull, "w")
