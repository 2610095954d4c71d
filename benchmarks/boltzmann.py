"""One epoch of contrastive divergence on digits, dlbook beside scikit-learn.

Both take 784 visible and 256 hidden units, batches of 100 in float32 and the same learning rate, and start at weights
with the same spread. Ours runs CD-1 through the book's training loop. scikit-learn's ``fit`` runs persistent CD with
one step, the same number of products.
"""

from __future__ import annotations

import numpy as np
from sklearn.neural_network import BernoulliRBM as Theirs

from benchmarks.timing import side_by_side
from dlbook import SGD, BernoulliRBM, data, fit_rbm, pseudo_log_likelihood

EPOCHS = 5
LEARNING_RATE = 0.05
SETTINGS = {"learning_rate": LEARNING_RATE, "batch_size": 100, "random_state": 0}


def ours(v: np.ndarray, epochs: int) -> BernoulliRBM:
    """Return a machine trained with dlbook."""
    rng = np.random.default_rng(0)
    rbm = BernoulliRBM(784, 256, rng=rng).astype(np.float32)
    for _ in fit_rbm(rbm, SGD(LEARNING_RATE), v, epochs=epochs, batch_size=100, rng=rng, every="epoch"):
        pass
    return rbm


def theirs(v: np.ndarray, epochs: int) -> BernoulliRBM:
    """Return a machine with the parameters that scikit-learn has learned."""
    fitted = Theirs(256, n_iter=epochs, **SETTINGS).fit(v)
    rbm = BernoulliRBM(784, 256, rng=np.random.default_rng(0))
    rbm.params = {"W": fitted.components_, "a": fitted.intercept_visible_, "b": fitted.intercept_hidden_}
    return rbm


def main() -> None:
    """Print the table."""
    X, _, X_test, _ = data.mnist()
    v, v_test = ((images > 0.5).astype(np.float32)[:n] for images, n in ((X, 10_000), (X_test, 200)))
    print(f"\nrestricted Boltzmann machine 784-256, CD-1, batch 100, float32, {len(v)} digits; median milliseconds")
    print("(pseudo-likelihood: mean over test digits, all units; nearer to 0 is better)\n")
    a, b = side_by_side(lambda: ours(v, 1), lambda: theirs(v, 1), rounds=7, per_round=1)
    print(f"{'':28} {'dlbook':>9} {'sklearn':>9} {'ratio':>7}")
    print(f"{'one epoch':28} {1e3 * a:>9.0f} {1e3 * b:>9.0f} {a / b:>7.2f}")
    for epochs in (1, EPOCHS):
        scores = [float(pseudo_log_likelihood(train(v, epochs), v_test).mean()) for train in (ours, theirs)]
        print(f"{f'pseudo-likelihood, {epochs} epochs':28} {scores[0]:>9.1f} {scores[1]:>9.1f}")


if __name__ == "__main__":
    main()
