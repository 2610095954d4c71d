"""The mistakes of source 000 (Liu Jianping): the printed version fails, the corrected one passes.

The corrected formulas and the printed ones are written out in plain NumPy, away from the package, and measured
against finite differences, enumeration or plain loops. The audit (chapters/audit/source-000.yml) names the test
of each erratum. Layers are counted from 1 (the input), as in the source.
"""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from errata.models import (
    Machine,
    T,
    convolution,
    forward,
    full,
    lstm,
    machine,
    mean_pool,
    network,
    no_push,
    one_hot,
    rnn,
    rot180,
    run_lstm,
    run_rnn,
    sigmoid,
    sigmoid_slope,
    slide,
    softmax,
    upsample_mean,
)
from errata.numeric import Array, agree, binary_states, far_apart, gradient, hadamard, jacobian

SEEDS = range(4)


# --- DNN: forward and backward -------------------------------------------------------------------------------------


def test_tanx_is_tanh() -> None:
    z = np.linspace(-4, 4, 41)
    relation = 2 * sigmoid(2 * z) - 1  # the source's own formula for the function it means
    assert agree(np.tanh(z), relation)
    assert far_apart(np.tan(z), relation)
    assert np.abs(np.tan(z)).max() > 1 > np.abs(np.tanh(z)).max()


@pytest.mark.parametrize(("n_out", "n_in"), [(3, 5), (5, 2), (4, 4)])
@pytest.mark.parametrize("seed", SEEDS)
def test_output_layer_weight_gradient(seed: int, n_out: int, n_in: int) -> None:
    rng = np.random.default_rng(seed)
    W, b, a_below, y = (rng.normal(size=s) for s in ((n_out, n_in), n_out, n_in, n_out))
    z = W @ a_below + b
    a = sigmoid(z)
    numeric = gradient(lambda: 0.5 * np.sum((sigmoid(W @ a_below + b) - y) ** 2), W)
    assert agree(np.outer(hadamard(a - y, sigmoid_slope(z)), a_below), numeric)
    with pytest.raises(ValueError, match="equal shapes"):
        hadamard(np.outer(a - y, a_below), sigmoid_slope(z))
    if n_out == n_in:  # here plain arrays multiply in silence, along the wrong axis
        assert far_apart(np.outer(a - y, a_below) * sigmoid_slope(z), numeric)


@pytest.mark.parametrize(("n", "n_above"), [(3, 5), (5, 2), (4, 4)])
@pytest.mark.parametrize("seed", SEEDS)
def test_layer_jacobian_needs_diag(seed: int, n: int, n_above: int) -> None:
    rng = np.random.default_rng(seed)
    W, b, z, delta_above = (rng.normal(size=s) for s in ((n_above, n), n_above, n, n_above))
    numeric = jacobian(lambda z: W @ sigmoid(z) + b, z)
    correct = W @ np.diag(sigmoid_slope(z))
    assert agree(correct, numeric)
    assert agree(delta_above @ correct, W.T @ delta_above * sigmoid_slope(z))
    with pytest.raises(ValueError, match="equal shapes"):
        hadamard(W.T, sigmoid_slope(z))
    broadcast = W.T * sigmoid_slope(z)[:, np.newaxis]
    if n != n_above:
        assert broadcast.shape != numeric.shape
        with pytest.raises(ValueError, match="mismatch"):
            delta_above @ broadcast
    else:
        assert far_apart(broadcast, numeric)
        assert far_apart(delta_above @ broadcast, delta_above @ numeric)


