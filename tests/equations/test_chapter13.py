"""The equations of chapter 13: machines so small that every state is written down, against the package."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from math import exp, log, pi, sqrt

import numpy as np
from equations.sampling import Array, Rng, at_most
from verify import Pairs, verifies

from dlbook import DBM, DBN, BernoulliRBM, BoltzmannMachine, GaussianBernoulliRBM, RatingRBM, one_hot, rmse, sigmoid
from dlbook.check import numerical_gradient
from dlbook.enumeration import log_likelihood, log_partition
from dlbook.init import normal


def states(n: int) -> Iterator[Array]:
    """All states of n binary units."""
    return (np.array(s, dtype=float) for s in product((0, 1), repeat=n))


def small(rng: Rng, n: int, low: int = 1, high: int = 4) -> list[int]:
    """Draw n sizes from low to high − 1."""
    return [int(size) for size in rng.integers(low, high, size=n)]


def scattered(machine: RatingRBM | GaussianBernoulliRBM | BernoulliRBM | DBM, rng: Rng) -> None:
    """Give every parameter random numbers."""
    for p in machine.params.values():
        p[...] = rng.normal(scale=0.8, size=p.shape)


def slope(f: Callable[[], float], p: Array) -> Array:
    """The derivative of f by an array that f reads."""

    def at(x: Array) -> float:
        old = p.copy()
        p[...] = x
        value = f()
        p[...] = old
        return value

    return numerical_gradient(at, p.copy())


# --- ratings -------------------------------------------------------------------------------------------------------


class User:
    """One user with some of a few films rated, and the machine; W[j, i, k], a[i, k] as in the text, k from 0."""

    def __init__(self, rng: Rng) -> None:
        self.N, self.n_h = small(rng, 2)
        self.K = int(rng.integers(2, 4))
        self.machine = RatingRBM(self.N, self.K, self.n_h, rng=rng)
        scattered(self.machine, rng)
        self.W = self.machine.params["W"].reshape(self.n_h, self.N, self.K)
        self.a, self.b = self.machine.params["a"].reshape(self.N, self.K), self.machine.params["b"]
        self.r = rng.integers(0, self.K + 1, size=self.N)  # 0: not rated
        self.v = self.units(self.r)

    def units(self, r: Array) -> Array:
        return one_hot(r[None], self.K)

    @property
    def rated(self) -> list[int]:
        return [i for i in range(self.N) if self.r[i]]

    def energy(self, r: Array, h: Array) -> float:
        E = 0.0
        for i in range(self.N):
            if r[i]:
                E -= self.a[i, r[i] - 1]
                for j in range(self.n_h):
                    E -= h[j] * self.W[j, i, r[i] - 1]
        return float(E - sum(self.b[j] * h[j] for j in range(self.n_h)))

    def stars(self) -> Iterator[Array]:
        """All ratings of the films that the user has rated."""
        choices = (range(1, self.K + 1) if self.r[i] else (0,) for i in range(self.N))
        return (np.array(r) for r in product(*choices))

    def weight(self, r: Array) -> float:
        return sum(exp(-self.energy(r, h)) for h in states(self.n_h))


@verifies("eq-rmse", precision=1e-12)
def test_rmse(rng: Rng) -> Pairs:
    """A loop over the known cells."""
    R = rng.integers(0, 6, size=small(rng, 2, 1, 6))
    R[0, 0] = 3
    predicted = rng.uniform(1, 5, size=R.shape)
    squares = [(predicted[u, i] - R[u, i]) ** 2 for u in range(len(R)) for i in range(R.shape[1]) if R[u, i]]
    yield sqrt(sum(squares) / len(squares)), rmse(predicted, R)


@verifies("eq-rating-energy", precision=1e-12)
def test_rating_energy(rng: Rng) -> Pairs:
    """The sums over the rated films, for every state of the hidden units."""
    u = User(rng)
    for h in states(u.n_h):
        yield u.energy(u.r, h), u.machine.energy(u.v, h[None])[0]


@verifies("eq-rating-hidden", precision=1e-12)
def test_rating_hidden(rng: Rng) -> Pairs:
    """The sigmoid of a loop, the package, and the ratio of enumerated sums."""
    u = User(rng)
    total = u.weight(u.r)
    for j in range(u.n_h):
        p = sigmoid(u.b[j] + sum(u.W[j, i, u.r[i] - 1] for i in u.rated))
        yield p, u.machine.hidden_probabilities(u.v)[0, j]
        yield p, sum(exp(-u.energy(u.r, h)) for h in states(u.n_h) if h[j]) / total


@verifies("eq-rating-softmax", precision=1e-12)
def test_rating_softmax(rng: Rng) -> Pairs:
    """As displayed, against the package for all films and against ratios of the joint for a rated one."""
    u = User(rng)
    for h in states(u.n_h):
        mean = u.machine.visible_mean(h[None]).reshape(u.N, u.K)
        for i in range(u.N):
            odds = [exp(u.a[i, k] + sum(h[j] * u.W[j, i, k] for j in range(u.n_h))) for k in range(u.K)]
            yield np.array(odds) / sum(odds), mean[i]
            if u.r[i]:
                joint = [exp(-u.energy(np.where(np.arange(u.N) == i, k, u.r), h)) for k in range(1, u.K + 1)]
                yield np.array(joint) / sum(joint), mean[i]


@verifies("eq-rating-free-energy", precision=1e-12)
def test_rating_free_energy(rng: Rng) -> Pairs:
    """The formula, the package, and minus the logarithm of the enumerated sum."""
    u = User(rng)
    F = -sum(u.a[i, u.r[i] - 1] for i in u.rated)
    for j in range(u.n_h):
        F -= log(1 + exp(u.b[j] + sum(u.W[j, i, u.r[i] - 1] for i in u.rated)))
    yield F, u.machine.free_energy(u.v)[0]
    yield F, -log(u.weight(u.r))


@verifies("eq-rating-likelihood", precision=1e-12)
def test_rating_likelihood(rng: Rng) -> Pairs:
    """Z_I by the product over the rated films and by all ratings; the package's P(r | I)."""
    u = User(rng)
    Z = 0.0
    for h in states(u.n_h):
        term = exp(u.b @ h)
        for i in u.rated:
            term *= sum(exp(u.a[i, k] + sum(h[j] * u.W[j, i, k] for j in range(u.n_h))) for k in range(u.K))
        Z += term
    yield Z, sum(u.weight(r) for r in u.stars())
    yield exp(-u.machine.free_energy(u.v)[0]) / Z, exp(u.machine.log_likelihood(u.v)[0])


