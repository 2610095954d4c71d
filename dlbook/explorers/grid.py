"""The grid of an explorer: its parameters, their values, and the order of all combinations."""

from __future__ import annotations

import inspect
import itertools
import math
import numbers
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

MAX_STATES = 400


class ExplorerError(ValueError):
    """An explorer cannot be shown; the message names it, the parameter values and the cause."""


@dataclass(frozen=True)
class Parameter:
    """One control: a slider over numbers, a choice among strings, or a switch."""

    name: str
    label: str
    values: tuple[Any, ...]
    kind: Literal["slider", "choice", "switch"]
    start: int
    play: bool

    @property
    def texts(self) -> tuple[str, ...]:
        """The values as the reader sees them."""
        return tuple(value_text(value) for value in self.values)


@dataclass(frozen=True)
class Grid:
    """All combinations of the parameters' values, the last parameter varying fastest."""

    name: str
    parameters: tuple[Parameter, ...]

    @property
    def start_values(self) -> dict[str, Any]:
        """The values of the state to begin with."""
        return {p.name: p.values[p.start] for p in self.parameters}

    @property
    def start_index(self) -> int:
        """The number of the state to begin with."""
        return self.index([p.start for p in self.parameters])

    def __len__(self) -> int:
        return math.prod(len(p.values) for p in self.parameters)

    def states(self) -> Iterator[dict[str, Any]]:
        """Yield the values of every state, in the order of their numbers."""
        names = [p.name for p in self.parameters]
        for combination in itertools.product(*(p.values for p in self.parameters)):
            yield dict(zip(names, combination, strict=True))

    def index(self, positions: Iterable[int]) -> int:
        """Return the number of the state in which parameter k has its value number ``positions[k]``."""
        index = 0
        for parameter, position in zip(self.parameters, positions, strict=True):
            index = index * len(parameter.values) + position
        return index

    def describe(self, values: Mapping[str, Any]) -> str:
        """Write a state for a message: ``gate='AND', step=3``."""
        return ", ".join(f"{name}={value!r}" for name, value in values.items())

    def summary(self) -> str:
        """Say in one line what there is to move: parameters, values or ranges, and the number of states."""
        parts = []
        for p in self.parameters:
            texts = p.texts
            shown = " | ".join(texts) if p.kind != "slider" else f"{texts[0]} to {texts[-1]} ({len(texts)} values)"
            parts.append(f"{p.label}: {shown}")
        return f"{'; '.join(parts)}. {len(self)} states; run the cell in Jupyter to move the controls."


def make_grid(
    draw: Callable[..., Any],
    *,
    name: str | None,
    play: str | None,
    start: Mapping[str, Any] | None,
    labels: Mapping[str, str] | None,
    values: Mapping[str, Iterable[Any]],
) -> Grid:
    """Check the parameters and number their combinations."""
    name = explorer_name(draw, name)
    if not values:
        raise ExplorerError(f"explorer '{name}': there is no parameter; give at least one, such as depth=[1, 2, 3].")
    for option, names in (("play", [play] if play else []), ("start", start or {}), ("labels", labels or {})):
        for unknown in set(names) - set(values):
            raise ExplorerError(
                f"explorer '{name}': {option} names {unknown!r}, but the parameters are {', '.join(values)}."
            )
    parameters = []
    for key, given in values.items():
        parsed, kind = parse_values(name, key, given)
        if key == play and kind != "slider":
            raise ExplorerError(f"explorer '{name}': play={play!r} needs numeric values, got {list(parsed)!r}.")
        begin = 0
        if start and key in start:
            texts = [value_text(value) for value in parsed]  # compared as shown: 0.6 is 0.6000000000000001 of linspace
            if value_text(start[key]) not in texts:
                raise ExplorerError(f"explorer '{name}': start {key}={start[key]!r} is not one of {', '.join(texts)}.")
            begin = texts.index(value_text(start[key]))
        label = (labels or {}).get(key, key.replace("_", " "))
        parameters.append(Parameter(key, label, parsed, kind, begin, play=key == play))
    grid = Grid(name, tuple(parameters))
    if len(grid) > MAX_STATES:
        counts = " x ".join(f"{len(p.values)} ({p.name})" for p in parameters)
        largest = max(parameters, key=lambda p: len(p.values))
        raise ExplorerError(
            f"explorer '{name}' has {counts} = {len(grid)} states, at most {MAX_STATES} are drawn in advance: "
            f"give fewer values, first of all for {largest.name!r}."
        )
    return grid


def explorer_name(draw: Callable[..., Any], name: str | None) -> str:
    """Return the given name, or the function's own; raise ExplorerError if it cannot serve in links."""
    if name is None:
        name = getattr(draw, "__name__", "").strip("_").replace("_", "-").lower()
        if name in ("", "draw", "<lambda>", "plot", "show"):
            raise ExplorerError('an explorer needs a name of its own for links: give name="what-it-shows".')
    if not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
        raise ExplorerError(f"explorer name {name!r}: use lower-case letters, digits and single hyphens.")
    return name


def parse_values(
    name: str, key: str, given: Iterable[Any]
) -> tuple[tuple[Any, ...], Literal["slider", "choice", "switch"]]:
    """Return plain Python values and the kind of control they ask for."""
    where = f"explorer '{name}', parameter {key!r}"
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise ExplorerError(f"{where}: expected a list of values, got {given!r}; write {key}=[...].")
    values = tuple(value.item() if hasattr(value, "item") else value for value in given)
    if not values:
        raise ExplorerError(f"{where}: the list of values is empty; give at least two.")
    if len(values) == 1:
        raise ExplorerError(f"{where}: one value, {values[0]!r}, leaves nothing to move; give at least two.")
    kind: Literal["slider", "choice", "switch"]
    if all(isinstance(value, bool) for value in values):
        kind = "switch"
    elif all(isinstance(value, str) and value for value in values):
        kind = "choice"
    elif all(is_number(value) for value in values):
        kind = "slider"
    else:
        raise ExplorerError(
            f"{where}: expected finite numbers (slider), strings (choice) or [False, True] (check box), "
            f"got {list(values)!r}."
        )
    texts = [value_text(value) for value in values]
    if len(set(texts)) < len(texts):
        raise ExplorerError(f"{where}: every value must read differently, got {', '.join(texts)}.")
    return values, kind


def is_number(value: Any) -> bool:
    """Whether a slider can stand at the value."""
    return isinstance(value, numbers.Real) and not isinstance(value, bool) and math.isfinite(value)


def value_text(value: Any) -> str:
    """Write a parameter's value: 0.1, −3, XOR, on."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, str):
        return value
    return f"{value:.6g}".replace("-", "−")


def check_signature(name: str, draw: Callable[..., Any], given: list[str]) -> None:
    """Raise ExplorerError if ``draw`` does not take a parameter by name, or needs one that is missing."""
    signature = inspect.signature(draw)
    takes = {
        key: p
        for key, p in signature.parameters.items()
        if p.kind in (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    }
    anything = any(p.kind is inspect.Parameter.VAR_KEYWORD for p in signature.parameters.values())
    unknown = [key for key in given if key not in takes]
    if unknown and not anything:
        raise ExplorerError(
            f"explorer '{name}': the function does not take {', '.join(unknown)}; "
            f"it takes {', '.join(takes) or 'nothing'}."
        )
    missing = [key for key, p in takes.items() if p.default is inspect.Parameter.empty and key not in given]
    if missing:
        raise ExplorerError(f"explorer '{name}': the function also needs {', '.join(missing)}; give their values.")
