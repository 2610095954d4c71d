"""Bagging on a cluster: the caller chooses the backend, and not one bit changes."""

from __future__ import annotations

from collections.abc import Iterator

import joblib
import numpy as np
import pytest
from dask.distributed import Client, LocalCluster
from test_ensemble import bits, problem

from dlbook import bagging

CLUSTERS = {
    "two processes": {"n_workers": 2, "threads_per_worker": 1},
    "one process with three threads": {"n_workers": 1, "threads_per_worker": 3},
    "threads in this process": {"processes": False, "n_workers": 1, "threads_per_worker": 2},
}


@pytest.fixture(scope="module")
def serial() -> list[bytes]:
    X, y, train = problem()
    return bits(bagging(train, X, y, n_members=4, rng=np.random.default_rng(0)))


@pytest.fixture(params=CLUSTERS.values(), ids=CLUSTERS.keys())
def client(request: pytest.FixtureRequest) -> Iterator[Client]:
    with LocalCluster(dashboard_address=None, **request.param) as cluster, Client(cluster) as client:
        yield client


@pytest.mark.usefixtures("client")
def test_a_local_cluster_gives_the_same_bits(serial: list[bytes]) -> None:
    X, y, train = problem()
    with joblib.parallel_config(backend="dask"):
        members = bagging(train, X, y, n_members=4, rng=np.random.default_rng(0))
    assert bits(members) == serial


@pytest.mark.usefixtures("client")
def test_the_members_were_trained_on_the_cluster() -> None:
    """The test above would also pass if the backend were ignored."""

    def train(X, y, rng):
        from dask.distributed import get_worker

        assert get_worker().address
        return problem()[2](X, y, rng)

    X, y, _ = problem()
    with joblib.parallel_config(backend="dask"):
        assert len(bagging(train, X, y, n_members=2, rng=np.random.default_rng(0))) == 2
    with pytest.raises(ValueError, match="No worker found"):
        bagging(train, X, y, n_members=2, rng=np.random.default_rng(0))