@verifies("eq-rating-gradient", precision=1e-6)
def test_rating_gradient(rng: Rng) -> Pairs:
    """Data minus model over all ratings, the package's gradient with its sign, and finite differences."""
    u = User(rng)
    Z = sum(u.weight(r) for r in u.stars())
    p = u.machine.hidden_probabilities(u.v)[0]
    g = np.zeros_like(u.W)
    for j, i, k in product(range(u.n_h), u.rated, range(u.K)):
        model = sum(exp(-u.energy(r, h)) for r in u.stars() for h in states(u.n_h) if h[j] and r[i] == k + 1)
        g[j, i, k] = (u.r[i] == k + 1) * p[j] - model / Z
    yield g, -u.machine.exact_gradient(u.v)["W"].reshape(g.shape)
    yield g.reshape(u.n_h, -1), slope(lambda: float(u.machine.log_likelihood(u.v)[0]), u.machine.params["W"])


@verifies("eq-rating-prediction", precision=1e-12)
def test_rating_prediction(rng: Rng) -> Pairs:
    """Up by a loop over the rated films, down by a loop over the hidden units, for every film."""
    u = User(rng)
    p = [sigmoid(u.b[j] + sum(u.W[j, i, u.r[i] - 1] for i in u.rated)) for j in range(u.n_h)]
    for q in range(u.N):
        odds = [exp(u.a[q, k] + sum(p[j] * u.W[j, q, k] for j in range(u.n_h))) for k in range(u.K)]
        yield np.array(odds) / sum(odds), u.machine.rating_probabilities(u.v)[0, q]


