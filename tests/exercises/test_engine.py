"""Functions that misbehave, what is said about differences, and how it looks."""

from __future__ import annotations

import re
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from exercises.answers import SOLUTIONS, s
from exercises.answers.chapter01 import perceptron_loss
from exercises.answers.chapter03 import gradients, hidden_delta, output_delta

from dlbook.exercises import check, progress, session
from dlbook.exercises.answer import Answer
from dlbook.exercises.limits import OutOfTime, time_limit
from dlbook.exercises.session import find, forget
from dlbook.exercises.values import Odd, all_same, as_outputs

A_GLOBAL = np.ones(3)


@pytest.fixture(autouse=True)
def _new_session() -> Iterator[None]:
    forget()
    yield
    forget()


# Stubs -------------------------------------------------------------------------------------------------------------
def stub_docstring(Z, Y):
    """Return δ."""


def stub_pass(Z, Y):
    pass


def stub_raises(Z, Y):
    raise NotImplementedError("write me")


@pytest.mark.parametrize(
    "stub", [stub_docstring, stub_pass, stub_raises, lambda Z, Y: ..., lambda Z, Y: None, None, ...]
)
def test_stub_is_not_attempted(stub: Any) -> None:
    answer = check("3.3", stub)
    assert answer.status == "not attempted"
    assert str(answer) == "3.3 The δ of the output layer: not attempted yet."


@pytest.mark.parametrize("exercise_id", SOLUTIONS)
def test_stub_of_every_exercise(exercise_id: str) -> None:
    exercise = find(exercise_id)
    assert exercise is not None
    space: dict[str, Any] = {}
    exec(f"def stub({', '.join(exercise.arguments)}):\n    'What it returns.'\n    ...\n", space)
    assert check(exercise_id, space["stub"]).status == "not attempted"


def forgets_to_return(Z, Y):
    A = s(Z)
    A = A - Y


def test_forgotten_return_is_not_a_stub() -> None:
    answer = check("3.3", forgets_to_return)
    assert answer.status == "wrong"
    assert "is the `return` missing?" in str(answer)


# Misbehaviour ------------------------------------------------------------------------------------------------------
def test_unknown_id_lists_the_known_ones() -> None:
    answer = check("9.9", output_delta)
    assert answer.status == "unknown"
    assert "3.3, 3.4" in str(answer)
    for odd in ("", "x", "3", "3.33", "²", None):
        assert check(odd, output_delta).status == "unknown"


def test_result_in_place_of_the_function() -> None:
    answer = check("3.3", np.ones(3))
    assert answer.status == "wrong"
    assert "without brackets" in str(answer)


def test_prints_are_counted_and_kept_away(capsys: pytest.CaptureFixture[str]) -> None:
    def talks(Z, Y):
        print("Z is", Z.shape, "\nand so on")
        print("to the errors", file=sys.stderr)
        return output_delta(Z, Y)

    answer = check("3.3", talks)
    assert answer.passed
    assert f"It printed {3 * len(find('3.3').cases())} lines" in str(answer)
    assert capsys.readouterr() == ("", "")


@pytest.fixture
def _short_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """What never ends is waited for as long as it is allowed; how long that is makes no difference."""
    monkeypatch.setattr(session, "TIME_LIMIT", 0.2)


@pytest.mark.usefixtures("_short_limit")
def test_flood_of_prints_ends() -> None:
    def floods(Z, Y):
        while True:
            print("x" * 1000)

    assert check("3.3", floods).status == "endless"


def endless(Z, Y):
    while len(Z):
        Z = Z + 1
    return Z


def endless_later(Z, Y):
    while len(Z) > 4:
        Z = Z + 1
    return output_delta(Z, Y)


def test_limit_leaves_time_for_an_answer_in_two_seconds() -> None:
    assert 0.5 <= session.TIME_LIMIT < 2


