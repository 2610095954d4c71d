"""Planted bugs in deep machines and the recommender: the sum over all states must notice each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import test_dbm as dbm
import test_dbn as dbn
import test_ratings
import test_recommend as rec
from mutants import planted

from dlbook import DBM, DBN, RatingRBM, recommend
from dlbook import dbm as dbm_module
from dlbook.layered import LayeredMachine
from dlbook.ratings import Ratings, hold_out

THREE, FOUR = (3, 2, 3), (2, 3, 2, 2)


# These count standard errors; the others are errors of exact numbers.
STATISTICAL = {
    dbm.chain_leaves_the_distribution,
    dbm.persistent_gradient_differs,
    dbn.samples_differ,
    rec.chains_differ,
    rec.long_chains_miss_the_gradient,
}


def seen(witness: Callable[..., float], *sizes: int) -> Callable[[], bool]:
    """Say whether the witness is far from what its test allows; a result that is no number counts."""
    limit = 6.0 if witness in STATISTICAL else 1e-4
    return lambda: not (witness(sizes) if sizes else witness()) < limit


def fails(test: Callable[..., None], *arguments: Any) -> Callable[[], bool]:
    """Say whether a whole test fails."""

    def witness() -> bool:
        try:
            test(*arguments)
        except (AssertionError, ValueError):
            return True
        return False

    return witness


BUGS: dict[str, tuple[Any, str, str, Callable[[], bool]]] = {
    # the deep Boltzmann machine
    "energy: each connection twice": (
        LayeredMachine.energy,
        "E = E - (",
        "E = E - 2 * (",
        seen(dbm.energy_differs, *THREE),
    ),
    "conditional: nothing from above": (
        LayeredMachine.conditional,
        "if i < len(self.sizes) - 1:",
        "if False:",
        seen(dbm.conditionals_differ, *THREE),
    ),
    "conditional: nothing from below": (
        LayeredMachine.conditional,
        "if i > 0:",
        "if False:",
        seen(dbm.conditionals_differ, *THREE),
    ),
    "restricted view: blocks of W not turned": (
        LayeredMachine.as_rbm,
        "W if i % 2 else W.T",
        "W if i % 2 else W.T[::-1]",
        seen(dbm.restricted_view_differs, *FOUR),
    ),
    "restricted view: biases in the order of the layers": (
        LayeredMachine.as_rbm,
        "for i in even]",
        "for i in reversed(even)]",
        seen(dbm.restricted_view_differs, 2, 3, 2, 2),
    ),
    "free energy: only one state of the upper layers": (
        DBM.free_energy,
        "axis=1))",
        "axis=1) + np.log(2))",
        seen(dbm.likelihood_differs, *THREE),
    ),
    "exact gradient: the posterior not normalized": (
        DBM.exact_gradient,
        "np.exp(-F - log_sum_exp(-F, axis=1)[:, None])",
        "np.exp(-F)",
        seen(dbm.gradient_differs, *THREE),
    ),
    "exact gradient: no model side": (
        DBM.exact_gradient,
        "data[name] - model[name]",
        "data[name]",
        seen(dbm.gradient_differs, *THREE),
    ),
    "gradient names: W of an even layer not turned back": (
        LayeredMachine.from_rbm_grads,
        "W if i % 2 else W.T",
        "W",
        seen(dbm.gradient_differs, 2, 2, 2, 1, 2),
    ),
    "mean field: only odd layers": (
        DBM.mean_field,
        "(*range(1, len(layers), 2), *range(2, len(layers), 2))",
        "range(1, len(layers), 2)",
        seen(dbm.mean_field_moves, *THREE),
    ),
    "mean field: one step whatever is asked": (
        DBM.mean_field,
        'positive_int("DBM.mean_field", steps, "steps")',
        "1",
        seen(dbm.mean_field_moves, *FOUR),
    ),
    "bound: the entropy with the other sign": (
        DBM.variational_free_energy,
        "- entropy",
        "+ entropy",
        seen(dbm.gap_is_not_the_divergence, *THREE),
    ),
    "bound: ln Z forgotten": (DBM.bound, "- log_Z", "- 0 * log_Z", seen(dbm.gap_is_not_the_divergence, *THREE)),
    "entropy: only the units that are on": (
        dbm_module._entropy,
        "p * logs[0] + q * logs[1]",
        "p * logs[0]",
        seen(dbm.gap_is_not_the_divergence, *THREE),
    ),
    "chains: the most likely state for a draw": (
        DBM.gibbs,
        "bernoulli(self.conditional(i, layers), rng)",
        "np.round(self.conditional(i, layers))",
        seen(dbm.chain_leaves_the_distribution, *THREE),
    ),
    "clamped: v is drawn anew": (
        DBM.gibbs,
        "2 if clamped else 0",
        "0",
        fails(dbm.test_clamped_chains_keep_v_and_draw_the_hidden_layers),
    ),
    "learning: the other sign": (
        DBM.persistent_gradient,
        "plus[name] - minus[name]",
        "minus[name] - plus[name]",
        seen(dbm.persistent_gradient_differs, *THREE),
    ),
    "learning: no chains": (
        DBM.persistent_gradient,
        "plus[name] - minus[name]",
        "plus[name]",
        seen(dbm.persistent_gradient_differs, *THREE),
    ),
    # the deep belief network
    "belief network: the top machine's way down": (
        DBN._log_likelihood,
        "_log_given(v, rbm, H) + ",
        "0 * _log_given(v, rbm, H) + ",
        seen(dbn.likelihood_differs, 3, 2, 2),
    ),
    "belief network: P(h) of the machine below": (
        DBN._log_likelihood,
        "self._log_likelihood(H, layer + 1)",
        "0",
        seen(dbn.likelihood_differs, 3, 2, 2),
    ),
    "belief network's bound: without the entropy": (DBN._bound, "- log_Q", "", seen(dbn.bound_differs, 3, 2, 2)),
    "belief network's bound: P for Q": (
        DBN._bound,
        "np.exp(log_Q)",
        "np.exp(_log_given(v, rbm, H))",
        seen(dbn.bound_differs, 3, 2, 2),
    ),
    "upside down: biases not exchanged": (
        DBN.copy_upside_down,
        '("a", below["b"]), ("b", below["a"])',
        '("a", 0.0), ("b", 0.0)',
        seen(dbn.upside_down_differs),
    ),
    "sampling: the way down skips the top": (
        DBN.sample,
        "top.sample_hidden(top.gibbs(start, k, rng=rng), rng=rng)",
        "np.ones((n, top.n_hidden))",
        seen(dbn.samples_differ, 3, 4, 2),
    ),
    "sampling: means on the way down": (
        DBN.down,
        "rbm.visible_mean(h) if rng is None else rbm.sample_visible(h, rng=rng)",
        "rbm.visible_mean(h)",
        seen(dbn.samples_differ, 3, 4, 2),
    ),
    "up: one machine too few": (
        DBN.up,
        "self.rbms[: self._layer(layers)]",
        "self.rbms[: self._layer(layers) - 1]",
        fails(dbn.test_up_is_the_probabilities_or_draws_with_them),
    ),
    "network: shares the machines' arrays": (
        DBN.network,
        'rbm.params["W"].copy()',
        'rbm.params["W"]',
        fails(dbn.test_network_starts_with_the_features_and_leaves_the_machines_alone, np.float64),
    ),
    "network: biases start at zero": (
        DBN.network,
        'rbm.params["b"].copy()',
        '0 * rbm.params["b"]',
        fails(dbn.test_network_starts_with_the_features_and_leaves_the_machines_alone, np.float64),
    ),
    # the recommender
    "ratings: missing ones are drawn too": (
        RatingRBM._next_visible,
        "drawn * self._rated(v)[..., None]",
        "drawn",
        seen(rec.chains_differ),
    ),
    "ratings: missing ones are drawn too, in learning": (
        RatingRBM._next_visible,
        "drawn * self._rated(v)[..., None]",
        "drawn",
        seen(rec.long_chains_miss_the_gradient),
    ),
    "ratings: a sum over the stars of unrated items": (
        RatingRBM._log_weights,
        "self._rated(v) @",
        "np.ones_like(self._rated(v)) @",
        seen(rec.likelihood_differs),
    ),
    "ratings: hidden biases forgotten in Z": (
        RatingRBM._log_weights,
        'H @ self.params["b"] + ',
        "",
        seen(rec.likelihood_differs),
    ),
    "ratings: one softmax for all items": (
        RatingRBM.visible_mean,
        "softmax(self._visible_sum(h))",
        "softmax(self._visible_sum(h).reshape(len(h), -1))",
        seen(rec.conditionals_differ),
    ),
    "ratings: the model's side not divided by the users": (
        RatingRBM.exact_gradient,
        "/ len(v)",
        "",
        seen(rec.gradient_differs),
    ),
    "ratings: unrated items in the model's side": (
        RatingRBM.exact_gradient,
        "w.T @ self._rated(v)",
        "w.T @ np.ones_like(self._rated(v))",
        seen(rec.gradient_differs),
    ),
    "ratings: the free energy of h leaves out b": (
        RatingRBM.hidden_free_energy,
        '-(h @ self.params["b"])',
        "0",
        seen(rec.full_gradient_differs),
    ),
    "prediction: sees the rating it predicts": (
        RatingRBM.exact_rating_probabilities,
        "z - by_item[:, q] @ W[:, q].T",
        "z",
        seen(rec.exact_predictions_differ),
    ),
    "prediction: the bias of the stars forgotten": (
        RatingRBM.exact_rating_probabilities,
        'self._by_item(self.params["a"])[q] + ',
        "",
        seen(rec.exact_predictions_differ),
    ),
    "prediction: stars counted from zero": (
        RatingRBM.predict,
        "np.arange(1, self.n_levels + 1",
        "np.arange(0, self.n_levels",
        seen(rec.mean_field_predictions_differ),
    ),
    "drawing stars: always one too many": (
        RatingRBM.sample_visible,
        "top[..., :-1]",
        "top[..., 1:]",
        seen(rec.chains_differ),
    ),
    "means: unrated cells count as zero stars": (
        recommend._mean,
        "(R > 0).sum(axis=axis",
        "(R >= 0).sum(axis=axis",
        fails(rec.test_means_are_those_of_known_ratings),
    ),
    "rmse: unrated cells count": (
        recommend.rmse,
        "[R > 0] ** 2",
        " ** 2",
        fails(rec.test_error_counts_known_ratings_only),
    ),
    "floor: the deviation of the mean": (
        Ratings.floor,
        "- self.expected**2",
        "",
        fails(test_ratings.test_floor_counts_only_the_given_cells),
    ),
    "hold out: the hidden ratings stay in training": (
        hold_out,
        "np.where(hidden.reshape(R.shape), 0, R)",
        "R",
        fails(test_ratings.test_every_known_rating_is_on_one_side, 0.25),
    ),
}


@pytest.mark.parametrize("bug", BUGS)
def test_bug_is_caught(bug: str) -> None:
    function, right, wrong, witness = BUGS[bug]
    assert not witness(), "the witness complains about the right code"
    with planted(function, right, wrong):
        assert witness()