@verifies("eq-rating-expectation", precision=1e-12)
def test_rating_expectation(rng: Rng) -> Pairs:
    """The mean over the stars."""
    u = User(rng)
    P = u.machine.rating_probabilities(u.v)[0]
    for q in range(u.N):
        yield sum(k * P[q, k - 1] for k in range(1, u.K + 1)), u.machine.predict(u.v)[0, q]


@verifies("eq-rating-exact", precision=1e-12)
def test_rating_exact(rng: Rng) -> Pairs:
    """As displayed, against the package and against sums over the hidden units, for films without a rating."""
    u = User(rng)
    u.r[0] = 0
    u.v = u.units(u.r)
    for q in [i for i in range(u.N) if not u.r[i]]:
        z = [u.b[j] + sum(u.W[j, i, u.r[i] - 1] for i in u.rated) for j in range(u.n_h)]
        odds = [exp(u.a[q, k]) * np.prod([1 + exp(z[j] + u.W[j, q, k]) for j in range(u.n_h)]) for k in range(u.K)]
        displayed = np.array(odds) / sum(odds)
        yield displayed, u.machine.exact_rating_probabilities(u.v)[0, q]
        sums = [u.weight(np.where(np.arange(u.N) == q, k, u.r)) for k in range(1, u.K + 1)]
        yield displayed, np.array(sums) / sum(sums)


# --- continuous units ----------------------------------------------------------------------------------------------


class Continuous:
    """A small Gaussian machine and one point."""

    def __init__(self, rng: Rng) -> None:
        self.n_v, self.n_h = small(rng, 2)
        self.sigma = rng.uniform(0.4, 2.0, size=self.n_v)
        self.machine = GaussianBernoulliRBM(self.n_v, self.n_h, rng=rng, sigma=self.sigma)
        scattered(self.machine, rng)
        self.W, self.a, self.b = (self.machine.params[name] for name in "Wab")
        self.v = rng.normal(size=self.n_v)

    def energy(self, v: Array, h: Array) -> float:
        E = -float(self.b @ h)
        for i in range(self.n_v):
            E += (v[i] - self.a[i]) ** 2 / (2 * self.sigma[i] ** 2)
            E -= sum(h[j] * self.W[j, i] * v[i] / self.sigma[i] for j in range(self.n_h))
        return float(E)

    def centre(self, h: Array) -> Array:
        return np.array(
            [self.a[i] + self.sigma[i] * sum(h[j] * self.W[j, i] for j in range(self.n_h)) for i in range(self.n_v)]
        )

    def normal(self, v: Array, centre: Array) -> float:
        factors = np.exp(-((v - centre) ** 2) / (2 * self.sigma**2)) / (sqrt(2 * pi) * self.sigma)
        return float(np.prod(factors))


@verifies("eq-gaussian-energy", precision=1e-12)
def test_gaussian_energy(rng: Rng) -> Pairs:
    """Loops over the units."""
    c = Continuous(rng)
    for h in states(c.n_h):
        yield c.energy(c.v, h), c.machine.energy(c.v[None], h[None])[0]


@verifies("eq-gaussian-hidden", precision=1e-12)
def test_gaussian_hidden(rng: Rng) -> Pairs:
    """The sigmoid, the package, and ratios of the enumerated joint."""
    c = Continuous(rng)
    total = sum(exp(-c.energy(c.v, h)) for h in states(c.n_h))
    for j in range(c.n_h):
        p = sigmoid(c.b[j] + sum(c.W[j, i] * c.v[i] / c.sigma[i] for i in range(c.n_v)))
        yield p, c.machine.hidden_probabilities(c.v[None])[0, j]
        yield p, sum(exp(-c.energy(c.v, h)) for h in states(c.n_h) if h[j]) / total