@pytest.mark.usefixtures("_short_limit")
@pytest.mark.parametrize("function", [endless, endless_later, lambda Z, Y: time.sleep(100)])
def test_endless_function_is_reported(function: Callable[..., Any]) -> None:
    answer = check("3.3", function)
    assert answer.status == "endless"
    assert "did not return in time" in str(answer)
    assert "expected" in answer.case


@pytest.mark.usefixtures("_short_limit")
def test_endless_function_in_a_thread_is_reported() -> None:
    """There is no timer outside the main thread, nor on Windows and in the browser."""
    answers: list[Answer] = []
    thread = threading.Thread(target=lambda: answers.append(check("3.3", endless)))
    thread.start()
    thread.join(60)
    assert [a.status for a in answers] == ["endless"]


def test_time_limit_leaves_somebody_elses_alarm_running() -> None:
    rang: list[int] = []
    before = signal.signal(signal.SIGALRM, lambda number, frame: rang.append(number))
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        assert check("3.3", output_delta).passed
        with pytest.raises(OutOfTime), time_limit(0.01):
            time.sleep(10)
        time.sleep(0.4)
        assert rang == [signal.SIGALRM]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_exception_tells_the_line() -> None:
    def divides(Z, Y):
        A = s(Z)
        return A / None

    answer = check("3.3", divides)
    assert answer.status == "raises"
    assert "TypeError" in str(answer)
    assert "line 3: return A / None" in str(answer).replace("\n ", "")


@pytest.mark.parametrize("leave", [sys.exit, lambda: exec("raise SystemExit(3)")])
def test_exit_is_an_exception_like_others(leave: Callable[[], None]) -> None:
    answer = check("3.3", lambda Z, Y: leave())
    assert answer.status == "raises"
    assert "SystemExit" in str(answer)


def test_interrupt_of_the_reader_goes_through() -> None:
    def interrupted(Z, Y):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("3.3", interrupted)


def test_wrong_number_of_parameters() -> None:
    answer = check("3.3", lambda Z: Z)
    assert answer.status == "raises"
    assert "cannot be called with 2 arguments" in str(answer)


def test_recursion_without_end() -> None:
    def falls(Z, Y):
        return falls(Z, Y)

    assert check("3.3", falls).status == "raises"


def test_damaged_input_is_reported_though_the_numbers_are_right() -> None:
    def in_place(Z, Y):
        Z *= -1
        return output_delta(-Z, Y)

    answer = check("3.3", in_place)
    assert answer.status == "damages"
    assert "writes into Z" in str(answer)
    assert "`Z = Z + …` in place of `Z += …`" in " ".join(answer.says)


def test_damaged_list_is_reported() -> None:
    def pops(X, weights, biases):
        A = X
        while weights:
            A = s(A @ weights.pop(0).T + biases.pop(0))
        return A

    answer = check("2.4", pops)
    assert answer.status == "damages"
    assert "weights and biases" in str(answer)


def test_known_mistake_made_in_place_keeps_its_name() -> None:
    def early(W1, b1, W2, b2, X, Y, eta):
        m = len(X)
        A1 = s(X @ W1.T + b1)
        A2 = s(A1 @ W2.T + b2)
        d2 = (A2 - Y) * A2 * (1 - A2)
        W2 -= eta * d2.T @ A1 / m
        d1 = d2 @ W2 * A1 * (1 - A1)
        return W1 - eta * d1.T @ X / m, b1 - eta * d1.mean(axis=0), W2, b2 - eta * d2.mean(axis=0)

    answer = check("3.6", early)
    assert answer.mistake == "W2 is updated before it is used"
    assert "In-place damage" in str(answer)


def test_input_that_is_put_back_passes_with_a_note() -> None:
    def puts_back(f, x, h):
        gradient = np.zeros(x.shape)
        for i in np.ndindex(x.shape):
            x[i] += h
            above = f(x)
            x[i] -= 2 * h
            gradient[i] = (above - f(x)) / (2 * h)
            x[i] += h
        return gradient

    answer = check("3.7", puts_back)
    assert answer.passed
    assert "A copy is safer" in str(answer)


