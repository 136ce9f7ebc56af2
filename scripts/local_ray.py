"""A Ray cluster of several nodes on this machine, for tests and benchmarks."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ray.cluster_utils import Cluster
    from ray.data import DataContext

__all__ = ["add_nodes", "local_ray"]

_TELLS = "RAY_USAGE_STATS_ENABLED"
_FOLDER = "RAY_TMPDIR"
_START_S = 240
_OBJECT_STORE_BYTES = 128 * 2**20
# What a task may make at once. Ray starts one only where a node's store has room for that.
_BLOCK_BYTES = 2**20


@contextmanager
def local_ray(
    num_cpus: Sequence[int] = (1,), resources: dict[str, float] | None = None
) -> Iterator[Cluster]:
    """Start a node for each number of CPUs, connect to them, and stop all at the end of the block.

    The first is the head, which has the ``resources`` too. What is yielded is Ray's own object.
    """
    import ray.data
    from ray.cluster_utils import Cluster

    # Not below a test's own folder: a socket's path may have 107 bytes, and Ray's needs 70.
    folder = tempfile.mkdtemp(prefix="ray-")
    cluster = Cluster()
    # By the variable, as Ray would keep the address in the folder of all clusters otherwise, where
    # it takes another's place; and fail where no cluster has made that folder.
    variables = {_TELLS: "0", _FOLDER: folder}
    with _variables(variables), _small_blocks(ray.data.DataContext.get_current()):
        try:
            cluster.add_node(
                num_cpus=num_cpus[0],
                resources=resources or {},
                object_store_memory=_OBJECT_STORE_BYTES,
                include_dashboard=False,
                wait=False,
            )
            add_nodes(cluster, num_cpus[1:])
            ray.init(address=cluster.address, logging_level="error", log_to_driver=False)
            yield cluster
        finally:
            ray.shutdown()
            cluster.shutdown()
            shutil.rmtree(folder, ignore_errors=True)


def add_nodes(cluster: Cluster, num_cpus: Sequence[int]) -> None:
    """Add a node for each number of CPUs, all at once, and wait until they are there."""
    for number in num_cpus:
        cluster.add_node(num_cpus=number, object_store_memory=_OBJECT_STORE_BYTES, wait=False)
    cluster.wait_for_nodes(_START_S)


@contextmanager
def _variables(variables: dict[str, str]) -> Iterator[None]:
    """Set variables of this process and of those that it starts, for a while."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _small_blocks(context: DataContext) -> Iterator[None]:
    """Keep Ray from planning large blocks and from drawing bars, for a while."""
    before = context.target_max_block_size, context.enable_progress_bars
    context.target_max_block_size, context.enable_progress_bars = _BLOCK_BYTES, False
    try:
        yield
    finally:
        context.target_max_block_size, context.enable_progress_bars = before
