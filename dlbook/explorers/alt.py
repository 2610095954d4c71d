"""The text of a state: what there is to see, for readers who do not see the picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from dlbook.explorers.frame import Number, number_text
from dlbook.explorers.grid import ExplorerError, Grid, value_text


class AltText:
    """Text per state, from a format string over values and readout, or from a function of one dict with both."""

    def __init__(self, grid: Grid, source: str | Callable[[dict[str, Any]], str]) -> None:
        self.grid, self.source = grid, source

    def text(self, values: Mapping[str, Any], readout: Mapping[str, Number]) -> str:
        """Return the text of one state; raise ExplorerError if it is empty or cannot be made."""
        where = f"explorer '{self.grid.name}' at {self.grid.describe(values)}"
        try:
            if callable(self.source):
                text = self.source({**values, **readout})
            else:
                shown = {key: value_text(value) for key, value in values.items()}
                text = self.source.format_map(shown | {key: number_text(value) for key, value in readout.items()})
        except Exception as cause:
            raise ExplorerError(f"{where}: the alternative text fails with {type(cause).__name__}: {cause}") from cause
        if not isinstance(text, str) or not text.strip():
            raise ExplorerError(f"{where}: the alternative text is {text!r}; say in a sentence what there is to see.")
        return text