@verifies("eq-gaussian-visible", precision=1e-9)
def test_gaussian_visible(rng: Rng) -> Pairs:
    """The mean; that e^−E has the shape of this normal density in v; and a sample is the mean plus σ times noise."""
    c = Continuous(rng)
    other = rng.normal(size=c.n_v)
    for h in states(c.n_h):
        centre = c.centre(h)
        yield centre, c.machine.visible_mean(h[None])[0]
        yield c.normal(c.v, centre) / c.normal(other, centre), exp(c.energy(other, h) - c.energy(c.v, h))
        noise = np.random.default_rng(7).standard_normal((1, c.n_v))
        yield centre + c.sigma * noise[0], c.machine.sample_visible(h[None], rng=np.random.default_rng(7))[0]


@verifies("eq-gaussian-free-energy", precision=1e-12)
def test_gaussian_free_energy(rng: Rng) -> Pairs:
    """The formula, the package, and the enumerated sum over h."""
    c = Continuous(rng)
    F = sum((c.v[i] - c.a[i]) ** 2 / (2 * c.sigma[i] ** 2) for i in range(c.n_v))
    for j in range(c.n_h):
        F -= log(1 + exp(c.b[j] + sum(c.W[j, i] * c.v[i] / c.sigma[i] for i in range(c.n_v))))
    yield F, c.machine.free_energy(c.v[None])[0]
    yield F, -log(sum(exp(-c.energy(c.v, h)) for h in states(c.n_h)))


@verifies("eq-gaussian-mixture", precision=1e-9)
def test_gaussian_mixture(rng: Rng) -> Pairs:
    """The mixture with the package's weights is the package's density, and so with weights by integration on a grid."""
    c = Continuous(rng)
    weights, centres = c.machine.mixture()
    for h, centre in zip(states(c.n_h), centres, strict=True):
        yield c.centre(h), centre
    displayed = sum(w * c.normal(c.v, centre) for w, centre in zip(weights, centres, strict=True))
    yield displayed, exp(log_likelihood(c.machine, c.v[None])[0])
    volumes = []
    for h, centre in zip(states(c.n_h), centres, strict=True):  # ∫ e^−E dv = e^−E at any v over the density there
        volumes.append(exp(-c.energy(centre, h)) / c.normal(centre, centre))
    yield np.array(volumes) / sum(volumes), weights


# --- the general machine -------------------------------------------------------------------------------------------


class General:
    """A small machine with all connections."""

    def __init__(self, rng: Rng) -> None:
        self.n_v, self.n_hidden = small(rng, 2)
        self.machine = BoltzmannMachine(self.n_v, self.n_hidden, rng=rng, init=normal(0.8))
        self.W, self.b = self.machine.params["W"], self.machine.params["b"]
        self.b[...] = rng.normal(size=self.b.shape)
        self.n = self.machine.n

    def energy(self, s: Array) -> float:
        E = -sum(self.b[i] * s[i] for i in range(self.n))
        for i, j in product(range(self.n), repeat=2):
            E -= 0.5 * s[i] * self.W[i, j] * s[j]
        return float(E)


@verifies("eq-boltzmann-energy", precision=1e-12)
def test_boltzmann_energy(rng: Rng) -> Pairs:
    """The double sum, for every state."""
    g = General(rng)
    for s in states(g.n):
        yield g.energy(s), g.machine.energy(s[None])[0]


@verifies("eq-boltzmann-conditional", precision=1e-12)
def test_boltzmann_conditional(rng: Rng) -> Pairs:
    """The sigmoid, the package, and the ratio of two states."""
    g = General(rng)
    for s in states(g.n):
        for i in range(g.n):
            p = sigmoid(g.b[i] + sum(g.W[i, j] * s[j] for j in range(g.n) if j != i))
            yield p, g.machine.conditional(s[None])[0, i]
            on, off = (np.where(np.arange(g.n) == i, value, s) for value in (1.0, 0.0))
            yield p, 1 / (1 + exp(g.energy(on) - g.energy(off)))


