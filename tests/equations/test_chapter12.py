"""The equations of chapter 12: restricted Boltzmann machines so small that every state is listed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise, product
from math import exp, log

import numpy as np
from equations.sampling import Array, Rng
from verify import Pairs, verifies

from dlbook import (
    BernoulliRBM,
    ais,
    exact_gradient,
    gibbs_matrix,
    joint_probabilities,
    log_likelihood,
    log_partition,
    pseudo_log_likelihood,
    sigmoid,
)
from dlbook.check import numerical_gradient
from dlbook.init import normal

State = tuple[int, ...]


class Drawn:
    """A machine of one to four units in each layer, random numbers everywhere, and a batch of data."""

    def __init__(self, rng: Rng) -> None:
        self.n_v, self.n_h = (int(n) for n in rng.integers(1, 5, size=2))
        self.rbm = BernoulliRBM(self.n_v, self.n_h, rng=rng)
        for p in self.rbm.params.values():
            p[...] = rng.normal(scale=0.8, size=p.shape)
        self.W, self.a, self.b = (self.rbm.params[name] for name in "Wab")
        self.visible = list(product((0, 1), repeat=self.n_v))
        self.hidden = list(product((0, 1), repeat=self.n_h))
        self.v = rng.integers(2, size=(int(rng.integers(1, 5)), self.n_v)).astype(float)
        weights = {(v, h): exp(-self.E(v, h)) for v in self.visible for h in self.hidden}
        total = sum(weights.values())
        self.joint = {pair: weight / total for pair, weight in weights.items()}
        self.of_v = {v: sum(self.joint[v, h] for h in self.hidden) for v in self.visible}
        self.of_h = {h: sum(self.joint[v, h] for v in self.visible) for h in self.hidden}

    def E(self, v: State, h: State) -> float:
        """The energy of a pair of states by loops."""
        E = 0.0
        for i in range(self.n_v):
            E -= self.a[i] * v[i]
        for j in range(self.n_h):
            E -= self.b[j] * h[j]
            for i in range(self.n_v):
                E -= h[j] * self.W[j, i] * v[i]
        return float(E)

    def Z(self) -> float:
        """The sum over all pairs of states."""
        return sum(exp(-self.E(v, h)) for v in self.visible for h in self.hidden)

    def P(self, v: State, h: State) -> float:
        """The probability of a pair."""
        return self.joint[v, h]

    def P_v(self, v: State) -> float:
        """The probability of a picture."""
        return self.of_v[v]

    def P_h(self, h: State) -> float:
        """The probability of a hidden state."""
        return self.of_h[h]

    def F(self, v: State) -> float:
        """The free energy by the sum over the hidden states."""
        return -log(sum(exp(-self.E(v, h)) for h in self.hidden))

    def z(self, j: int, v: State) -> float:
        """The weighted sum of hidden unit j."""
        return float(self.b[j] + sum(self.W[j, i] * v[i] for i in range(self.n_v)))

    def T(self, v: State, after: State) -> float:
        """One Gibbs step, from conditional probabilities out of the joint ones."""
        return sum(self.P(after, h) / self.P_h(h) * self.P(v, h) / self.P_v(v) for h in self.hidden)

    def table(self, f: Callable[[State], float]) -> Array:
        """Values of a function of the picture for all pictures."""
        return np.array([f(v) for v in self.visible])

    def slopes(self, v: Array) -> dict[str, Array]:
        """∂F/∂θ at one picture by pushing each parameter."""

        def F(name: str) -> Callable[[Array], float]:
            def of(value: Array) -> float:
                kept = self.rbm.params[name].copy()
                self.rbm.params[name][...] = value
                result = self.F(tuple(int(x) for x in v))
                self.rbm.params[name][...] = kept
                return result

            return of

        return {name: numerical_gradient(F(name), self.rbm.params[name].copy()) for name in "Wab"}

    def mean_slopes(self, V: Array, weights: Array | None = None) -> dict[str, Array]:
        """The mean of ∂F/∂θ over pictures, weighted where ``weights`` are given."""
        w = np.full(len(V), 1 / len(V)) if weights is None else weights
        each = [self.slopes(v) for v in V]
        return {name: np.sum([k * s[name] for k, s in zip(w, each, strict=True)], axis=0) for name in "Wab"}


def states(v: Array) -> list[State]:
    """The rows as tuples of whole numbers."""
    return [tuple(int(x) for x in row) for row in v]


@verifies("eq-rbm-energy", precision=1e-12)
def test_energy(rng: Rng) -> Pairs:
    """Loops over units and connections, for every pair."""
    d = Drawn(rng)
    for v, h in product(d.visible, d.hidden):
        yield d.E(v, h), d.rbm.energy(np.array([v], dtype=float), np.array([h], dtype=float))[0]


@verifies("eq-rbm-joint", precision=1e-12)
def test_joint(rng: Rng) -> Pairs:
    """The whole table, and its sum."""
    d = Drawn(rng)
    P = np.array([[d.P(v, h) for h in d.hidden] for v in d.visible])
    yield P, joint_probabilities(d.rbm)
    yield P.sum(), 1


@verifies("eq-rbm-partition", precision=1e-12)
def test_partition(rng: Rng) -> Pairs:
    """All pairs added up, against the sum over one side."""
    d = Drawn(rng)
    yield log(d.Z()), log_partition(d.rbm)


@verifies("eq-rbm-hidden-product", precision=1e-12)
def test_hidden_product(rng: Rng) -> Pairs:
    """The product with its own Z', against a row of the joint table."""
    d = Drawn(rng)
    joint = joint_probabilities(d.rbm)
    for r, v in enumerate(d.visible):
        factors = np.array([np.prod([exp(h[j] * d.z(j, v)) for j in range(d.n_h)]) for h in d.hidden])
        yield factors / factors.sum(), joint[r] / joint[r].sum()