@pytest.mark.parametrize("sizes", [(3, 4, 2), (2, 5, 3, 4)])
@pytest.mark.parametrize("seed", SEEDS)
def test_backward_loop_starts_below_the_output(seed: int, sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(seed)
    W, b = network(sizes, rng)
    x, y, L = rng.normal(size=sizes[0]), rng.normal(size=sizes[-1]), len(sizes)
    z, a = forward(W, b, x)

    def errors(first: int) -> dict[int, Array]:
        delta = {L: (a[L] - y) * sigmoid_slope(z[L])}
        for n in range(first, 1, -1):
            delta[n] = W[n + 1].T @ delta[n + 1] * sigmoid_slope(z[n])
        return delta

    with pytest.raises(KeyError):
        errors(first=L)
    delta = errors(first=L - 1)
    for n in range(2, L + 1):
        numeric = gradient(lambda: 0.5 * np.sum((forward(W, b, x)[1][L] - y) ** 2), W[n])
        assert agree(np.outer(delta[n], a[n - 1]), numeric)


# --- Losses and activations ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", SEEDS)
def test_cross_entropy_frees_only_the_output_layer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    W, b = network((3, 5, 4, 2), rng)
    x, y, L = rng.normal(size=3), rng.uniform(size=2), 4

    def loss() -> float:
        a = forward(W, b, x)[1][L]
        return float(-y @ np.log(a) - (1 - y) @ np.log(1 - a))

    z, a = forward(W, b, x)
    numeric = {n: gradient(loss, b[n]) for n in W}
    correct, printed = {L: a[L] - y}, {L: a[L] - y}
    for n in (3, 2):
        correct[n] = W[n + 1].T @ correct[n + 1] * sigmoid_slope(z[n])
        printed[n] = W[n + 1].T @ printed[n + 1]
    assert agree(printed[L], numeric[L])  # the output layer is indeed free of the derivative
    for n in (3, 2):
        assert agree(correct[n], numeric[n])
        assert far_apart(printed[n], numeric[n])
        assert np.linalg.norm(numeric[n]) <= np.linalg.norm(W[n + 1].T @ numeric[n + 1]) / 4


def test_softmax_normaliser_of_3_1_minus3() -> None:
    total = float(np.exp([3.0, 1.0, -3.0]).sum())
    roundings = {round(total, 2), np.floor(total * 100) / 100}
    assert 22.75 not in roundings
    assert roundings == {22.85}
    assert np.round(softmax(np.array([3.0, 1.0, -3.0])), 3).tolist() == [0.879, 0.119, 0.002]


@pytest.mark.parametrize("z", [(1.0, 5.0, 3.0), (0.3, -1.2, 2.0, 0.5)])
@pytest.mark.parametrize("i", range(3))
def test_softmax_gradient_of_the_other_classes(i: int, z: tuple[float, ...]) -> None:
    values = np.array(z)
    numeric = gradient(lambda: -float(np.log(softmax(values)[i])), values)
    y = one_hot(i, len(z))
    assert agree(softmax(values) - y, numeric)
    assert far_apart((softmax(values) - 1) * y, numeric)  # printed: only the true class has a gradient
    assert np.all(numeric[y == 0] > 1e-3)


@pytest.mark.parametrize("seed", SEEDS)
def test_softmax_weight_gradient_uses_the_whole_lower_layer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    W, b, below = (rng.normal(size=s) for s in ((4, 3), 4, 3))  # four classes above three units
    a = softmax(W @ below + b)
    for i in range(4):
        numeric = gradient(lambda i=i: -float(np.log(softmax(W @ below + b)[i])), W)[i]
        assert agree((a[i] - 1) * below, numeric)
        assert agree(-1 / a[i] * a[i] * (1 - a[i]) * below, numeric)
        if i < 3:
            assert far_apart(np.full(3, (a[i] - 1) * below[i]), numeric)  # one number for the whole row
    with pytest.raises(IndexError):
        below[3]  # the printed formula asks for the fourth unit of the layer of three


@pytest.mark.parametrize("seed", SEEDS)
def test_softmax_derivative_has_a_square(seed: int) -> None:
    z = np.random.default_rng(seed).normal(size=4)
    numeric = jacobian(softmax, z)
    for i in range(4):
        quotient = np.exp(z[i]) / np.exp(z).sum()
        assert agree(quotient - quotient**2, numeric[i, i])
        assert far_apart([quotient - quotient], [numeric[i, i]])


def test_tanh_saturates_faster_than_the_sigmoid() -> None:
    def ratio(z: float) -> float:
        """Slope of tanh over slope of the sigmoid, by central differences."""
        h = 1e-5
        sigma = (sigmoid(np.array(z + h)) - sigmoid(np.array(z - h))) / (2 * h)
        return float((np.tanh(z + h) - np.tanh(z - h)) / (2 * h) / sigma)

    assert all(ratio(z) < 1 for z in (1.67, 2, 3, 5, 8))  # the printed claim needs more than 1
    assert ratio(8) < ratio(5) < ratio(3) < 0.25
    assert all(ratio(z) > 1 for z in (0.0, 1.0, 1.65))
    assert ratio(0.0) == pytest.approx(4)


# --- Regularization ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("decay", [0.0, 0.3])
@pytest.mark.parametrize("seed", SEEDS)
def test_batch_update_pairs_each_error_with_its_own_activation(seed: int, decay: float) -> None:
    rng = np.random.default_rng(seed)
    m = 5
    W, b, X, Y = (rng.normal(size=s) for s in ((3, 4), 3, (m, 4), (m, 3)))
    delta = [(sigmoid(W @ x + b) - y) * sigmoid_slope(W @ x + b) for x, y in zip(X, Y, strict=True)]

    def loss() -> float:
        error = np.sum((sigmoid(X @ W.T + b) - Y) ** 2)
        return float(error / (2 * m) + decay / (2 * m) * np.sum(W**2))

    numeric = m * gradient(loss, W)  # the text puts 1/m into the step size
    assert agree(sum(np.outer(delta[i], X[i]) for i in range(m)) + decay * W, numeric)
    for x in range(m):  # whichever example the printed x means
        assert far_apart(sum(np.outer(delta[i], X[x]) for i in range(m)) + decay * W, numeric)


@pytest.mark.parametrize("keep", [0.5, 0.8])
@pytest.mark.parametrize("seed", SEEDS)
def test_dropout_needs_rescaling(seed: int, keep: float) -> None:
    rng = np.random.default_rng(seed)
    W, a = rng.normal(size=(3, 6)), rng.uniform(0.1, 1, size=6)

    def average(scale: float) -> Array:
        """Exact mean over all masks of what the next layer gets in training."""
        chances = ((mask, np.prod(np.where(mask == 1, keep, 1 - keep))) for mask in binary_states(6))
        return np.sum([chance * (W @ (scale * mask * a)) for mask, chance in chances], axis=0)

    prediction = W @ a  # the restored network
    assert agree(average(1 / keep), prediction)
    assert far_apart(average(1.0), prediction, margin=0.15)
    assert agree(average(1.0), keep * prediction)


# --- CNN -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("K", "M", "size", "F"), [(2, 3, 7, 3), (6, 1, 8, 5), (1, 1, 4, 2)])
def test_convolution_has_fewer_parameters_than_dense(K: int, M: int, size: int, F: int) -> None:
    rng = np.random.default_rng(0)
    w, x = rng.normal(size=(K, M, F, F)), rng.normal(size=(M, size, size))
    dense = jacobian(lambda x: convolution(x, w), x)  # the matrix that does the same as the convolution
    assert agree(dense @ x.ravel(), convolution(x, w).ravel())
    parameters_cnn, parameters_dnn = w.size + K, dense.size + dense.shape[0]
    assert not parameters_cnn > parameters_dnn  # printed: many more than in a DNN
    assert parameters_cnn < parameters_dnn / 5
    different = np.unique(np.round(dense, 6))
    assert len(different[different != 0]) == w.size  # the big matrix repeats the few kernel entries


def test_K_is_the_number_of_kernels() -> None:
    rng = np.random.default_rng(0)
    x, K, F, S = rng.normal(size=(3, 7, 7)), 2, 3, 2  # the source's example: 7x7x3 to 3x3x2
    assert convolution(x, rng.normal(size=(K, 3, F, F)), S).shape == (2, 3, 3)
    with pytest.raises(ValueError, match="does not fit"):
        convolution(x, rng.normal(size=(1, 3, K, K)), S)  # K as the size
    assert convolution(x, rng.normal(size=(1, 3, F, F)), S).shape != (2, 3, 3)  # F alone leaves the number open


def test_output_layer_must_be_initialized() -> None:
    def run(initialized: range) -> Array:
        """The forward algorithm for L = 4, with parameters in the layers that were initialized."""
        sizes, rng = {1: 5, 2: 4, 3: 3, 4: 2}, np.random.default_rng(0)
        W = {n: rng.normal(size=(sizes[n], sizes[n - 1])) for n in initialized}
        b = {n: rng.normal(size=sizes[n]) for n in initialized}
        a = np.ones(5)
        for n in (2, 3):
            a = sigmoid(W[n] @ a + b[n])
        return softmax(W[4] @ a + b[4])

    with pytest.raises(KeyError):
        run(range(2, 4))  # printed: the hidden layers
    assert run(range(2, 5)).sum() == pytest.approx(1)


@pytest.mark.parametrize("seed", SEEDS)
def test_input_error_sums_over_all_kernels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    K, M, F = 3, 2, 3
    x, w, delta = rng.normal(size=(M, 5, 5)), rng.normal(size=(K, M, F, F)), rng.normal(size=(K, 3, 3))
    numeric = gradient(lambda: float(np.sum(delta * convolution(x, w))), x)
    one = [np.stack([full(delta[k], w[k, c]) for c in range(M)]) for k in range(K)]
    assert agree(sum(one), numeric)
    for k in range(K):  # any kernel alone, as if it were independent of the others
        assert far_apart(one[k], numeric)


@pytest.mark.parametrize("seed", SEEDS)
def test_error_below_pooling_uses_the_activation_of_its_own_layer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    z, delta = rng.normal(size=(4, 4)), rng.normal(size=(2, 2))
    numeric = gradient(lambda: float(np.sum(delta * mean_pool(sigmoid(z)))), z)
    upsampled = upsample_mean(delta)
    assert agree(upsampled * sigmoid_slope(z), numeric)
    assert agree(upsampled.ravel() @ jacobian(sigmoid, z), numeric.ravel())
    printed = jacobian(lambda z: mean_pool(sigmoid(z)), z)  # derivative of a^l, the layer after the pooling
    assert printed.shape == (4, 16)
    with pytest.raises(ValueError, match="mismatch"):
        upsampled.ravel() @ printed


def test_a12_occurs_in_z11_and_z12() -> None:
    rng = np.random.default_rng(0)
    a, w = rng.normal(size=(3, 3)), rng.normal(size=(2, 2))
    by_a12 = jacobian(lambda a: slide(a, w), a)[:, 1].reshape(2, 2)
    where = {(int(i) + 1, int(j) + 1) for i, j in np.argwhere(np.abs(by_a12) > 1e-6)}
    assert where == {(1, 1), (1, 2)}
    assert where != {(1, 2), (2, 1)}  # printed
    assert agree(by_a12, [[w[0, 1], w[0, 0]], [0, 0]])


@pytest.mark.parametrize(("N", "F"), [(3, 2), (5, 3), (6, 2)])
@pytest.mark.parametrize("seed", SEEDS)
def test_kernel_gradient_does_not_rotate_the_input(seed: int, N: int, F: int) -> None:
    rng = np.random.default_rng(seed)
    a, w, delta = rng.normal(size=(N, N)), rng.normal(size=(F, F)), rng.normal(size=(N - F + 1, N - F + 1))
    numeric = gradient(lambda: float(np.sum(delta * slide(a, w))), w)
    assert agree(slide(a, delta), numeric)
    with pytest.raises(ValueError, match="does not fit"):
        slide(delta, rot180(a))  # printed, with the star as the text defines it
    assert far_apart(slide(rot180(a), delta), numeric)  # the smaller array slides over the larger one
    assert far_apart(rot180(slide(rot180(a), delta)), numeric)  # the same sum with the offsets the other way
    mathematical = slide(rot180(a), rot180(delta))  # the star of mathematics: the result is turned
    assert far_apart(mathematical, numeric)
    assert agree(rot180(mathematical), numeric)


@pytest.mark.parametrize("seed", SEEDS)
def test_backward_case_follows_the_layer_above(seed: int) -> None:
    """Input 6x6, convolution 3x3 with sigmoid (layer 2), mean pooling (3), dense with sigmoid (4), squared error."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=(6, 6)), rng.normal(size=3)
    W = {2: rng.normal(size=(3, 3)), 4: rng.normal(size=(3, 4))}
    kind = {2: "convolution", 3: "pooling", 4: "dense"}

    def run() -> tuple[dict[int, Array], Array]:
        z2 = slide(x, W[2])
        z3 = mean_pool(sigmoid(z2))
        z4 = W[4] @ z3.ravel()
        return {2: z2, 3: z3, 4: z4}, sigmoid(z4)

    z, output = run()
    slope = {2: sigmoid_slope(z[2]), 3: np.ones_like(z[3]), 4: sigmoid_slope(z[4])}
    delta4 = (output - y) * slope[4]

    def rule(case: str, n: int, above: Array) -> Array:
        """The error of layer n by one of the three rules d-1, d-2, d-3."""
        if case == "dense":
            return hadamard((W[n + 1].T @ above).reshape(z[n].shape), slope[n])
        if case == "convolution":
            return hadamard(full(above, W[n + 1]), slope[n])
        return hadamard(upsample_mean(above), slope[n])

    delta3 = rule(kind[4], 3, delta4)
    delta2 = rule(kind[3], 2, delta3)
    assert agree(slide(x, delta2), gradient(lambda: 0.5 * float(np.sum((run()[1] - y) ** 2)), W[2]))
    with pytest.raises(ValueError, match="equal shapes"):
        rule(kind[3], 3, delta4)  # printed d-3: up-samples the error of a dense layer
    with pytest.raises(KeyError):
        rule(kind[2], 2, delta3)  # printed d-2: asks for the kernel of the pooling layer


@pytest.mark.parametrize(("size", "F", "S"), [(7, 3, 2), (8, 2, 3)])
@pytest.mark.parametrize("seed", SEEDS)
def test_error_below_a_strided_convolution_needs_dilation(seed: int, size: int, F: int, S: int) -> None:
    rng = np.random.default_rng(seed)
    z, w = rng.normal(size=(size, size)), rng.normal(size=(F, F))
    delta = rng.normal(size=slide(z, w, S).shape)
    numeric = gradient(lambda: float(np.sum(delta * slide(sigmoid(z), w, S))), z)
    dilated = np.zeros((size - F + 1, size - F + 1))
    dilated[::S, ::S] = delta
    assert agree(hadamard(full(dilated, w), sigmoid_slope(z)), numeric)
    with pytest.raises(ValueError, match="equal shapes"):
        hadamard(full(delta, w), sigmoid_slope(z))


# --- RNN -----------------------------------------------------------------------------------------------------------


def rnn_errors(p: dict[str, Array], h: Array, output_error: Array) -> Array:
    """Errors of h(1), ..., h(T) by the corrected recursion; row t is position t + 1."""
    delta = output_error @ p["V"]
    for t in range(T - 2, -1, -1):
        delta[t] += p["W"].T @ np.diag(1 - h[t + 2] ** 2) @ delta[t + 1]
    return delta


@pytest.mark.parametrize("seed", SEEDS)
def test_rnn_recursion_order(seed: int) -> None:
    p, x, y = rnn(seed)
    push = np.zeros((T, 4))
    h, predictions, _ = run_rnn(p, x, y, push)
    numeric = gradient(lambda: run_rnn(p, x, y, push)[2], push)
    assert agree(rnn_errors(p, h, predictions - y), numeric)
    for t in range(T - 1):
        slope = np.diag(1 - h[t + 2] ** 2)
        column = (p["W"].T @ numeric[t + 1])[:, np.newaxis]
        with pytest.raises(ValueError, match="mismatch"):
            column @ slope  # printed: (n x 1) times (n x n)
        printed = (predictions - y)[t] @ p["V"] + p["W"].T @ numeric[t + 1] @ slope  # plain arrays let it pass
        assert far_apart(printed, numeric[t])


@pytest.mark.parametrize("seed", SEEDS)
def test_rnn_bias_and_input_gradients(seed: int) -> None:
    p, x, y = rnn(seed)
    push = np.zeros((T, 4))
    h, predictions, _ = run_rnn(p, x, y, push)
    delta = rnn_errors(p, h, predictions - y)
    numeric = {name: gradient(lambda: run_rnn(p, x, y, push)[2], p[name]) for name in p}
    inner = (1 - h[1:] ** 2) * delta
    assert agree(inner.sum(axis=0), numeric["b"])
    assert agree(inner.T @ x, numeric["U"])
    assert agree(inner.T @ h[:-1], numeric["W"])
    assert agree((predictions - y).sum(axis=0), numeric["c"])
    assert agree((predictions - y).T @ h[1:], numeric["V"])
    assert far_apart((delta @ np.eye(4)).sum(axis=0), numeric["b"])  # printed: the derivative of b by b
    with pytest.raises(ValueError, match="mismatch"):
        delta @ np.eye(p["U"].size)  # printed: the derivative of U by U


# --- LSTM ----------------------------------------------------------------------------------------------------------


def lstm_errors(p: dict[str, Array], s: dict[str, Array], y: Array) -> tuple[Array, Array, dict[str, Array]]:
    """Corrected recursion: errors of h and C, and of the weighted inputs of the four gates."""
    delta_h = (s["prediction"] - y) @ p["V"]
    delta_C = np.zeros((T, 4))
    gamma = {g: np.zeros((T, 4)) for g in "fiao"}
    for t in range(T - 1, -1, -1):
        if t < T - 1:
            delta_h[t] += sum(p[f"W{g}"].T @ gamma[g][t + 1] for g in "fiao")
            delta_C[t] = delta_C[t + 1] * s["f"][t + 1]
        delta_C[t] += delta_h[t] * s["o"][t] * (1 - np.tanh(s["C"][t + 1]) ** 2)
        gamma["f"][t] = delta_C[t] * s["C"][t] * s["f"][t] * (1 - s["f"][t])
        gamma["i"][t] = delta_C[t] * s["a"][t] * s["i"][t] * (1 - s["i"][t])
        gamma["a"][t] = delta_C[t] * s["i"][t] * (1 - s["a"][t] ** 2)
        gamma["o"][t] = delta_h[t] * np.tanh(s["C"][t + 1]) * s["o"][t] * (1 - s["o"][t])
    return delta_h, delta_C, gamma


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_forget_gate_keeps(share: float) -> None:
    p, x, y = lstm(0)
    p["Wf"][:], p["Uf"][:], p["bf"][:] = 0, 0, np.log(share / (1 - share))  # f is the share everywhere
    p["Wi"][:], p["Ui"][:], p["bi"][:] = 0, 0, -60  # nothing new comes in
    C = run_lstm(p, x, y, *no_push())[0]["C"]
    assert agree(C[1], share * C[0])
    assert far_apart(C[1], (1 - share) * C[0])  # printed: f is what is forgotten


@pytest.mark.parametrize("seed", SEEDS)
def test_lstm_o_is_a_gate(seed: int) -> None:
    p, x, y = lstm(seed)
    push_h, push_C = no_push()
    numeric = gradient(lambda: run_lstm(p, x, y, push_h, push_C)[1], push_h)[-1]
    trace, _ = run_lstm(p, x, y, push_h, push_C)
    assert agree(p["V"].T @ (trace["prediction"][-1] - y[-1]), numeric)

    def gate(last: Array) -> Array:
        return run_lstm(p, x, y, np.vstack([push_h[:-1], last]), push_C)[0]["o"][-1]

    by_gate = trace["h"][-1] / trace["o"][-1] * numeric  # the derivative of the loss by the gate, through h
    assert np.linalg.norm(by_gate) > 1e-3
    assert far_apart(by_gate @ jacobian(gate, push_h[-1]), numeric)  # printed: the product is 0
    assert not np.any(jacobian(gate, push_h[-1]))


@pytest.mark.parametrize("seed", SEEDS)
def test_lstm_hidden_recursion_goes_through_four_gates(seed: int) -> None:
    p, x, y = lstm(seed)
    push_h, push_C = no_push()
    trace, _ = run_lstm(p, x, y, push_h, push_C)
    numeric_h = gradient(lambda: run_lstm(p, x, y, push_h, push_C)[1], push_h)
    numeric_C = gradient(lambda: run_lstm(p, x, y, push_h, push_C)[1], push_C)
    delta_h, delta_C, _ = lstm_errors(p, trace, y)
    assert agree(delta_h, numeric_h)
    assert agree(delta_C, numeric_C)
    matrices = [p[f"W{g}"] for g in "fiao"] + [sum(p[f"W{g}"] for g in "fiao")]
    for W, t in product(matrices, range(T - 1)):  # the W that the text leaves undefined
        slope = 1 - trace["h"][t + 2] ** 2
        with pytest.raises(ValueError, match="mismatch"):
            (W.T @ numeric_h[t + 1])[:, np.newaxis] @ np.diag(slope)
        local = p["V"].T @ (trace["prediction"][t] - y[t])
        assert far_apart(local + W.T @ numeric_h[t + 1] * slope, numeric_h[t])
        assert far_apart(local + W.T @ (slope * numeric_h[t + 1]), numeric_h[t])  # nor with the order repaired


@pytest.mark.parametrize("seed", SEEDS)
def test_lstm_forget_weight_gradient_sums_over_time(seed: int) -> None:
    p, x, y = lstm(seed)
    trace, _ = run_lstm(p, x, y, *no_push())
    gamma = lstm_errors(p, trace, y)[2]
    for g in "fiao":  # the source derives W_f and leaves the others to the reader
        numeric = gradient(lambda: run_lstm(p, x, y, *no_push())[1], p[f"W{g}"])
        terms = [np.outer(gamma[g][t], trace["h"][t]) for t in range(T)]
        assert agree(sum(terms), numeric)
        for term in terms:  # printed: one position t, without the sum
            assert far_apart(term, numeric)


# --- RBM -----------------------------------------------------------------------------------------------------------


SHAPES = [(3, 4), (4, 2), (3, 3)]


@pytest.mark.parametrize(("n_visible", "n_hidden"), SHAPES)
def test_rbm_units_are_only_conditionally_independent(n_visible: int, n_hidden: int) -> None:
    r = machine(1, n_visible, n_hidden)
    for table, states in ((r.joint.sum(axis=0), r.h), (r.joint.sum(axis=1), r.v)):
        single = table @ states
        independent = np.prod(np.where(states == 1, single, 1 - single), axis=1)
        assert far_apart(independent, table)  # printed: the units of a layer are independent
    for row in range(len(r.v)):
        single = r.hidden_given(row)
        assert agree(np.prod(np.where(r.h == 1, single, 1 - single), axis=1), r.joint[row] / r.joint[row].sum())


@pytest.mark.parametrize(("n_visible", "n_hidden"), SHAPES)
@pytest.mark.parametrize("seed", SEEDS)
def test_rbm_conditional_uses_rows_of_W(seed: int, n_visible: int, n_hidden: int) -> None:
    r = machine(seed, n_visible, n_hidden)
    for row, v in enumerate(r.visible):
        exact = r.hidden_given(row)
        assert agree([sigmoid(r.b[j] + r.W[j, :] @ v) for j in range(n_hidden)], exact)
        for j in range(min(n_visible, n_hidden)):
            assert sigmoid(r.b[j] + r.W[:, j] * v[j]).shape == (n_hidden,)  # printed: not one probability but n_h
        if n_hidden > n_visible:
            with pytest.raises(IndexError):
                r.W[:, n_hidden - 1]
        exponents = np.array([np.sum([r.b[j] * h[j] + h[j] * (r.W[j] @ v) for j in range(n_hidden)]) for h in r.hidden])
        assert agree(softmax(exponents), r.joint[row] / r.joint[row].sum())
    last, diagonal = len(r.v) - 1, np.diag(r.W)[: min(n_visible, n_hidden)]  # v = (1, ..., 1); W_jj as the best guess
    assert far_apart(sigmoid(r.b[: len(diagonal)] + diagonal), r.hidden_given(last)[: len(diagonal)])


@pytest.mark.parametrize(("n_visible", "n_hidden"), SHAPES)
@pytest.mark.parametrize("seed", SEEDS)
def test_rbm_visible_conditional_uses_all_hidden_units(seed: int, n_visible: int, n_hidden: int) -> None:
    r = machine(seed, n_visible, n_hidden)
    for column, h in enumerate(r.hidden):
        assert agree([sigmoid(r.a[j] + r.W[:, j] @ h) for j in range(n_visible)], r.visible_given(column))
        for j in range(min(n_visible, n_hidden)):
            assert sigmoid(r.a[j] + r.W[:, j] * h[j]).shape == (n_hidden,)  # printed: a vector, not a probability
        if n_visible > n_hidden:
            with pytest.raises(IndexError):
                h[n_visible - 1]


@pytest.mark.parametrize(("n_visible", "n_hidden"), SHAPES)
@pytest.mark.parametrize("seed", SEEDS)
def test_rbm_normaliser_is_not_inverted(seed: int, n_visible: int, n_hidden: int) -> None:
    r = machine(seed, n_visible, n_hidden)
    for row, v in enumerate(r.visible):
        unnormalised = np.exp(r.h @ r.b + r.h @ r.W @ v)
        p_v = r.joint[row].sum()
        printed = 1 / p_v / r.Z * np.exp(r.a @ v)
        correct = p_v * r.Z * np.exp(-r.a @ v)
        assert agree(correct, unnormalised.sum())
        assert agree(unnormalised / correct, r.joint[row] / p_v)
        assert far_apart([np.sum(unnormalised / printed)], [1.0])


@pytest.mark.parametrize(("n_visible", "n_hidden"), SHAPES)
@pytest.mark.parametrize("seed", SEEDS)
def test_rbm_encoding_uses_the_hidden_bias(seed: int, n_visible: int, n_hidden: int) -> None:
    r = machine(seed, n_visible, n_hidden)
    for row, v in enumerate(r.visible):
        assert agree(sigmoid(r.b + r.W @ v), r.hidden_given(row))
    for column, h in enumerate(r.hidden):
        assert agree(sigmoid(r.a + r.W.T @ h), r.visible_given(column))
    if n_visible != n_hidden:
        with pytest.raises(ValueError, match="broadcast"):
            sigmoid(r.a + r.W @ r.visible[-1])  # printed: encoding with a
        with pytest.raises(ValueError, match="broadcast"):
            sigmoid(r.b + r.W.T @ r.hidden[-1])  # printed: decoding with b
    else:
        assert far_apart(sigmoid(r.a + r.W @ r.visible[-1]), r.hidden_given(len(r.v) - 1))
        assert far_apart(sigmoid(r.b + r.W.T @ r.hidden[-1]), r.visible_given(len(r.h) - 1))


def test_rbm_reconstruction_error_is_not_the_likelihood() -> None:
    copier = Machine(20 * np.eye(2), np.full(2, -10.0), np.full(2, -10.0))  # copies every pattern
    modest = Machine(np.zeros((2, 2)), np.full(2, 2.0), np.zeros(2))  # has learned that (1, 1) is frequent
    row = len(copier.v) - 1  # the only training pattern, v = (1, 1)

    def measures(r: Machine) -> tuple[float, float]:
        """Exact mean squared reconstruction error of the pattern, and its negative log-likelihood."""
        chance = r.joint[row] / r.joint[row].sum()
        errors = [np.sum((r.v[row] - r.visible_given(column)) ** 2) for column in range(len(r.h))]
        return float(chance @ errors), -float(np.log(r.joint[row].sum()))

    (copier_error, copier_loss), (modest_error, modest_loss) = measures(copier), measures(modest)
    assert copier_error < modest_error / 100
    assert copier_loss > 5 * modest_loss  # printed: a smaller error is a smaller loss
