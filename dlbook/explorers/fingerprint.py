"""A key for the frames of an explorer: a hash of everything that a draw function depends on.

The key covers the function's code, its defaults, the variables that it closes over, the globals that its code reads
(followed through the functions they call), the whole source of ``dlbook``, the versions of the other packages, and
matplotlib's settings. Line numbers and file names do not count, nor do files that the function itself reads: read them
before. What cannot be hashed with certainty is not guessed: the frames are then drawn anew in every build.
"""

from __future__ import annotations

import builtins
import dis
import functools
import hashlib
import sys
import types
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from dlbook.explorers.grid import ExplorerError

PACKAGE = Path(__file__).parent.parent
# What Python 3.13 notes in a class: its line, and the attributes that its methods set, in an order left to chance
PLACE = ("__firstlineno__", "__static_attributes__")


class NotHashable(TypeError):
    """Something that a draw function depends on has no certain content hash."""


def fingerprint(*things: Any) -> str:
    """Return a hash of the things' content; raise NotHashable if there is none."""
    import matplotlib as mpl

    settings = sorted((key, repr(value)) for key, value in mpl.rcParams.items() if not key.startswith("backend"))
    walk = Walk()
    walk.add((things, settings, sys.version, mpl.__version__, np.__version__, package_hash()))
    return walk.digest.hexdigest()