def test_inputs_are_fresh_in_every_call() -> None:
    kept: list[Any] = []

    def keeps(Z, Y):
        kept.append(Z)
        return output_delta(Z, Y)

    assert check("3.3", keeps).passed
    assert check("3.3", keeps).passed
    assert len({id(z) for z in kept}) == len(kept)
    assert not any(z.flags.writeable for z in kept)


def test_array_of_the_notebook_is_mentioned() -> None:
    answer = check("3.3", lambda Z, Y: A_GLOBAL * 1.0)
    assert "It reads `A_GLOBAL` from the notebook" in str(answer)


def test_arguments_that_are_not_used_are_mentioned() -> None:
    assert "the same numbers in every case" in str(check("2.5", lambda sizes: 3))


# Differences in words ----------------------------------------------------------------------------------------------
def when(right: Callable[..., Any], wrong: Callable[..., Any], condition: Callable[..., bool]) -> Callable[..., Any]:
    return lambda *args: wrong(*args) if condition(*args) else right(*args)


def odd_batches(Z, Y):
    return when(output_delta, lambda Z, Y: output_delta(Z, Y) + 0.1, lambda Z, Y: len(Z) > 1)(Z, Y)


DIFFERENCES: list[tuple[str, Callable[..., Any], str]] = [
    ("3.3", lambda Z, Y: "text", "returned a str"),
    ("1.3", lambda X, w, b: np.array(["1"] * len(X)), "returned an array of text"),
    ("2.5", lambda sizes: "many", "should return one number"),
    ("1.6", lambda: ([[np.nan, 1]], [0], [1], 0), "W1 contains NaN"),
    ("1.6", lambda: (1, 2, 3), "should return 4 values"),
    ("2.6", lambda left, right, height: ([1], [np.inf], [1]), "b contains NaN or an infinity"),
    ("3.3", lambda Z, Y: output_delta, "lacks the brackets"),
    ("3.3", lambda Z, Y: [[1.0], [1.0, 2.0]], "rows have different lengths"),
    ("3.3", lambda Z, Y: output_delta(Z, Y) * np.nan, "NaN or an infinity"),
    ("3.3", lambda Z, Y: output_delta(Z, Y) / 0.0, "NaN or an infinity"),
    ("3.3", lambda Z, Y: 3 * output_delta(Z, Y), "3 times what it should be"),
    ("3.3", lambda Z, Y: output_delta(Z, Y) * len(Z), "too large by a factor: the number of rows of argument 1"),
    ("3.3", lambda Z, Y: output_delta(Z, Y) / Z.shape[1], "too small by a factor: the number of columns of argument 1"),
    ("3.3", lambda Z, Y: output_delta(Z, Y).T, "as if transposed"),
    ("3.3", lambda Z, Y: output_delta(Z, Y).sum(), "the sum of all right numbers: did a sum run over too many"),
    ("3.3", lambda Z, Y: output_delta(Z, Y).mean(), "the mean of all right numbers"),
    ("3.3", lambda Z, Y: output_delta(Z, Y)[..., None], "as many numbers, but laid out in another way"),
    ("3.3", lambda Z, Y: output_delta(Z, Y) + 1e-6, "close but not equal"),
    ("3.4", lambda d, W, Z: (3 * hidden_delta(d, W, Z)).astype(int), "in no simple way"),
    ("7.4", lambda x, w: np.convolve(x, w).astype(int), "the right numbers without their decimals"),
    ("3.3", lambda Z, Y: output_delta(Z, Y) + np.arange(len(Z))[:, None], "Only the first entry along the first axis"),
    ("3.3", lambda Z, Y: np.cos(Z), "in no simple way"),
    ("3.3", odd_batches, "It is wrong only with more than one example"),
    ("2.3", lambda X, W, b: X @ W.T + 2 * b, "It is wrong only with a bias that is not zero"),
    ("1.3", lambda X, w, b: np.where(X @ w + b == 0, 0.5, X @ w + b > 0), "only with a point exactly on the boundary"),
    ("3.5", lambda d, A: (gradients(d, A)[0], np.cos(gradients(d, A)[1])), "dW is right; db is not."),
    ("3.5", lambda d, A: (-gradients(d, A)[0], gradients(d, A)[1]), "dW has the wrong sign"),
    ("3.5", lambda d, A: gradients(d, A)[0], "should return 2 values"),
    ("3.5", lambda d, A: (*gradients(d, A), 0), "returned 3 values"),
    ("3.5", lambda d, A: (gradients(d, A)[0], "db"), "value number 2 is a str"),
    ("3.4", lambda d, W, Z: hidden_delta(d, W, Z) if len(Z) < 4 else 1 / 0, "raises an exception in"),
    ("1.6", lambda: ([[1, 1], [1, 1]], [0, 0, 0], [1, 1], 0), "b1 should hold 2 numbers, and holds 3"),
    ("1.6", lambda: ([1, 1], [0], [1], 0), "W1 should have one row per hidden unit and two columns"),
    ("2.6", lambda left, right, height: ([1], [1, 2], [3]), "hold 1, 2 and 1"),
]


