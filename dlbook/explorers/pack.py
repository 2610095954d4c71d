"""All frames of an explorer as one compressed block of bytes.

Layout, after decompression with zlib: the length of the header (four bytes, little endian), the header (JSON), then the
chunks one after the other. A frame is a list of chunks, and equal chunks are stored once: SVG frames are cut at their
tags, so axes and letters, which all frames share, cost their bytes once.
"""

from __future__ import annotations

import itertools
import json
import re
import zlib
from typing import Any

TAG_END = re.compile(rb"(?<=>)")


def pack(frames: list[bytes], *, mime: str, **header: Any) -> bytes:
    """Compress the frames together with the header's entries."""
    chunks: dict[bytes, int] = {}
    orders = [[chunks.setdefault(chunk, len(chunks)) for chunk in cut(frame, mime)] for frame in frames]
    header |= {"mime": mime, "frames": orders, "lengths": [len(chunk) for chunk in chunks]}
    text = json.dumps(header, ensure_ascii=False, separators=(",", ":")).encode()
    return zlib.compress(len(text).to_bytes(4, "little") + text + b"".join(chunks), 9)


def cut(frame: bytes, mime: str) -> list[bytes]:
    """Cut an SVG frame after each tag; other frames stay whole."""
    return [chunk for chunk in TAG_END.split(frame) if chunk] if mime == "image/svg+xml" else [frame]


def unpack(block: bytes) -> tuple[list[bytes], dict[str, Any]]:
    """Return the frames and the header of a packed block; raise zlib.error or ValueError if it is damaged."""
    data = zlib.decompress(block)
    start = 4 + int.from_bytes(data[:4], "little")
    header = json.loads(data[4:start])
    ends = list(itertools.accumulate(header["lengths"], initial=start))
    chunks = [data[a:b] for a, b in itertools.pairwise(ends)]
    return [b"".join(chunks[i] for i in order) for order in header["frames"]], header
