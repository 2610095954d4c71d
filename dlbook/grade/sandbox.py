"""Run one notebook in a process of its own, and collect what that process says until it ends or its time is up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

PACKAGE = Path(__file__).parents[1]
MOST_SAID = 64_000_000  # bytes that a process may say
SECRETS = ("answer", "chapter", "describe", "judge", "session", "show")  # of the exercises; they stay here
START = "import sys; sys.path.insert(0, sys.argv[1]); from dlbook.grade.child import main; main()"
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP")  # of the environment: no secrets


@dataclass(frozen=True, slots=True)
class Report:
    """What came back.

    Attributes:
        messages: what the process said, in order; lines that are not JSON objects are left out.
        ended: "" when it came to its end by itself, else how it ended.
        touched: files of its copy of dlbook that it changed.
    """

    messages: tuple[dict[str, Any], ...]
    ended: str
    touched: tuple[str, ...]


def snapshot(package: Path = PACKAGE) -> dict[str, bytes]:
    """Read dlbook's files into memory: no notebook can change what the later ones are given."""
    files = {path.relative_to(package).as_posix(): path for path in package.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if "__pycache__" not in name}


def run_notebook(job: dict[str, Any], files: dict[str, bytes], seconds: float) -> Report:
    """Run ``job`` on a fresh copy of ``files``; after ``seconds`` the process and all it has started are killed."""
    with tempfile.TemporaryDirectory(prefix="dlbook-grade-", ignore_cleanup_errors=True) as folder:
        copy, work = Path(folder, "python"), Path(folder, "work")
        work.mkdir()
        given = {name: data for name, data in files.items() if not _is_secret(name)}
        given["exercises/__init__.py"] = b'"""check and progress are put here by the process that runs a notebook."""\n'
        for name, data in given.items():
            target = copy / "dlbook" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
        with _process(copy, work) as process:
            said, ended = _listen(process, json.dumps(job).encode(), seconds)
        touched = tuple(name for name, data in given.items() if _changed(copy / "dlbook" / name, data))
    return Report(tuple(_messages(said)), ended, touched)


def _is_secret(name: str) -> bool:
    """Tell whether a file gives answers away: some modules of the exercises, and the packages of all chapters."""
    folder, *rest = name.split("/")
    return folder == "exercises" and bool(rest) and rest[0].startswith(SECRETS)


def _changed(path: Path, data: bytes) -> bool:
    try:
        return path.read_bytes() != data
    except OSError:
        return True


@contextmanager
def _process(copy: Path, work: Path) -> Iterator[subprocess.Popen[bytes]]:
    environment = {name: os.environ[name] for name in KEPT if name in os.environ}
    environment |= dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1")
    environment |= {"MPLBACKEND": "Agg", "PYTHONDONTWRITEBYTECODE": "1", "IPYTHONDIR": str(work / ".ipython")}
    process = subprocess.Popen(
        [sys.executable, "-c", START, str(copy)],
        cwd=work,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield process
    finally:
        _kill(process)
        process.wait()


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill the process and its children, which are in its group."""
    if hasattr(os, "killpg"):
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return  # nobody is left
    else:
        process.kill()


def _listen(process: subprocess.Popen[bytes], job: bytes, seconds: float) -> tuple[bytes, str]:
    """Hand over the job and read until the end; return what was said and how it ended."""
    said = bytearray()
    writer = threading.Thread(target=_write, args=(process.stdin, job), daemon=True)
    reader = threading.Thread(target=_read, args=(process.stdout, said), daemon=True)
    writer.start()
    reader.start()
    try:
        code = process.wait(seconds)
        ended = "" if code == 0 else _how(code)
    except subprocess.TimeoutExpired:
        ended = f"its time of {seconds:.0f} s was up"
    _kill(process)  # also what it has left behind
    for thread in (writer, reader):
        thread.join(5)
    if process.stdout is not None and not reader.is_alive():
        process.stdout.close()
    return bytes(said), ended


def _how(code: int) -> str:
    if code < 0:
        return f"its process was killed by signal {-code} ({signal.Signals(-code).name})"
    return f"its process ended by itself with code {code}"


def _write(stream: IO[bytes] | None, job: bytes) -> None:
    if stream is None:
        return
    for step in (lambda: stream.write(job), stream.close):
        with suppress(BrokenPipeError):  # it ended before it had read the job: its silence is the result
            step()


def _read(stream: IO[bytes] | None, said: bytearray) -> None:
    while stream is not None and len(said) < MOST_SAID:
        part = os.read(stream.fileno(), 65536)
        if not part:
            return
        said += part


def _messages(said: bytes) -> Iterator[dict[str, Any]]:
    for line in said.split(b"\n"):
        try:
            message = json.loads(line)
        except (ValueError, RecursionError):
            continue  # not from child.py: the notebook wrote into its channel
        if isinstance(message, dict):
            yield message