def only_the_change(w, b, x, y, eta):
    return (eta * y * x, eta * y) if y * (w @ x + b) <= 0 else (0 * w, 0.0)


def test_a_condition_that_few_cases_lack_is_not_called_the_cause() -> None:
    assert "only with" not in str(check("1.5", only_the_change))


def test_float32_alone_is_the_cause() -> None:
    def double_only(Z, Y):
        return output_delta(Z, Y) + 0.5 * (Z.dtype == np.float32)

    says = " ".join(check("3.3", double_only).says)
    assert "It is wrong only with float32 inputs." in says
    assert says.count("only with") == 1


@pytest.mark.parametrize("bound", [-0.25, -1e-5, 1e-5, 0.25, 0.5])
def test_neuron_that_fires_elsewhere_is_caught(bound: float) -> None:
    for fires in (np.greater, np.greater_equal):
        answer = check("1.3", lambda X, w, b, fires=fires: fires(X @ w + b, bound))
        assert (answer.status, answer.mistake) == ("wrong", "")


def hinge(X, y, w, b):
    margin = y * (X @ w + b)
    M = margin < 1
    return np.maximum(0, 1 - margin).sum(), -y[M] @ X[M], -y[M].sum()


def test_margin_of_the_support_vector_machine_is_caught() -> None:
    def in_the_gradient(X, y, w, b):
        margin = y * (X @ w + b)
        return -margin[margin <= 0].sum(), *hinge(X, y, w, b)[1:]

    def half(X, y, w, b):
        M = y * (X @ w + b) <= 0.5
        return -(y * (X @ w + b))[M].sum(), -y[M] @ X[M], -y[M].sum()

    for function in (hinge, in_the_gradient):
        assert "hinge loss of the SVM" in check("1.4", function).mistake
    assert "a margin below 1" in " ".join(check("1.4", half).says)


@pytest.mark.parametrize("bound", [-0.5, -0.3, 0.25, 0.5, 0.75, 1.0])
def test_another_threshold_of_the_margin_is_caught_and_not_called_a_known_one(bound: float) -> None:
    def learns(w, b, x, y, eta):
        return (w + eta * y * x, b + eta * y) if y * (w @ x + b) <= bound else (w, b)

    def loss(X, y, w, b):
        margin = y * (X @ w + b)
        M = margin <= bound
        return -margin[M].sum(), -y[M] @ X[M], -y[M].sum()

    for exercise_id, function in (("1.4", loss), ("1.5", learns)):
        answer = check(exercise_id, function)
        assert (answer.status, answer.mistake) == ("wrong", ""), answer


def test_a_number_in_place_of_the_id() -> None:
    assert check(3.3, output_delta).passed