@verifies("eq-boltzmann-gradient", precision=1e-6)
def test_boltzmann_gradient(rng: Rng) -> Pairs:
    """Two enumerated correlations, the package, and finite differences of a pair of weights that stay equal."""
    g = General(rng)
    v = rng.integers(2, size=g.n_v).astype(float)
    free = {tuple(s): exp(-g.energy(s)) for s in states(g.n)}
    clamped = {s: w for s, w in free.items() if np.array_equal(s[: g.n_v], v)}
    grads = g.machine.exact_gradient(v[None])["W"]
    for i in range(g.n):
        for j in range(i):
            means = [sum(w * s[i] * s[j] for s, w in t.items()) / sum(t.values()) for t in (free, clamped)]
            yield means[0] - means[1], grads[i, j]

            def loss(w: Array, i: int = i, j: int = j) -> float:
                old = g.W[i, j]
                g.W[i, j] = g.W[j, i] = w[0]
                value = -float(g.machine.log_likelihood(v[None])[0])
                g.W[i, j] = g.W[j, i] = old
                return value

            yield numerical_gradient(loss, np.array([g.W[i, j]]))[0] + 1, means[0] - means[1] + 1


# --- deep Boltzmann machines ---------------------------------------------------------------------------------------


class Deep:
    """A small deep Boltzmann machine; layer l has W[l], bias[l]."""

    def __init__(self, rng: Rng, hidden: int | None = None) -> None:
        L = int(rng.integers(1, 4)) if hidden is None else hidden
        self.machine = DBM(*small(rng, L + 1, 1, 3), rng=rng)
        scattered(self.machine, rng)
        self.sizes, self.L = self.machine.sizes, L
        self.W = {l: self.machine.params[f"W{l}"] for l in range(1, L + 1)}
        self.bias = {0: self.machine.params["a"]} | {l: self.machine.params[f"b{l}"] for l in range(1, L + 1)}
        self.layers = [rng.integers(2, size=n).astype(float) for n in self.sizes]

    def energy(self, layers: list[Array]) -> float:
        E = -sum(float(self.bias[l] @ layers[l]) for l in range(self.L + 1))
        for l in range(1, self.L + 1):
            for j, k in product(range(self.sizes[l]), range(self.sizes[l - 1])):
                E -= layers[l][j] * self.W[l][j, k] * layers[l - 1][k]
        return float(E)

    def hidden_states(self) -> Iterator[list[Array]]:
        return (list(h) for h in product(*(list(states(n)) for n in self.sizes[1:])))

    def all_states(self) -> Iterator[list[Array]]:
        return ([v, *h] for v in states(self.sizes[0]) for h in self.hidden_states())

    def sigmoid_of_neighbours(self, l: int, j: int, layers: list[Array]) -> float:
        z = self.bias[l][j]
        if l > 0:
            z += sum(self.W[l][j, k] * layers[l - 1][k] for k in range(self.sizes[l - 1]))
        if l < self.L:
            z += sum(self.W[l + 1][k, j] * layers[l + 1][k] for k in range(self.sizes[l + 1]))
        return float(sigmoid(z))


def rows(layers: list[Array]) -> list[Array]:
    """One example as a batch."""
    return [x[None] for x in layers]


@verifies("eq-dbm-energy", precision=1e-12)
def test_dbm_energy(rng: Rng) -> Pairs:
    """Loops over all pairs of neighbours."""
    d = Deep(rng)
    for layers in d.all_states():
        yield d.energy(layers), d.machine.energy(*rows(layers))[0]


@verifies("eq-dbm-conditional", precision=1e-12)
def test_dbm_conditional(rng: Rng) -> Pairs:
    """Both sums, the package, and the ratio of two states."""
    d = Deep(rng)
    for l in range(d.L + 1):
        for j in range(d.sizes[l]):
            p = d.sigmoid_of_neighbours(l, j, d.layers)
            yield p, d.machine.conditional(l, rows(d.layers))[0, j]
            E = []
            for value in (1.0, 0.0):
                layers = [x.copy() for x in d.layers]
                layers[l][j] = value
                E.append(d.energy(layers))
            yield p, 1 / (1 + exp(E[0] - E[1]))