@verifies("eq-rbm-hidden-ratio", precision=1e-12)
def test_hidden_ratio(rng: Rng) -> Pairs:
    """The two cases of one unit."""
    d = Drawn(rng)
    for v, p in zip(states(d.v), d.rbm.hidden_probabilities(d.v), strict=True):
        yield [exp(d.z(j, v)) / (1 + exp(d.z(j, v))) for j in range(d.n_h)], p


@verifies("eq-rbm-hidden", precision=1e-12)
def test_hidden(rng: Rng) -> Pairs:
    """The sigmoid, against the package and against sums over the joint table."""
    d = Drawn(rng)
    for v, p in zip(states(d.v), d.rbm.hidden_probabilities(d.v), strict=True):
        displayed = [float(sigmoid(np.array(d.z(j, v)))) for j in range(d.n_h)]
        yield displayed, p
        yield displayed, [sum(d.P(v, h) for h in d.hidden if h[j]) / d.P_v(v) for j in range(d.n_h)]


@verifies("eq-rbm-visible", precision=1e-12)
def test_visible(rng: Rng) -> Pairs:
    """The sigmoid, against the package and against sums over the joint table."""
    d = Drawn(rng)
    for h, p in zip(d.hidden, d.rbm.visible_mean(np.array(d.hidden, dtype=float)), strict=True):
        z = [d.a[i] + sum(d.W[j, i] * h[j] for j in range(d.n_h)) for i in range(d.n_v)]
        yield sigmoid(np.array(z)), p
        yield sigmoid(np.array(z)), [sum(d.P(v, h) for v in d.visible if v[i]) / d.P_h(h) for i in range(d.n_v)]


@verifies("eq-rbm-free-energy", precision=1e-12)
def test_free_energy(rng: Rng) -> Pairs:
    """Both lines against the package."""
    d = Drawn(rng)
    F = d.rbm.free_energy(d.v)
    yield [d.F(v) for v in states(d.v)], F
    yield [-d.a @ np.array(v) - sum(log(1 + exp(d.z(j, v))) for j in range(d.n_h)) for v in states(d.v)], F


