"""What every test may use: real clips, and how many examples a property gets."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from xdist.remote import Producer  # type: ignore[import-untyped]
from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

from sample_clips import package_clips as find_package_clips
from tests.video.clips import make_smaller

# Derandomized, so that a failure is the change's and not the day's. Wall-clock deadlines are off:
# a loaded machine is not a defect.
settings.register_profile(
    "default",
    max_examples=100,
    derandomize=True,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile(
    "full", parent=settings.get_profile("default"), max_examples=2000, derandomize=False
)
settings.register_profile("few", parent=settings.get_profile("default"), max_examples=10)
settings.load_profile("full" if os.environ.get("BUDGETFIT_FULL") == "1" else "default")

# The fixtures that are real clips.
CLIPS = {"clips_dir", "original_clips", "package_clips", "real_clip"}
# Files that take seconds, by what for: numbers and pictures, which are the same on any Python.
LONG = {
    "tests/constraints/test_page.py",
    "tests/cosmos/test_hint_video.py",
    "tests/hostile/test_corpus.py",
    "tests/model_folders/test_plans.py",
    "tests/plots/test_axes.py",
    "tests/render/test_contact_sheet.py",
    "tests/report/test_pages.py",
    "tests/test_customized.py",
    "tests/test_looking.py",
    "tests/test_solver.py",
    "tests/tokens/test_truncation.py",
    "tests/video/test_between.py",
    "tests/video/test_container.py",
}
# Processes, signals and waiting, which are not.
WAITING = {
    "tests/cli/test_commands.py",
    "tests/cli/test_demands.py",
    "tests/cli/test_process.py",
    "tests/cli/test_run_many.py",
    "tests/engines/test_server_failures.py",
    "tests/serving/test_proxy.py",
    "tests/test_interrupts.py",
    "tests/video/test_growing.py",
}
# What looks at every clip, which is done once for all of them.
EVERY_CLIP = {
    "tests/constraints/test_on_clips.py",
    "tests/cosmos/test_hint_video.py",
    "tests/explain/test_explanation.py",
    "tests/test_planner.py",
}
ENGINES = "tests/engines/"
# These start engines or servers of their own, and share none.
APART = {"test_async_vllm.py", "test_command_line.py", "test_family.py", "test_upsampler.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what takes long and what reads real clips; start with engines and clusters."""
    for item in items:
        path = item.nodeid.partition("::")[0]
        if path in LONG:
            item.add_marker(pytest.mark.long)
        if path in WAITING:
            item.add_marker(pytest.mark.waiting)
        if not CLIPS.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.clip)
    items.sort(key=lambda item: not any(map(item.get_closest_marker, ("engine", "cluster"))))


class Scheduling(LoadFileScheduling):  # type: ignore[misc]
    """A file's tests stay in one process, so that what they share is made once.

    Most of those of engines stay together over files, since they share one engine and one server,
    and those of every clip, since they share what was seen of it. Told by the path, as xdist 3.8 no
    longer sees the mark ``xdist_group`` with pytest 9.2.
    """

    def _split_scope(self, nodeid: str) -> str:
        path = super()._split_scope(nodeid)
        if path.startswith(ENGINES) and path.removeprefix(ENGINES) not in APART:
            return ENGINES
        return "every clip" if path in EVERY_CLIP else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling:
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def full_counts() -> bool:
    """Whether tests marked slow run their full counts instead of a seeded part."""
    return os.environ.get("BUDGETFIT_FULL") == "1"


@pytest.fixture(scope="session")
def original_clips() -> dict[str, Path]:
    """Return the real clips inside installed packages, by name without suffix."""
    return find_package_clips()


@pytest.fixture(scope="session")
def package_clips(
    original_clips: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Path]:
    """Return the same, the largest of them at half its size.

    Most of what tests do with it is decoding.
    """
    smaller = tmp_path_factory.mktemp("clips") / "bigbuckbunny.mp4"
    make_smaller(original_clips["bigbuckbunny"], smaller, width=640, height=360)
    return original_clips | {"bigbuckbunny": smaller}


@pytest.fixture(scope="session")
def clips_dir() -> Path:
    """Return the folder of further clips; the test is skipped where none is given."""
    folder = os.environ.get("BUDGETFIT_CLIPS")
    if not folder:
        pytest.skip("BUDGETFIT_CLIPS names no folder of clips")
    path = Path(folder)
    if not path.is_dir():
        pytest.fail(f"BUDGETFIT_CLIPS is {folder!r}, which is not a folder")
    return path