@verifies("eq-dbm-odd-even", precision=1e-12)
def test_dbm_odd_even(rng: Rng) -> Pairs:
    """The blocks, the package's machine, and the energy of all states."""
    d = Deep(rng, hidden=3)
    W = np.block([[d.W[1], d.W[2].T], [np.zeros((d.sizes[3], d.sizes[0])), d.W[3]]])
    rbm = d.machine.as_rbm()
    yield W, rbm.params["W"]
    for v, h1, h2, h3 in d.all_states():
        odd, even = np.concatenate([h1, h3]), np.concatenate([v, h2])
        E = -odd @ W @ even - rbm.params["a"] @ even - rbm.params["b"] @ odd
        yield E, d.energy([v, h1, h2, h3])


@verifies("eq-dbm-gradient", precision=1e-6)
def test_dbm_gradient(rng: Rng) -> Pairs:
    """Two enumerated means, the package, and finite differences."""
    d = Deep(rng)
    v = d.layers[0]
    model = [(exp(-d.energy(s)), s) for s in d.all_states()]
    data = [(exp(-d.energy([v, *h])), [v, *h]) for h in d.hidden_states()]
    grads = d.machine.exact_gradient(v[None])
    for l in range(1, d.L + 1):
        means = [sum(w * np.outer(s[l], s[l - 1]) for w, s in t) / sum(w for w, _ in t) for t in (model, data)]
        yield means[0] - means[1], grads[f"W{l}"]
        numeric = slope(lambda: -float(d.machine.log_likelihood(v[None])[0]), d.W[l])
        yield numeric + 1, means[0] - means[1] + 1


def factorized(d: Deep, mu: list[Array]) -> list[tuple[float, list[Array]]]:
    """Q(h) of all hidden states."""
    table = []
    for h in d.hidden_states():
        q = 1.0
        for p, x in zip(mu, h, strict=True):
            q *= float(np.prod(np.where(x == 1, p, 1 - p)))
        table.append((q, h))
    return table


@verifies("eq-mean-field-bound", precision=1e-9)
def test_mean_field_bound(rng: Rng) -> Pairs:
    """Enumerated: the mean energy is that of the means, the gap is the KL divergence, and it is a bound."""
    d = Deep(rng)
    v, mu = d.layers[0], [rng.uniform(0.1, 0.9, size=n) for n in d.sizes[1:]]
    Q = factorized(d, mu)
    entropy = -sum(q * log(q) for q, _ in Q)
    log_Z = log_partition(d.machine.as_rbm())
    bound = -d.energy([v, *mu]) + entropy - log_Z
    yield bound, d.machine.bound(v[None], rows(mu), log_Z)[0]
    yield sum(q * d.energy([v, *h]) for q, h in Q), d.energy([v, *mu])
    weights = [exp(-d.energy([v, *h])) for _, h in Q]
    log_p = log(sum(weights)) - log(sum(exp(-d.energy(s)) for s in d.all_states()))
    KL = sum(q * log(q / (w / sum(weights))) for (q, _), w in zip(Q, weights, strict=True))
    yield log_p - bound, KL
    yield at_most(bound, log_p)


@verifies("eq-mean-field", precision=1e-7)
def test_mean_field(rng: Rng) -> Pairs:
    """Where the package's steps have stopped, the equation holds and the bound is flat; each step is the equation."""
    d = Deep(rng)
    v = d.layers[0]
    first = [x[0] for x in d.machine.mean_field(v[None], steps=1)]
    layers = [v, *(np.full(n, 0.5) for n in d.sizes[1:])]
    for l in (*range(1, d.L + 1, 2), *range(2, d.L + 1, 2)):
        layers[l] = np.array([d.sigmoid_of_neighbours(l, j, layers) for j in range(d.sizes[l])])
    yield from zip(layers[1:], first, strict=True)
    mu = [x[0] for x in d.machine.mean_field(v[None], steps=600)]
    for l in range(1, d.L + 1):
        yield np.array([d.sigmoid_of_neighbours(l, j, [v, *mu]) for j in range(d.sizes[l])]), mu[l - 1]

    def bound(x: Array) -> float:
        parts = np.split(x, np.cumsum(d.sizes[1:])[:-1])
        H = -sum(float((p * np.log(p) + (1 - p) * np.log(1 - p)).sum()) for p in parts)
        return -d.energy([v, *parts]) + H

    x = np.concatenate(mu)
    yield numerical_gradient(bound, x, h=1e-6) + 1, np.ones(len(x))


