"""Downloads: whatever goes wrong is one sentence, and the cache then holds the whole file or nothing.

A small HTTP server on this machine plays the mirrors; no test needs the network.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import socket
import sys
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import numpy as np
import pooch
import pytest

from dlbook.datafiles import DataError, read_idx
from dlbook.download import fetch

NAME = "labels-idx1-ubyte.gz"
LABELS = np.random.default_rng(2).integers(0, 10, size=50_000).astype(np.uint8)
CONTENT = b"\x00\x00\x08\x01" + np.array([len(LABELS)], dtype=">u4").tobytes() + LABELS.tobytes()
PACKED = gzip.compress(CONTENT, mtime=0)
read = partial(read_idx, name=NAME, sha256=hashlib.sha256(CONTENT).hexdigest())


class Mirrors(BaseHTTPRequestHandler):
    """``/<behaviour>/<file>``; every request is noted on the server."""

    server: Server

    def do_GET(self) -> None:
        behaviour = self.path.split("/")[1]
        self.server.asked.append(behaviour)
        if behaviour == "absent":
            self.send_error(404)
            return
        body = {
            "repacked": gzip.compress(CONTENT, 1),
            "plain": CONTENT,
            "wrong": gzip.compress(CONTENT[:-1] + b"\x0b"),
            "short": PACKED[:-1000],  # whole for HTTP, yet the file breaks off
            "page": b"<html>log in to this network first</html>",
        }.get(behaviour, PACKED)
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body[: len(body) // 2] if behaviour == "cut" else body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Keep the requests out of the test's output."""


class Server(ThreadingHTTPServer):
    asked: list[str]


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Mirrors) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("DLBOOK_DATA", raising=False)
    for proxy in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(proxy, raising=False)
    monkeypatch.setattr(pooch, "os_cache", lambda project: tmp_path / project)
    return tmp_path / "dlbook"


def mirror(server: Server, behaviour: str) -> str:
    return f"http://127.0.0.1:{server.server_address[1]}/{behaviour}/"


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


@pytest.mark.parametrize("behaviour", ["good", "repacked", "plain"])
def test_download_is_read_kept_and_not_repeated(server: Server, cache: Path, behaviour: str) -> None:
    for _ in range(2):
        assert np.array_equal(fetch(NAME, [mirror(server, behaviour)], read), LABELS)
    assert server.asked == [behaviour]
    assert names(cache) == [NAME]


def test_progress_is_shown(server: Server, cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fetch(NAME, [mirror(server, "good")], read)
    assert "100%" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("behaviour", "message"),
    [
        ("absent", "did not deliver it .HTTPError, status 404"),
        ("wrong", "sent a wrong file .*has the checksum"),
        ("short", "sent a wrong file .*breaks off or is damaged"),
        ("page", "sent a wrong file .*is not an IDX file"),
        ("cut", "did not deliver it .ChunkedEncodingError|sent a wrong file .*breaks off"),
    ],
)
def test_bad_mirror_is_named_passed_over_and_leaves_nothing(
    server: Server, cache: Path, behaviour: str, message: str
) -> None:
    bad, good = mirror(server, behaviour), mirror(server, "good")
    with pytest.raises(DataError, match=f"^{NAME} could not be downloaded: {bad} ({message}).*set DLBOOK_DATA"):
        fetch(NAME, [bad], read)
    assert names(cache) == []
    assert np.array_equal(fetch(NAME, [bad, good], read), LABELS)
    assert server.asked == [behaviour, behaviour, "good"]
    assert names(cache) == [NAME]


def test_no_network(cache: Path) -> None:
    with socket.socket() as closed:  # bound but not listening: every connection is refused
        closed.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{closed.getsockname()[1]}/"
        with pytest.raises(DataError, match=f"{address} did not deliver it .ConnectionError.*Check the network"):
            fetch(NAME, [address], read)
    assert names(cache) == []