@functools.cache
def package_hash() -> str:
    """Return a hash of every source and data file of ``dlbook``."""
    digest = hashlib.sha256()
    for path in sorted(path for path in PACKAGE.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        digest.update(f"{path.relative_to(PACKAGE).as_posix()}\n".encode() + path.read_bytes())
    return digest.hexdigest()


def refuse_generators(name: str, draw: Callable[..., Any]) -> None:
    """Raise ExplorerError if the function uses a random generator from outside.

    A frame must depend on the values alone, not on how often a shared generator was used before it.
    """
    walk = Walk(lenient=True)
    walk.add(draw)
    if walk.generators:
        raise ExplorerError(
            f"explorer '{name}': the function draws random numbers from a generator made outside of it, so a frame "
            "would depend on the frames before; make it inside, rng = np.random.default_rng(0)."
        )


class Walk:
    """Feeds a thing and all it refers to into a digest, in an order that depends on content alone."""

    def __init__(self, lenient: bool = False) -> None:
        self.digest = hashlib.sha256()
        self.seen: dict[int, int] = {}
        self.kept: list[Any] = []  # keeps what was seen alive, so that ids stay unique
        self.lenient, self.generators = lenient, 0

    def add(self, thing: Any) -> None:
        """Feed a thing and all it refers to."""
        if thing is None or isinstance(thing, bool | int | float | complex | str | bytes | types.EllipsisType | range):
            return self.write(type(thing).__name__, repr(thing))
        if id(thing) in self.seen:
            return self.write("again", str(self.seen[id(thing)]))
        self.seen[id(thing)] = len(self.seen)
        self.kept.append(thing)
        self.write(type(thing).__module__, type(thing).__qualname__)
        for part in self.parts(thing):
            self.add(part)
        return self.write("end")

    def write(self, *words: str) -> None:
        """Feed words, each with its length, so that they cannot run together."""
        for word in words:
            data = word.encode("utf-8", "surrogatepass")
            self.digest.update(len(data).to_bytes(8, "little") + data)

    def parts(self, thing: Any) -> Iterator[Any]:
        """Yield what a thing consists of, as far as its behaviour depends on it."""
        if isinstance(thing, np.random.Generator | np.random.RandomState):
            self.generators += 1
        if isinstance(thing, np.ndarray) and thing.dtype != object:
            yield from (thing.dtype.str, thing.shape)
            if not self.lenient:
                self.digest.update(np.ascontiguousarray(thing).tobytes())
        elif isinstance(thing, tuple | list):
            yield len(thing)
            yield from thing
        elif isinstance(thing, dict):
            yield len(thing)
            for key, value in thing.items():
                yield from (key, value)
        elif isinstance(thing, set | frozenset):
            yield sorted(fingerprint_of_item(item, self.lenient) for item in thing)
        elif isinstance(thing, types.ModuleType):
            yield self.stamp(thing.__name__)
        elif isinstance(thing, types.CodeType):
            yield from (thing.co_code, constants(thing), thing.co_names, thing.co_varnames, thing.co_freevars)
            yield from (thing.co_argcount, thing.co_kwonlyargcount, thing.co_posonlyargcount, thing.co_flags)
        elif isinstance(thing, types.FunctionType):
            yield from self.function_parts(thing)
        elif isinstance(thing, functools._lru_cache_wrapper):
            yield thing.__wrapped__
        elif isinstance(thing, types.MethodType):
            yield from (thing.__func__, thing.__self__)
        elif isinstance(thing, staticmethod | classmethod):
            yield thing.__func__
        elif isinstance(thing, property):
            yield from (thing.fget, thing.fset, thing.fdel)
        elif isinstance(thing, types.BuiltinFunctionType):
            yield from (thing.__qualname__, thing.__self__)
        elif isinstance(thing, type):
            yield from self.class_parts(thing)
        else:
            yield from self.object_parts(thing)

    def function_parts(self, function: types.FunctionType) -> Iterator[Any]:
        """Yield a function's defaults and closure, and its code with the globals it reads, or its package's version."""
        yield from (function.__defaults__, function.__kwdefaults__)
        for cell in function.__closure__ or ():
            try:
                yield cell.cell_contents
            except ValueError:  # a variable that has no value yet
                yield "empty"
        if self.known(function.__module__):
            yield from (function.__qualname__, self.stamp(function.__module__))
            return
        yield function.__code__
        for name in global_names(function.__code__):
            yield name
            if name in function.__globals__:
                yield function.__globals__[name]
            elif not hasattr(builtins, name):
                yield "missing"

    def class_parts(self, kind: type) -> Iterator[Any]:
        """Yield a class's bases and members, or its package's version."""
        yield kind.__qualname__
        if self.known(kind.__module__):
            yield self.stamp(kind.__module__)
            return
        yield kind.__bases__
        for key, value in vars(kind).items():
            if not isinstance(value, types.GetSetDescriptorType) and key not in ("__module__", "__doc__", *PLACE):
                yield from (key, value)

    def object_parts(self, thing: Any) -> Iterator[Any]:
        """Yield what an object of any other class is made of: what ``copy`` would rebuild it from."""
        try:
            how = thing.__reduce_ex__(4)
        except Exception as cause:
            if self.lenient:
                return
            raise NotHashable(f"a {type(thing).__name__} has no content that can be hashed ({cause})") from cause
        if isinstance(how, str):
            yield from (how, self.stamp(getattr(thing, "__module__", None)))
            return
        for part in how:
            yield list(part) if isinstance(part, Iterator) else part

    def known(self, module: str | None) -> bool:
        """Whether a version stands for the module's content."""
        top = (module or "__main__").partition(".")[0]
        if top == "__main__":
            return False
        return top in ("dlbook", *sys.stdlib_module_names) or hasattr(sys.modules.get(top), "__version__")

    def stamp(self, module: str | None) -> str:
        """Return a module's name and its package's version; ``dlbook`` is in every key as a whole."""
        top = (module or "__main__").partition(".")[0]
        if not self.known(module) and not self.lenient:
            raise NotHashable(f"the module {module} has no version")
        return f"{module} {getattr(sys.modules.get(top), '__version__', '')}"


def fingerprint_of_item(item: Any, lenient: bool) -> str:
    """Return the hash of one member of a set; sorted hashes have an order where the members have none."""
    walk = Walk(lenient)
    walk.add(item)
    return walk.digest.hexdigest()


def constants(code: types.CodeType) -> list[Any]:
    """Return the constants of a code, without those of a class's body that tell its place in the file."""
    steps = list(dis.get_instructions(code))
    noted = {load.arg for load, store in pairwise(steps) if store.opname == "STORE_NAME" and store.argval in PLACE}
    return [constant for i, constant in enumerate(code.co_consts) if i not in noted]


def global_names(code: types.CodeType) -> list[str]:
    """Return the names that the code, or a function defined in it, looks up as globals."""
    names = {i.argval for i in dis.get_instructions(code) if i.opname in ("LOAD_GLOBAL", "LOAD_NAME")}
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            names.update(global_names(constant))
    return sorted(names)