@verifies("eq-rbm-marginal", precision=1e-12)
def test_marginal(rng: Rng) -> Pairs:
    """Probabilities of all pictures, and Z from the free energies."""
    d = Drawn(rng)
    weights = np.exp(-d.rbm.free_energy(np.array(d.visible, dtype=float)))
    yield weights / weights.sum(), d.table(d.P_v)
    yield np.exp(log_likelihood(d.rbm, np.array(d.visible, dtype=float))), d.table(d.P_v)
    yield weights.sum(), d.Z()


@verifies("eq-rbm-log-likelihood", precision=1e-12)
def test_log_likelihood(rng: Rng) -> Pairs:
    """The mean logarithm of the probabilities, the free energies minus ln Z, and the package."""
    d = Drawn(rng)
    level = np.mean([log(d.P_v(v)) for v in states(d.v)])
    yield level, log_likelihood(d.rbm, d.v).mean()
    yield level, -np.mean([d.F(v) for v in states(d.v)]) - log(d.Z())


@verifies("eq-kl", precision=1e-12)
def test_kl(rng: Rng) -> Pairs:
    """By loops; against entropy and cross-entropy, and never negative."""
    p, q = rng.dirichlet(np.ones(6)), rng.dirichlet(np.ones(6))
    D = sum(p[i] * log(p[i] / q[i]) for i in range(6))
    yield D, -(p @ np.log(q)) + p @ np.log(p)
    yield min(D, 0.0), 0
    yield sum(p[i] * log(p[i] / p[i]) for i in range(6)), 0
    one, other = (BernoulliRBM(2, 3, rng=rng, init=normal(1.0)) for _ in range(2))
    P, Q = joint_probabilities(one).sum(axis=1), joint_probabilities(other).sum(axis=1)
    V = np.array(list(product((0.0, 1.0), repeat=2)))
    D = sum(P[i] * log(P[i] / Q[i]) for i in range(4))
    yield D, P @ (log_likelihood(one, V) - log_likelihood(other, V))


@verifies("eq-kl-likelihood", precision=1e-12)
def test_kl_likelihood(rng: Rng) -> Pairs:
    """The divergence of the machine from the data, against the package's likelihood."""
    d = Drawn(rng)
    there = sorted(set(states(d.v)))
    p = np.array([states(d.v).count(v) / len(d.v) for v in there])
    D = sum(p_v * log(p_v / d.P_v(v)) for p_v, v in zip(p, there, strict=True))
    yield D, p @ np.log(p) - log_likelihood(d.rbm, d.v).mean()


@verifies("eq-rbm-gradient", precision=1e-7)
def test_gradient(rng: Rng) -> Pairs:
    """Slopes of F by pushing, means by the probabilities of all pictures; against the package and against −ln P."""
    d = Drawn(rng)
    data = d.slopes(d.v[0])
    model = d.mean_slopes(np.array(d.visible, dtype=float), d.table(d.P_v))
    grads = exact_gradient(d.rbm, d.v[:1])
    for name in "Wab":

        def minus_log_P(value: Array, name: str = name) -> float:
            kept = d.rbm.params[name].copy()
            d.rbm.params[name][...] = value
            J = d.F(states(d.v)[0]) + log(sum(exp(-d.F(v)) for v in d.visible))
            d.rbm.params[name][...] = kept
            return J

        yield data[name] - model[name], grads[name]
        yield data[name] - model[name], numerical_gradient(minus_log_P, d.rbm.params[name].copy())


@verifies("eq-rbm-free-energy-slopes", precision=1e-7)
def test_free_energy_slopes(rng: Rng) -> Pairs:
    """The three formulas against pushing, and against the package."""
    d = Drawn(rng)
    for v in d.v[:2]:
        p = [float(sigmoid(np.array(d.z(j, states(v[None])[0])))) for j in range(d.n_h)]
        displayed = {
            "W": np.array([[-p[j] * v[i] for i in range(d.n_v)] for j in range(d.n_h)]),
            "a": -v,
            "b": -np.array(p),
        }
        pushed, package = d.slopes(v), d.rbm.free_energy_grads(v[None])
        for name, slope in displayed.items():
            yield slope, pushed[name]
            yield slope, package[name]