def test_every_mirror_that_failed_is_named(server: Server, cache: Path) -> None:
    with pytest.raises(DataError, match=r"/absent/ did not deliver it .*; .*/wrong/ sent a wrong file"):
        fetch(NAME, [mirror(server, "absent"), mirror(server, "wrong")], read)


class BrokenFile:
    """Stands for a file on a disk that fills up after the first kilobyte, or a reader who presses Ctrl-C then."""

    def __init__(self, file: object, error: BaseException) -> None:
        self.file, self.error = file, error

    def write(self, chunk: bytes) -> None:
        self.file.write(chunk[:1024])  # type: ignore[attr-defined]
        self.file.flush()  # type: ignore[attr-defined]
        raise self.error


def breaking(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    original = pooch.HTTPDownloader.__call__

    def download(self: pooch.HTTPDownloader, url: str, file: object, owner: None) -> None:
        original(self, url, BrokenFile(file, error), owner)

    monkeypatch.setattr(pooch.HTTPDownloader, "__call__", download)


def test_full_disk_stops_at_once_and_leaves_nothing(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(monkeypatch, OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(DataError, match=f"{NAME} could not be stored in .*No space left on device.: make room"):
        fetch(NAME, [mirror(server, "good"), mirror(server, "repacked")], read)
    assert server.asked == ["good"]
    assert names(cache) == []


def test_interruption_passes_through_and_leaves_nothing(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    breaking(monkeypatch, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        fetch(NAME, [mirror(server, "good")], read)
    assert names(cache) == []


def test_interruption_at_the_last_moment_leaves_nothing(
    server: Server, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(source: str, target: Path) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("dlbook.download.os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetch(NAME, [mirror(server, "good")], read)
    assert names(cache) == []


def test_cache_folder_that_cannot_be_made(server: Server, cache: Path) -> None:
    cache.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(DataError, match=f"{NAME} could not be stored in {cache}"):
        fetch(NAME, [mirror(server, "good")], read)


@pytest.mark.parametrize("damaged", [b"", PACKED[:100], gzip.compress(b"other")], ids=["empty", "cut off", "another"])
def test_damaged_cache_is_replaced(server: Server, cache: Path, damaged: bytes) -> None:
    cache.mkdir()
    (cache / NAME).write_bytes(damaged)
    assert np.array_equal(fetch(NAME, [mirror(server, "good")], read), LABELS)
    assert (cache / NAME).read_bytes() == PACKED


def test_damaged_cache_does_not_stay_when_nothing_replaces_it(server: Server, cache: Path) -> None:
    cache.mkdir()
    (cache / NAME).write_bytes(b"damaged")
    with pytest.raises(DataError, match="could not be downloaded"):
        fetch(NAME, [mirror(server, "absent")], read)
    assert names(cache) == []


@pytest.mark.parametrize("package", ["pooch", "tqdm"])
def test_missing_package_says_what_to_install(package: str, cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(DataError, match=f"needs the package {package}: run `pip install pooch tqdm`, or set"):
        fetch(NAME, [], read)


@pytest.mark.parametrize("place", [NAME, "labels-idx1-ubyte", f"mnist/{NAME}", "mnist/labels-idx1-ubyte"])
def test_local_copies_need_neither_network_nor_pooch(
    place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pooch", None)
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path))
    path = tmp_path / place
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(PACKED if place.endswith(".gz") else CONTENT)
    assert np.array_equal(fetch(NAME, [], read), LABELS)


def test_missing_local_copy(server: Server, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in (tmp_path, tmp_path / "absent"):
        monkeypatch.setenv("DLBOOK_DATA", str(folder))
        with pytest.raises(DataError, match=f"DLBOOK_DATA points to {folder}, which has neither {NAME} nor "):
            fetch(NAME, [mirror(server, "good")], read)
    assert server.asked == []


def test_damaged_local_copy_is_reported_and_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DLBOOK_DATA", str(tmp_path))
    (tmp_path / NAME).write_bytes(PACKED[:-20])
    with pytest.raises(DataError, match="breaks off or is damaged"):
        fetch(NAME, [], read)
    assert names(tmp_path) == [NAME]