@pytest.mark.parametrize(("exercise_id", "function", "words"), DIFFERENCES, ids=[words for _, _, words in DIFFERENCES])
def test_difference_in_words(exercise_id: str, function: Callable[..., Any], words: str) -> None:
    with np.errstate(all="ignore"):
        answer = check(exercise_id, function)
    assert not answer.passed
    assert answer.mistake == ""
    assert words in " ".join(answer.says)


def loss_without_sum(X, y, w, b):
    L, _, db = perceptron_loss(X, y, w, b)
    wrong = y * (X @ w + b) <= 0
    return L, -(y[:, None] * X)[wrong], db


def first_alone(X, w, b):
    for row in X:
        return float(row @ w + b >= 0)
    return None


SHAPES: list[tuple[str, Callable[..., Any], tuple[str, ...], str]] = [
    ("1.4", loss_without_sum, ("dw should have shape", "an axis too many", "L and db are right"), "as many numbers"),
    ("3.5", lambda d, A: (gradients(d, A)[0], d), ("db should have shape", "an axis too many"), "as many numbers"),
    ("3.3", lambda Z, Y: output_delta(Z, Y).sum(axis=1), ("an axis is missing", "along axis 1"), "as many numbers"),
    ("3.3", lambda Z, Y: output_delta(Z, Y).sum(axis=0), ("an axis is missing", "along axis 0"), "one number"),
    ("3.5", lambda d, A: (A.T @ d, d.mean(axis=0)), ("as if transposed", "db is right"), "numbers are those"),
    ("3.5", lambda d, A: (A.T @ d, d), ("dW should have shape", "db should have shape"), "numbers are those"),
    ("1.3", first_alone, ("one number where there should be several", "`return` inside the loop"), "too many axes"),
    ("3.7", lambda f, x, h: (f(x + h) - f(x - h)) / (2 * h), ("one number where",), "too many axes"),
]


@pytest.mark.parametrize(("exercise_id", "function", "words", "never"), SHAPES)
def test_wrong_shape_in_words(exercise_id: str, function: Any, words: tuple[str, ...], never: str) -> None:
    answer = check(exercise_id, function)
    says = " ".join(answer.says)
    assert (answer.status, answer.mistake) == ("wrong", "")
    assert all(w in says for w in words), says
    assert never not in says
    assert "?. " not in says


def test_the_case_that_the_words_speak_of_is_shown() -> None:
    answer = check("3.5", lambda d, A: (gradients(d, A)[0], d))
    rows, columns = re.search(r"has \((\d), (\d)\)", " ".join(answer.says)).groups()  # type: ignore[union-attr]
    yours = answer.case.split("yours:")[1]
    assert (yours.count("]") - 1, yours.count(",") + 1) == (int(rows), int(rows) * int(columns))


@pytest.mark.parametrize(
    ("exercise_id", "order", "names"), [("3.5", (1, 0), "dW, db"), ("3.6", (0, 2, 1, 3), "W1, b1, W2, b2")]
)
def test_outputs_in_another_order(exercise_id: str, order: tuple[int, ...], names: str) -> None:
    answer = check(exercise_id, lambda *args: [SOLUTIONS[exercise_id](*args)[i] for i in order])
    assert answer.status == "wrong"
    assert f"All numbers are right, in another order: return {names}." in answer.says


def test_the_smallest_case_is_shown() -> None:
    assert "one example, one unit" in str(check("3.3", lambda Z, Y: np.cos(Z)))
    assert "two examples, one unit" in str(check("3.3", odd_batches))


def test_enough_digits_to_see_the_difference() -> None:
    case = check("3.3", lambda Z, Y: output_delta(Z, Y) + 1e-6).case
    expected, yours = case.splitlines()[-2:]
    assert expected.split("=")[1] != yours.split("=")[1]