@verifies("eq-rbm-gradient-w", precision=1e-12)
def test_gradient_w(rng: Rng) -> Pairs:
    """Means of products by loops against the package."""
    d = Drawn(rng)
    P, dW = d.table(d.P_v), np.zeros_like(d.W)
    for j, i in product(range(d.n_h), range(d.n_v)):
        for P_v, v in zip(P, d.visible, strict=True):
            dW[j, i] += P_v * sigmoid(np.array(d.z(j, v))) * v[i]
        for v in states(d.v):
            dW[j, i] -= sigmoid(np.array(d.z(j, v))) * v[i] / len(d.v)
    yield dW, exact_gradient(d.rbm, d.v)["W"]


@verifies("eq-rbm-partition-hidden", precision=1e-12)
def test_partition_hidden(rng: Rng) -> Pairs:
    """One term per hidden state, against all pairs and against the package."""
    d = Drawn(rng)
    Z = 0.0
    for h in d.hidden:
        term = exp(sum(d.b[j] * h[j] for j in range(d.n_h)))
        for i in range(d.n_v):
            term *= 1 + exp(d.a[i] + sum(d.W[j, i] * h[j] for j in range(d.n_h)))
        Z += term
    yield Z, d.Z()
    yield log(Z), log_partition(d.rbm)


@verifies("eq-rbm-gibbs", precision=1e-12)
def test_gibbs(rng: Rng) -> Pairs:
    """The matrix, with conditional probabilities that are ratios of sums over the joint table."""
    d = Drawn(rng)
    yield [[d.T(v, after) for after in d.visible] for v in d.visible], gibbs_matrix(d.rbm)


@verifies("eq-rbm-balance", precision=1e-12)
def test_balance(rng: Rng) -> Pairs:
    """The flow between every two pictures, three times."""
    d = Drawn(rng)
    T, P = gibbs_matrix(d.rbm), d.table(d.P_v)
    for (r, v), (s, after) in product(enumerate(d.visible), repeat=2):
        middle = sum(d.P(v, h) * d.P(after, h) / d.P_h(h) for h in d.hidden)
        yield P[r] * T[r, s], middle
        yield P[s] * T[s, r], middle


@verifies("eq-rbm-stationary", precision=1e-12)
def test_stationary(rng: Rng) -> Pairs:
    """The package's matrix leaves the enumerated distribution as it is."""
    d = Drawn(rng)
    T, P = gibbs_matrix(d.rbm), d.table(d.P_v)
    yield [sum(P[r] * T[r, s] for r in range(len(P))) for s in range(len(P))], P


@verifies("eq-rbm-cd", precision=1e-7)
def test_contrastive_divergence(rng: Rng) -> Pairs:
    """Slopes by pushing at both ends of chains that toss the same coins."""
    d = Drawn(rng)
    k, seed = (int(number) for number in rng.integers(1, 4, size=2))
    v_k = d.rbm.gibbs(d.v, k, rng=np.random.default_rng(seed))
    grads = d.rbm.contrastive_divergence(d.v, k, rng=np.random.default_rng(seed))
    data, chain = d.mean_slopes(d.v), d.mean_slopes(v_k)
    for name in "Wab":  # 1 is added: both parts can cancel to rounding errors
        yield 1 + data[name] - chain[name], 1 + grads[name]


@verifies("eq-rbm-cd-mean", precision=0.2)
def test_mean_of_contrastive_divergence(rng: Rng) -> Pairs:
    """From the distribution of the chains, against the mean of many runs; and against the gradient for a large k."""
    d = Drawn(rng)
    pictures, T = np.array(d.visible, dtype=float), gibbs_matrix(d.rbm)
    p = np.array([states(d.v).count(v) / len(d.v) for v in d.visible])

    def displayed(k: int) -> dict[str, Array]:
        return d.rbm.free_energy_grads(pictures, p - p @ np.linalg.matrix_power(T, k))

    many = np.repeat(d.v, 4000, axis=0)
    for k in (1, 2):
        exact, run = displayed(k), d.rbm.contrastive_divergence(many, k, rng=rng)
        for name in "Wab":  # 1 is added: the difference counts, not its share of a mean near 0
            yield 1 + 5 * exact[name], 1 + 5 * run[name]
    far, gradient = displayed(2000), exact_gradient(d.rbm, d.v)
    for name in "Wab":
        yield 1e6 * far[name], 1e6 * gradient[name]


