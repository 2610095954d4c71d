"""Packages that only the bridge needs."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeVar

from dlbook.layer import Layer

Form = TypeVar("Form", bound=Callable[..., Any])


def needed(package: str, who: str) -> Any:
    """Return the imported package.

    Raises:
        ModuleNotFoundError: it is not installed; the message says what to type.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        if error.name != package:  # it is there, and lacks something itself
            raise
        raise ModuleNotFoundError(
            f"{who} needs the package {package}, which is not installed: pip install {package} "
            f"(or all that the bridge can use: pip install dlbook[bridge])",
            name=package,
        ) from error


def form_of(forms: dict[type[Layer], Form], layer: Layer, where: str) -> Form:
    """Return how ``layer`` is written there.

    A subclass may compute something else than the layer that it is made from, so only the very class counts.

    Raises:
        TypeError: this kind of layer has no form there.
    """
    if type(layer) not in forms:
        raise TypeError(
            f"the bridge has no form of {type(layer).__name__} in {where}: it knows the layers of the book, "
            f"build the network from those"
        )
    return forms[type(layer)]