@pytest.mark.parametrize(
    ("value", "n", "what"),
    [
        (np.ones(2_000_000), 1, "an array with 2,000,000 numbers"),
        (iter([1]), 1, "a list_iterator"),
        (1 + 2j, 1, "a complex"),
        ({"a": 1}, 1, "a dict"),
        (np.ones(2), 2, "an array of float64"),
        (None, 2, "None"),
        ([1, 2, 3], 2, "3 values"),
    ],
)
def test_what_is_no_answer(value: Any, n: int, what: str) -> None:
    assert as_outputs(value, n) == Odd(what)


# How it looks ------------------------------------------------------------------------------------------------------
def test_html_is_escaped_and_code_is_marked() -> None:
    def hostile(Z, Y):
        raise ValueError("<script>alert(1)</script> & `code`")

    page = check("3.3", hostile)._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "<code>code</code>" in page


def test_text_is_the_same_every_time() -> None:
    assert str(check("3.3", odd_batches)) == str(check("3.3", odd_batches)) == repr(check("3.3", odd_batches))


def test_progress_is_a_table_of_the_session() -> None:
    assert "Nothing checked" in str(progress())
    check("3.3", lambda Z, Y: s(Z) - Y)
    check("3.3", output_delta)
    check("3.5", lambda d, A: (A.T @ d / len(d), d.mean(axis=0)))
    check("1.3", lambda X, w, b: np.cos(w))
    rows = {row[0]: row[2:] for row in progress().rows}
    assert rows["3.3"] == ("passed", 2)
    assert rows["3.5"] == ("dW is transposed", 1)
    assert rows["3.4"] == ("not attempted yet", 0)
    assert rows["1.3"] == ("not right yet", 1)
    assert "2.3" not in rows
    assert str(progress()).endswith("1 of 9 exercises passed.")
    assert "dW is transposed" in progress()._repr_html_()
    assert {row[0][0] for row in progress(2).rows} == {row[0][0] for row in progress("2").rows} == {"2"}


def test_solved_stays_solved() -> None:
    check("3.3", output_delta)
    check("3.3", lambda Z, Y: np.cos(Z))
    assert {row[0]: row[2] for row in progress().rows}["3.3"] == "passed (last check: not right)"
    assert str(progress()).endswith("1 of 5 exercises passed.")


@pytest.mark.parametrize("chapter", [99, "99", "three"])
def test_chapter_without_exercises(chapter: Any) -> None:
    assert str(progress(chapter)).startswith(f"There is no chapter {chapter} with exercises.")
    assert "with exercises" in progress(chapter)._repr_html_()


def test_xor_is_praised_for_xor() -> None:
    assert "It computes XOR at all four corners." in str(check("1.6", SOLUTIONS["1.6"]))


def test_alarms_count_where_an_exercise_forbids_them() -> None:
    """Right numbers on a way over an overflow: 4.3 is to be quiet, 4.4 is not asked to be."""

    def loud(z: np.ndarray) -> np.ndarray:
        e = np.exp(-np.abs(z))
        np.exp(np.where(z > 0, 1000.0, 0.0))
        return np.where(z >= 0, 1, e) / (1 + e)

    answer = check("4.3", loud)
    assert (answer.status, answer.mistake) == ("wrong", "")
    assert "The numbers are right, but NumPy warns on the way: overflow." in answer.says

    def switched_off(z: np.ndarray) -> np.ndarray:
        with np.errstate(over="ignore"):
            return loud(z)

    assert check("4.3", switched_off).passed
    assert check("4.4", lambda Z: np.logaddexp.reduce(Z, axis=1) + 0 * (np.exp(Z[0, 0] * 0 + 1000) > 0)).passed


def test_answers_that_are_nan_in_the_same_places_are_the_same() -> None:
    nan, inf = np.nan, np.inf
    assert all_same((np.array([1.0, nan, inf]),), (np.array([1.0, nan, inf]),))
    for other in ([1.0, nan, -inf], [1.0, 2.0, inf], [1.1, nan, inf], [nan, nan, inf]):
        assert not all_same((np.array(other),), (np.array([1.0, nan, inf]),))
