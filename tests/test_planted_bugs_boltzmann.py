"""Planted bugs in Boltzmann machines: the tests of the modules themselves are the witnesses, and each must fail."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
import test_annealing
import test_boltzmann
import test_gaussian_rbm
import test_pseudo_likelihood
import test_rbm
import test_train_rbm
from mutants import planted

from dlbook import annealing, binary_units, enumeration, pseudo_likelihood, states, train_rbm
from dlbook.boltzmann import BoltzmannMachine
from dlbook.gaussian_rbm import GaussianBernoulliRBM
from dlbook.rbm import BernoulliRBM
from dlbook.restricted import RestrictedMachine

Bug = tuple[Any, str, str, Callable[[], object]]

SQUARE = (4, 4)  # a transposed W fits
energies = partial(test_rbm.test_energies_are_those_of_the_definition, SQUARE)
marginals = partial(test_rbm.test_free_energies_are_marginals_of_the_joint, SQUARE)
both_sides = [partial(test_rbm.test_free_energies_are_marginals_of_the_joint, size) for size in ((3, 4), (4, 3))]
conditionals = partial(test_rbm.test_conditionals_are_ratios_of_the_joint, SQUARE)
gradient = partial(test_rbm.test_the_exact_gradient_is_that_of_the_exact_likelihood, (3, 1))
gradient_by_v = partial(test_rbm.test_the_exact_gradient_is_that_of_the_exact_likelihood, (1, 3))
in_blocks = test_rbm.test_many_states_are_summed_in_blocks
kernel = test_rbm.test_the_gibbs_kernel_leaves_the_distribution_as_it_is
matrix = test_rbm.test_the_gibbs_matrix_is_made_of_ratios_of_the_joint
chains = partial(test_rbm.test_chains_move_as_the_gibbs_matrix_says, 3, np.float32)
gap = test_rbm.test_the_gradient_is_that_of_the_gap_between_data_and_chains
cd = partial(test_rbm.test_cd_draws_around_its_mean, 1)
persistent = test_rbm.test_persistent_chains_reach_the_distribution_and_then_estimate_without_bias
tempering = test_rbm.test_tempering_goes_in_a_straight_line
within = partial(test_annealing.test_the_true_partition_function_lies_within_the_error_bars, "gaussian", 0)
few_steps = partial(test_annealing.test_the_mean_weight_is_right_whatever_the_steps, "gaussian", [0, 0.3, 1])
other_base = partial(test_annealing.test_the_mean_weight_is_right_whatever_the_steps, "binary, summed over v", [0, 1])
bars = partial(test_annealing.test_error_bars_are_as_wide_as_results_spread, "binary, summed over h")
pseudo = partial(test_pseudo_likelihood.test_the_sum_is_that_of_the_conditionals, (3, 2))
drawn = test_pseudo_likelihood.test_one_unit_drawn_estimates_the_sum
g_marginals = partial(test_gaussian_rbm.test_free_energies_are_marginals_of_the_joint, 3)
g_gradient = partial(test_gaussian_rbm.test_the_exact_gradient_is_that_of_the_exact_likelihood, (2, 3))
g_chains = partial(test_gaussian_rbm.test_chains_move_as_the_kernel_says, np.float64)
g_energy = test_gaussian_rbm.test_the_energy_is_that_of_the_definition
b_probabilities = partial(test_boltzmann.test_probabilities_are_those_of_the_definition, (3, 2))
b_conditionals = partial(test_boltzmann.test_conditionals_are_ratios_of_the_joint, (3, 2))
b_gradient = partial(test_boltzmann.test_the_exact_gradient_is_that_of_the_exact_likelihood, (3, 2))
b_chains = partial(test_boltzmann.test_chains_move_as_the_kernel_says, 1)
b_clamped = test_boltzmann.test_clamped_units_stay_and_the_others_find_their_conditional_distribution
b_sampled = partial(test_boltzmann.test_the_sampled_gradient_comes_around_the_exact_one, (2, 2))
steps = test_train_rbm.test_steps_are_contrastive_divergence_and_the_optimizer
last = test_train_rbm.test_an_epoch_is_reported_by_its_last_step
in_place = test_train_rbm.test_persistent_chains_move_in_place_between_steps
draws = partial(test_rbm.test_draws_are_one_with_probability_p, 1)
neighbours = test_rbm.test_neighbours_are_drawn_independently
ends = partial(test_rbm.test_probabilities_and_logarithms_at_both_ends, np.float64)

M, R, G, B = RestrictedMachine, BernoulliRBM, GaussianBernoulliRBM, BoltzmannMachine
BUGS: dict[str, Bug] = {
    "hidden bias forgotten": (M._hidden_sum, 'z += self.params["b"]', "pass", conditionals),
    "W transposed on the way up": (M._hidden_sum, '@ self.params["W"].T', '@ self.params["W"]', conditionals),
    "sign of the coupling": (M.energy, "(v) - (self._hidden_sum", "(v) + (self._hidden_sum", energies),
    "sign in the free energy": (M.free_energy, "- softplus_sum", "+ softplus_sum", marginals),
    "a chain of one step, whatever k": (M._chain, "range(k)", "range(1)", chains),
    "a chain that never looks at its new v": (M._chain, "if step:", "if False:", chains),
    "gradient of the likelihood, not of minus": (M.energy_grads, "h * -weights", "h * weights", gradient),
    "sign of one gradient": (M.energy_grads, "-(weights @", "(weights @", gradient),
    "examples weighed alike": (M.energy_grads, "-weights[:, None]", "-weights.mean()", gradient),
    "sigma forgotten in the gradient": (M.energy_grads, "h.T @ self.visible_input(v)", "h.T @ v", g_gradient),
    "the sum for the mean": (M.free_energy_grads, "1 / len(v)", "1", gradient),
    "data plus model": (M.contrast, "-1 / n", "1 / n", cd),
    "chains divided by the size of the batch": (M.contrast, "-1 / n", "-1 / m", gap),
    "persistent chains that start at the data": (
        M.contrast,
        "self._hidden_sum(chains)",
        "self._hidden_sum(v)",
        persistent,
    ),
    "base not taken back": (M.tempered, "(1 - beta) * base", "base", tempering),
    "hidden bias not tempered": (M.tempered, 'beta * p["b"]', 'p["b"]', within),
    "sign of the visible bias": (R.visible_energy, "-(v @", "(v @", energies),
    "W transposed on the way down": (R._visible_sum, '@ self.params["W"]', '@ self.params["W"].T', conditionals),
    "visible bias forgotten": (R._visible_sum, 'z += self.params["a"]', "pass", conditionals),
    "sign of the hidden bias": (R.hidden_free_energy, '-(h @ self.params["b"])', 'h @ self.params["b"]', marginals),
    "hidden side: sign": (R.hidden_free_energy, "- softplus_sum", "+ softplus_sum", both_sides[1]),
    "over v: free energy for its minus": (enumeration._enumerated, "-np.concat", "np.concat", both_sides[0]),
    "over h: free energy for its minus": (enumeration._enumerated, "-np.concat", "np.concat", both_sides[1]),
    "the weights of the first block for all": (enumeration.model_grads, "number * BLOCK :", "0:", in_blocks),
    "the last block lost": (enumeration._enumerated, "len(states), BLOCK", "len(states) - BLOCK, BLOCK", in_blocks),
    "Z multiplied instead of divided by": (enumeration.log_likelihood, "- log_partition", "+ log_partition", marginals),
    "all states alike, over v": (enumeration.model_grads, "np.exp(log_p -", "np.exp(0 * log_p -", gradient_by_v),
    "all states alike, over h": (enumeration.model_grads, "np.exp(log_p -", "np.exp(0 * log_p -", gradient),
    "model minus data": (enumeration.exact_gradient, "data[name] - model[name]", "model[name] - data[name]", gradient),
    "joint: sign of the energy": (enumeration.joint_probabilities, "np.exp(-E", "np.exp(E", energies),
    "joint: pairs in another order": (
        enumeration.joint_probabilities,
        "np.repeat(V, len(H), axis=0)",
        "np.tile(V, (len(H), 1))",
        energies,
    ),
    "units off count as on": (enumeration._products, "1 - p[:, None]", "p[:, None]", kernel),
    "states on and off exchanged": (
        enumeration._products,
        "np.where(states, p[:, None], 1 - p[:, None])",
        "np.where(states, 1 - p[:, None], p[:, None])",
        matrix,
    ),
    "states counted from the other end": (
        states.binary_states,
        "[::-1]",
        "[::1]",
        test_rbm.test_states_count_in_binary,
    ),
    "the largest not given back": (states.log_sum_exp, "+ largest", "+ 0", test_rbm.test_states_count_in_binary),
    "weights upside down": (
        annealing.ais,
        "now.free_energy(v) - after.free_energy(v)",
        "after.free_energy(v) - now.free_energy(v)",
        within,
    ),
    "weighed after the move": (
        annealing.ais,
        "        log_weights += now.free_energy(v) - after.free_energy(v)\n        v = after.gibbs(v, 1, rng=rng)\n",
        "        v = after.gibbs(v, 1, rng=rng)\n        log_weights += now.free_energy(v) - after.free_energy(v)\n",
        few_steps,
    ),
    "moved with the machine before": (annealing.ais, "after.gibbs", "now.gibbs", few_steps),
    "hidden units of the start forgotten": (annealing.ais, "machine.n_hidden * np.log(2)", "0", within),
    "Z of the machine for that of the start": (
        annealing.ais,
        "tempered(0.0, base).hidden",
        "tempered(1, base).hidden",
        other_base,
    ),
    "the sum of the weights": (annealing._estimate, "- np.log(n)", "", within),
    "spread of one chain": (annealing._estimate, "/ np.sqrt(n)", "", bars),
    "spread too small": (annealing._estimate, "/ np.sqrt(n)", "/ n", bars),
    "ratio upside down": (
        pseudo_likelihood._log_conditional,
        "F - rbm.free_energy(turned)",
        "rbm.free_energy(turned) - F",
        pseudo,
    ),
    "one term for the sum": (pseudo_likelihood.pseudo_log_likelihood, "n * _log", "_log", drawn),
    "one unit turned for all": (
        pseudo_likelihood.pseudo_log_likelihood,
        "np.full(len(v), i)",
        "np.full(len(v), 0)",
        pseudo,
    ),
    "Gaussian: half forgotten": (G.visible_energy, "0.5 * ", "", g_energy),
    "Gaussian: sigma not squared": (G.bias_input, "** 2", "", g_gradient),
    "Gaussian: mean without sigma": (G.visible_mean, "self._sigma() * (", "(", g_marginals),
    "Gaussian: noise without sigma": (G.sample_visible, "self._sigma() * noise", "noise", g_chains),
    "Gaussian: half of the square forgotten": (G.hidden_free_energy, "0.5 * s**2", "s**2", g_marginals),
    "Gaussian: width of a cloud forgotten": (G.hidden_free_energy, "np.log(sigma) + ", "", g_marginals),
    "Gaussian: 2 pi forgotten": (G.hidden_free_energy, "+ math.log(2 * math.pi) / 2", "", g_marginals),
    "Gaussian: bias not in units of sigma": (
        G.hidden_free_energy,
        '(self.params["a"] / sigma)',
        'self.params["a"]',
        g_marginals,
    ),
    "general: pairs count twice": (B.energy, "0.5 * ", "", b_probabilities),
    "general: bias forgotten": (B.conditional, '+ self.params["b"]', "", b_conditionals),
    "general: a unit acts on itself": (B.energy_grads, "np.fill_diagonal(W, 0)", "pass", b_gradient),
    "general: sum over the data": (B.exact_gradient, "/ len(v)", "", b_gradient),
    "general: data plus model": (B.exact_gradient, "data[name] - model[name]", "data[name] + model[name]", b_gradient),
    "general: hidden units by prior": (B.exact_gradient, "np.exp(log_p -", "np.exp(0 * log_p -", b_gradient),
    "general: the last unit never moves": (B.gibbs, "range(clamped, self.n)", "range(clamped, self.n - 1)", b_chains),
    "general: clamped units move": (B.gibbs, "range(clamped, self.n)", "range(self.n)", b_clamped),
    "general: one sweep sees old units": (B.gibbs, "s @ W[i]", "(s * (np.arange(self.n) >= i)) @ W[i]", b_chains),
    "general: data phase not clamped": (B.sampled_gradient, "rng=rng, clamped=self.n_visible", "rng=rng", b_sampled),
    "general: free phase counts for the data": (B.sampled_gradient, "-1 / n", "1 / n", b_sampled),
    "free energies added": (train_rbm._steps, "- machine.free_energy", "+ machine.free_energy", steps),
    "an epoch reported by its first step": (train_rbm._steps, "start + batch_size >= len(v)", "start == 0", last),
    "chains not kept": (train_rbm._steps, "chains[...] = after", "pass", in_place),
    "always the same order": (train_rbm._steps, "rng.permutation(len(v))", "np.arange(len(v))", steps),
    "k forgotten": (train_rbm._steps, "(batch, k, chains", "(batch, 1, chains", steps),
    "penalty not followed": (train_rbm._steps, "grads = added(grads, penalty.grads(machine.params))", "pass", steps),
    "penalty not reported": (train_rbm._steps, "J += penalty.value(machine.params)", "pass", steps),
    "sigma upside down": (binary_units.logistic_in_place, "np.negative(z, out=z)", "pass", ends),
    "softplus without its straight part": (binary_units.softplus_sum, "e += np.maximum(z, 0)", "pass", ends),
    "overflow": (binary_units.softplus_sum, "np.negative(e, out=e)", "pass", ends),
    "draws: 1 where u exceeds p": (binary_units.bernoulli, "u < p *", "u > p *", partial(draws, np.float32)),
    "draws: p of 31 bits": (binary_units.bernoulli, "float32(2**24)", "float32(2**23)", partial(draws, np.float32)),
    "draws: halves alike": (
        binary_units.bernoulli,
        "dtype=np.uint64).view(np.uint32)",
        "dtype=np.uint64).astype(np.uint32).repeat(2)",
        partial(neighbours, np.float32),
    ),
    "draws: in float64": (
        binary_units.bernoulli,
        "rng.random(p.shape) < p",
        "rng.random(p.shape) > p",
        partial(draws, np.float64),
    ),
}


@pytest.mark.parametrize("bug", BUGS)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_bug_is_caught(bug: str) -> None:
    function, right, wrong, witness = BUGS[bug]
    witness()  # content with the right code
    with planted(function, right, wrong), pytest.raises((AssertionError, ValueError)):
        witness()
