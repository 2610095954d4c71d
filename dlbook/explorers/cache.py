"""Frames of earlier builds, by content.

A folder, named by the environment variable ``DLBOOK_EXPLORER_CACHE``, holds one file per grid of frames; the file's
name is the fingerprint of all that the frames depend on, so a stale frame cannot be found. Without the variable
nothing is kept.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dlbook.atomic import writing
from dlbook.explorers.fingerprint import NotHashable, fingerprint
from dlbook.explorers.frame import Frame, PictureFormat
from dlbook.explorers.grid import Grid
from dlbook.explorers.pack import pack, unpack
from dlbook.explorers.render import render


def cached_frames(draw: Callable[..., Any], grid: Grid, format: PictureFormat) -> list[Frame]:
    """Return the frames of all states: those of an earlier build if nothing changed, else drawn now."""
    folder = os.environ.get("DLBOOK_EXPLORER_CACHE")
    if not folder:
        return render(draw, grid, format)
    try:
        values = [(p.name, p.values) for p in grid.parameters]
        path = Path(folder) / f"{fingerprint(draw, values, format)}.frames"
    except NotHashable:
        return render(draw, grid, format)
    frames = read(path)
    if frames is None:
        frames = render(draw, grid, format)
        write(path, frames)
    return frames


def read(path: Path) -> list[Frame] | None:
    """Return the frames in a file, or None if it is absent or damaged."""
    try:
        pictures, header = unpack(path.read_bytes())
    except (FileNotFoundError, zlib.error, ValueError):
        return None
    return [Frame(data=data, **entry) for data, entry in zip(pictures, header["entries"], strict=True)]


def write(path: Path, frames: list[Frame]) -> None:
    """Write to a temporary file, then rename: an interrupted build leaves nothing half-written under the name."""
    entries = [{key: value for key, value in asdict(frame).items() if key != "data"} for frame in frames]
    path.parent.mkdir(parents=True, exist_ok=True)
    with writing(path) as file:
        file.write(pack([frame.data for frame in frames], mime=frames[0].mime, entries=entries))