@verifies("eq-rbm-pcd", precision=1e-7)
def test_persistent_contrastive_divergence(rng: Rng) -> Pairs:
    """Slopes by pushing at the data and at the chains that come back."""
    d = Drawn(rng)
    chains = rng.integers(2, size=(3, d.n_v)).astype(float)
    grads, after = d.rbm.persistent_contrastive_divergence(d.v, chains, 2, rng=np.random.default_rng(7))
    yield after, d.rbm.gibbs(chains, 2, rng=np.random.default_rng(7))
    data, model = d.mean_slopes(d.v), d.mean_slopes(after)
    for name in "Wab":  # 1 is added: both parts can cancel to rounding errors
        yield 1 + data[name] - model[name], 1 + grads[name]


@verifies("eq-rbm-pseudo-likelihood", precision=1e-12)
def test_pseudo_likelihood(rng: Rng) -> Pairs:
    """Ratios of probabilities, the sigmoid of differences of F, and the package."""
    d = Drawn(rng)
    by_ratios, by_F = [], []
    for v in states(d.v):
        turned = [(*v[:i], 1 - v[i], *v[i + 1 :]) for i in range(d.n_v)]
        by_ratios.append(sum(log(d.P_v(v) / (d.P_v(v) + d.P_v(t))) for t in turned))
        by_F.append(sum(log(1 / (1 + exp(d.F(v) - d.F(t)))) for t in turned))
    yield by_F, by_ratios
    yield by_F, pseudo_log_likelihood(d.rbm, d.v)


def on_the_way(d: Drawn, base: Array, betas: Array) -> list[BernoulliRBM]:
    """The machines between the start and the machine itself, made by hand."""
    machines = []
    for beta in betas:
        between = BernoulliRBM(d.n_v, d.n_h, rng=np.random.default_rng(0))
        between.params["W"][...], between.params["b"][...] = beta * d.W, beta * d.b
        between.params["a"][...] = (1 - beta) * base + beta * d.a
        machines.append(between)
    return machines


@verifies("eq-rbm-ais-weight", precision=1e-12)
def test_annealed_weight(rng: Rng) -> Pairs:
    """Walks that toss the same coins as the package's, weights from the free energies on the way."""
    d = Drawn(rng)
    base, betas = rng.normal(size=d.n_v), np.array([0, 0.3, 0.7, 1])
    seed, n = int(rng.integers(1000)), 5
    machines, coins = on_the_way(d, base, betas), np.random.default_rng(seed)
    v = machines[0].sample_visible(np.zeros((n, d.n_h)), rng=coins)
    log_omega = np.zeros(n)
    for before, after in pairwise(machines):
        log_omega += before.free_energy(v) - after.free_energy(v)
        v = after.gibbs(v, 1, rng=coins)
    yield log_omega, ais(d.rbm, n_chains=n, betas=betas, base=base, rng=np.random.default_rng(seed)).log_weights


@verifies("eq-rbm-ais", precision=1e-10)
def test_annealed_importance_sampling(rng: Rng) -> Pairs:
    """The mean of ω over all walks, by matrices, is Z / Z_0; the package's estimate is the mean of its weights."""
    d = Drawn(rng)
    base, betas = rng.normal(size=d.n_v), np.array([0, 0.3, 0.7, 1])
    machines, pictures = on_the_way(d, base, betas), np.array(d.visible, dtype=float)
    log_Z0 = d.n_h * log(2) + sum(log(1 + exp(a)) for a in base)
    flow = np.exp(-machines[0].free_energy(pictures) - log_Z0)
    for before, after in pairwise(machines):
        flow = flow * np.exp(before.free_energy(pictures) - after.free_energy(pictures)) @ gibbs_matrix(after)
    yield flow.sum(), d.Z() / exp(log_Z0)
    guess = ais(d.rbm, n_chains=6, betas=betas, base=base, rng=rng)
    yield exp(guess.log_Z - log_Z0), np.mean(np.exp(guess.log_weights))
