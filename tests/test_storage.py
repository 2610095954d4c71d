"""Nothing is lost, nothing is half-written, and a resumed run ends with the same bits."""

from __future__ import annotations

import os
import zipfile
from pathlib import Path

import numpy as np
import pytest

from dlbook import SGD, Dense, RMSProp, Sequential, SoftmaxCrossEntropy, Tanh, fit, load, restore, save, snapshot
from dlbook.optim import Optimizer

rng = np.random.default_rng(0)
ARRAYS = {"0.W": rng.normal(size=(3, 4)), "n": np.array(7), "half": np.ones(2, dtype=np.float32), "file": np.zeros(1)}


class Momentum(Optimizer):
    """An optimizer with a memory, to see that it is kept."""

    def _update(self, params, grads):
        for name, g in grads.items():
            v = self.state[name] = 0.9 * self.state.get(name, 0) - self.learning_rate * g
            params[name] += v


def start(seed: int) -> tuple[Sequential, Momentum, np.random.Generator]:
    rng = np.random.default_rng(seed)
    return Sequential(Dense(4, 5, rng=rng), Tanh(), Dense(5, 3, rng=rng)), Momentum(0.1), rng


def test_what_goes_in_comes_out(tmp_path: Path) -> None:
    save(tmp_path / "a.npz", ARRAYS)
    back = load(tmp_path / "a.npz")
    assert back.keys() == ARRAYS.keys()
    for name, a in ARRAYS.items():
        np.testing.assert_array_equal(back[name], a, strict=True)
    assert os.listdir(tmp_path) == ["a.npz"]


def test_an_interrupted_save_leaves_the_old_file_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.npz"
    save(path, ARRAYS)
    before = path.read_bytes()
    written = 0

    def full_disk(*args: object, **kwargs: object) -> None:
        nonlocal written
        written += 1
        if written == 3:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(np.lib.format, "write_array", full_disk)
    with pytest.raises(OSError, match="No space left"):
        save(path, {name: a + 1 for name, a in ARRAYS.items()})
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["a.npz"]


@pytest.mark.parametrize("keep", [0, 10, 200, -1])
def test_a_damaged_file_is_a_sentence(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "a.npz"
    save(path, ARRAYS)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ValueError, match=r"a\.npz is damaged or was not written by dlbook\.save"):
        load(path)


def test_a_missing_file_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"nothing\.npz"):
        load(tmp_path / "nothing.npz")


def test_pickles_are_neither_written_nor_read(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="Python objects in 'a'"):
        save(tmp_path / "a.npz", {"a": np.array([print])})
    assert not os.listdir(tmp_path)
    np.savez(tmp_path / "b.npz", a=np.array([None]))
    with pytest.raises(ValueError, match="damaged or was not written"):
        load(tmp_path / "b.npz")


def test_a_model_is_not_a_mapping(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match=r"use model\.params"):
        save(tmp_path / "a.npz", start(0)[0])  # type: ignore[arg-type]


def test_killed_and_resumed_ends_with_the_same_bits(tmp_path: Path) -> None:
    X, y = rng.normal(size=(20, 4)), rng.integers(3, size=20)

    def train(model: Sequential, optimizer: Momentum, rng: np.random.Generator, epochs: int) -> None:
        list(fit(model, SoftmaxCrossEntropy(), optimizer, X, y, epochs=epochs, batch_size=6, rng=rng))

    whole = start(1)
    train(*whole, epochs=5)

    first = start(1)
    train(*first, epochs=2)
    save(tmp_path / "run.npz", snapshot(*first))
    del first

    second = start(2)  # other weights and another generator: all must come from the file
    restore(load(tmp_path / "run.npz"), *second)
    train(*second, epochs=3)
    for name, p in whole[0].params.items():
        assert p.tobytes() == second[0].params[name].tobytes()
    assert whole[2].bit_generator.state == second[2].bit_generator.state


def test_a_snapshot_of_another_model_changes_nothing() -> None:
    model, optimizer, rng = start(0)
    other = Sequential(Dense(4, 6, rng=rng), Tanh(), Dense(6, 3, rng=rng))
    kept = {name: p.copy() for name, p in model.params.items()}
    with pytest.raises(ValueError, match=r"snapshot does not fit: .*\(6, 4\).*\(5, 4\)"):
        restore(snapshot(other, SGD(0.1), rng), model, optimizer, rng)
    for name, p in model.params.items():
        np.testing.assert_array_equal(p, kept[name])