# --- deep belief networks ------------------------------------------------------------------------------------------


class Belief:
    """A small belief network of two machines; with ``mirror`` the third layer is as large as the first."""

    def __init__(self, rng: Rng, *, mirror: bool = False) -> None:
        sizes = small(rng, 3)
        self.dbn = DBN(*sizes[:2], sizes[0] if mirror else sizes[2], rng=rng)
        for rbm in self.dbn.rbms:
            scattered(rbm, rng)
        self.n_v, self.n_1, self.n_2 = self.dbn.sizes
        self.v = rng.integers(2, size=self.n_v).astype(float)

    def p_visible(self, v: Array, h: Array) -> float:
        """P(v | h¹)."""
        p = self.dbn.rbms[0].params
        on = [sigmoid(p["a"][i] + sum(h[j] * p["W"][j, i] for j in range(self.n_1))) for i in range(self.n_v)]
        return float(np.prod([on[i] if v[i] else 1 - on[i] for i in range(self.n_v)]))

    def p_top(self) -> dict[tuple[float, ...], float]:
        """P(h¹) of the second machine, by all its states."""
        p = self.dbn.rbms[1].params
        table = {
            tuple(h1): sum(exp(float(p["a"] @ h1 + p["b"] @ h2 + h2 @ p["W"] @ h1)) for h2 in states(self.n_2))
            for h1 in states(self.n_1)
        }
        return {h1: w / sum(table.values()) for h1, w in table.items()}


@verifies("eq-dbn-joint", precision=1e-12)
def test_dbn_joint(rng: Rng) -> Pairs:
    """Summed over the hidden layers it is the package's P(v), and over all v it is 1."""
    b = Belief(rng)
    top = b.p_top()
    total = 0.0
    for v in states(b.n_v):
        p = sum(b.p_visible(v, np.array(h1)) * w for h1, w in top.items())
        total += p
        yield p, exp(b.dbn.log_likelihood(v[None])[0])
    yield total, 1.0


@verifies("eq-dbn-bound", precision=1e-9)
def test_dbn_bound(rng: Rng) -> Pairs:
    """The right side with Q the pass up, against the package; and it is a bound of the log-likelihood."""
    b = Belief(rng)
    top, up = b.p_top(), b.dbn.rbms[0].hidden_probabilities(b.v[None])[0]
    right = 0.0
    for h1 in states(b.n_1):
        q = float(np.prod(np.where(h1 == 1, up, 1 - up)))
        right += q * (log(b.p_visible(b.v, h1)) + log(top[tuple(h1)]) - log(q))
    yield right, b.dbn.bound(b.v[None])[0]
    yield at_most(right, b.dbn.log_likelihood(b.v[None])[0] + 1e-12)


@verifies("eq-dbn-greedy", precision=1e-10)
def test_dbn_greedy(rng: Rng) -> Pairs:
    """With the copy on top: the weights turned, the same P(v) as the first machine, the bound tight."""
    b = Belief(rng, mirror=True)
    b.dbn.copy_upside_down(1)
    first, second = (rbm.params for rbm in b.dbn.rbms)
    for name, p in (("W", first["W"].T), ("a", first["b"]), ("b", first["a"])):
        yield p, second[name]
    V = np.array(list(states(b.n_v)))
    alone = log_likelihood(b.dbn.rbms[0], V)
    yield alone, b.dbn.log_likelihood(V)
    yield alone, b.dbn.bound(V)
