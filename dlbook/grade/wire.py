"""How the two processes talk: JSON, with arrays as bytes. Nothing that comes in is executed, unpickled or believed."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np

from dlbook.exercises.functions import Cubic
from dlbook.exercises.run import Outcome, Run
from dlbook.exercises.values import MOST, Odd

LONGEST = 500  # characters of a message


def encode(value: Any) -> Any:
    """Return ``value`` (numbers, arrays, lists and tuples of them, a test function) as something JSON can hold."""
    if isinstance(value, np.ndarray):
        data = base64.b64encode(np.ascontiguousarray(value).tobytes()).decode("ascii")
        return {"dtype": value.dtype.str, "shape": list(value.shape), "data": data}
    if isinstance(value, (list, tuple)):
        return {"list" if isinstance(value, list) else "tuple": [encode(v) for v in value]}
    if isinstance(value, Cubic):
        return {"function": "cubic"}
    if isinstance(value, Odd):
        return {"odd": value.what[:LONGEST]}
    return value.item() if isinstance(value, np.generic) else value


def decode(value: Any) -> Any:
    """Return what :func:`encode` was given, or raise ``ValueError`` where it cannot have written this."""
    if not isinstance(value, dict):
        return value
    if "dtype" in value:
        return _array(value)
    if value == {"function": "cubic"}:
        return Cubic()
    if "odd" in value:
        return Odd(str(value["odd"])[:LONGEST])
    for kind in (list, tuple):
        if isinstance(items := value.get(kind.__name__), list):
            return kind(decode(item) for item in items)
    raise ValueError("a message that this program does not write")


def _array(value: dict[str, Any]) -> np.ndarray[Any, Any]:
    try:
        dtype, shape = np.dtype(str(value["dtype"])), tuple(int(n) for n in value["shape"])
        data = base64.b64decode(value["data"], validate=True)
        if dtype.kind not in "biuf" or len(data) > MOST * 8:
            raise ValueError("an array of a kind that is not sent")
        return np.frombuffer(data, dtype=dtype).reshape(shape).copy()
    except (KeyError, TypeError, OverflowError) as error:
        raise ValueError(f"an array that cannot be read: {error}") from error


def encode_run(ran: Run) -> dict[str, Any]:
    """Return a run as something JSON can hold."""
    outcomes = [
        {"kind": o.kind, "value": encode(o.value), "message": o.message[:LONGEST]}
        | {"changed": list(o.changed), "alarms": list(o.alarms)}
        for o in ran.outcomes
    ]
    flags = {"stub": ran.stub, "wrote": ran.wrote, "printed": ran.printed, "reads": list(ran.reads)}
    return {"outcomes": outcomes, **flags}


def decode_run(message: Any, n_cases: int, n_outputs: int) -> Run:
    """Return the run, or raise ``ValueError`` unless it is one of ``n_cases`` cases with ``n_outputs`` outputs."""
    try:
        outcomes = tuple(_outcome(o, n_outputs) for o in message["outcomes"])
        names = tuple(str(name)[:50] for name in message["reads"][:5])
        ran = Run(outcomes, message["stub"] is True, message["wrote"] is True, int(message["printed"]), names)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"a run that cannot be read: {error!r}") from error
    if len(outcomes) != n_cases:
        raise ValueError(f"a run of {len(outcomes)} cases where {n_cases} were asked")
    return ran


def _outcome(message: Any, n_outputs: int) -> Outcome:
    kind, value = str(message["kind"]), decode(message["value"])
    if kind not in ("value", "raised", "endless", "skipped"):
        raise ValueError(f"an outcome of the kind {kind[:20]!r}")
    arrays = isinstance(value, tuple) and all(isinstance(v, np.ndarray) for v in value)
    if kind == "value" and not isinstance(value, Odd) and not (arrays and len(value) == n_outputs):
        raise ValueError("an outcome without its arrays")
    changed, alarms = (tuple(str(name)[:50] for name in message[key][:20]) for key in ("changed", "alarms"))
    return Outcome(kind, value, str(message["message"])[:LONGEST], changed, alarms)
