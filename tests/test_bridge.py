"""What can be said of the bridge without the packages on its other side; the rest is in tests/bridge."""

from __future__ import annotations

import inspect
import sys

import numpy as np
import pytest
from cases import LAYERS

import dlbook
from dlbook import Dense, Layer, Sequential
from dlbook.bridge import onnx, to_onnx, to_torch, torch
from dlbook.bridge.needed import needed

PUBLIC = {
    thing
    for name in dlbook.__all__
    if inspect.isclass(thing := getattr(dlbook, name)) and issubclass(thing, Layer) and not inspect.isabstract(thing)
}


@pytest.mark.parametrize("forms", [torch.FORMS, onnx.FORMS], ids=["PyTorch", "ONNX"])
def test_every_public_layer_has_a_form(forms: dict[type, object]) -> None:
    assert set(forms) == PUBLIC - {Sequential}


def test_every_public_layer_is_among_the_cases_that_are_compared() -> None:
    assert {type(make(np.random.default_rng(0))) for make, _ in LAYERS.values()} == PUBLIC


@pytest.mark.parametrize(
    ("package", "export"), [("torch", to_torch), ("onnx", lambda net: to_onnx(net, np.ones((1, 2))))]
)
def test_a_missing_package_is_named(package: str, export, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModuleNotFoundError, match=rf"needs the package {package}, .*: pip install {package} "):
        export(Sequential(Dense(2, 1, rng=np.random.default_rng(0))))


def test_a_package_that_is_there_and_broken_says_so_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "json.decoder", None)
    monkeypatch.delitem(sys.modules, "json")
    with pytest.raises(ModuleNotFoundError, match=r"json\.decoder"):
        needed("json", "this test")