def test_the_memory_of_another_optimizer_changes_nothing() -> None:
    """The squares that RMSProp remembers have the name and the shape of a velocity."""
    model, optimizer, rng = start(0)
    params, other = {"W": np.ones(2)}, RMSProp(0.1)
    other.step(params, {"W": np.ones(2)})
    arrays = snapshot(model, other, rng)
    kept = {name: p.copy() for name, p in model.params.items()}
    for p in model.params.values():
        p += 1
    with pytest.raises(ValueError, match="snapshot holds the memory of RMSProp, the optimizer is Momentum"):
        restore(arrays, model, optimizer, rng)
    for name, p in model.params.items():
        np.testing.assert_array_equal(p, kept[name] + 1)
    assert optimizer.state == {}


def test_a_snapshot_keeps_the_best_model_while_training_goes_on() -> None:
    X, y = rng.normal(size=(20, 4)), rng.integers(3, size=20)
    model, optimizer, generator = start(3)
    kept = {name: p.copy() for name, p in model.params.items()}
    best = snapshot(model, optimizer, generator)
    list(fit(model, SoftmaxCrossEntropy(), optimizer, X, y, epochs=2, batch_size=6, rng=generator))
    optimizer.learning_rate = 0.001
    restore(best, model, optimizer, generator)
    for name, p in model.params.items():
        np.testing.assert_array_equal(p, kept[name])
    assert optimizer.learning_rate == 0.1
    assert optimizer.state == {}


@pytest.mark.parametrize("kind", [np.random.PCG64, np.random.MT19937, np.random.Philox, np.random.SFC64])
def test_every_kind_of_generator_goes_on_where_it_was(tmp_path: Path, kind: type) -> None:
    model, optimizer, _ = start(0)
    generator = np.random.Generator(kind(5))
    generator.normal(size=7)
    save(tmp_path / "run.npz", snapshot(model, optimizer, generator))
    wanted = generator.normal(size=10)
    other = np.random.Generator(kind(6))
    restore(load(tmp_path / "run.npz"), model, optimizer, other)
    np.testing.assert_array_equal(other.normal(size=10), wanted)


def test_another_kind_of_generator_is_refused_and_changes_nothing() -> None:
    model, optimizer, generator = start(0)
    arrays = {name: a + 1 if name.startswith("model") else a for name, a in snapshot(*start(0)).items()}
    kept = model.params["0.W"].copy()
    with pytest.raises(ValueError, match="state of a PCG64 generator, rng is a MT19937"):
        restore(arrays, model, optimizer, np.random.Generator(np.random.MT19937(0)))
    with pytest.raises(ValueError, match="what snapshot returned"):
        restore(model.params, model, optimizer, generator)
    np.testing.assert_array_equal(model.params["0.W"], kept)


def test_names_that_look_like_files_stay_apart(tmp_path: Path) -> None:
    save(tmp_path / "a.npz", {"a": np.zeros(1), "a.npy": np.ones(1), "deep/er": np.full(1, 2.0)})
    assert {name: a[0] for name, a in load(tmp_path / "a.npz").items()} == {"a": 0, "a.npy": 1, "deep/er": 2}
    with pytest.raises(TypeError, match="mapping of names"):
        save(tmp_path / "b.npz", {0: np.zeros(1)})  # type: ignore[dict-item]


def test_other_files_are_not_taken_for_saved_arrays(tmp_path: Path) -> None:
    np.save(tmp_path / "one.npy", np.zeros(3))
    with zipfile.ZipFile(tmp_path / "texts.zip", "w") as archive:
        archive.writestr("hello.txt", "x")
    for name in ("one.npy", "texts.zip"):
        with pytest.raises(ValueError, match="was not written by dlbook"):
            load(tmp_path / name)


def test_a_changed_byte_is_noticed_or_harmless(tmp_path: Path) -> None:
    save(tmp_path / "a.npz", ARRAYS)
    whole = (tmp_path / "a.npz").read_bytes()
    for place in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[place] ^= 0xFF
        (tmp_path / "b.npz").write_bytes(damaged)
        try:
            back = load(tmp_path / "b.npz")
        except ValueError:  # any other kind of exception fails the test
            continue
        for name in back.keys() & ARRAYS.keys():
            np.testing.assert_array_equal(back[name], ARRAYS[name], strict=True)


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"no folder .*nowhere for a\.npz"):
        save(tmp_path / "nowhere" / "a.npz", ARRAYS)
