"""Where and with what something was measured, in one line for the record."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

__all__ = ["setting"]

_PACKAGES = {"budgetfit": "budgetfit", "PyAV": "av", "OR-Tools": "ortools", "NumPy": "numpy"}


def setting() -> str:
    """Return date, processor, load and versions.

    The load average tells how much else the machine was doing.
    """
    today = datetime.now(UTC).date().isoformat()
    packages = ", ".join(f"{name} {version(package)}" for name, package in _PACKAGES.items())
    return (
        f"Measured {today} on {_cpu_model()}, {os.cpu_count()} cores, load average "
        f"{os.getloadavg()[0]:.1f}; Python {platform.python_version()}, {packages}."
    )


def _cpu_model() -> str:
    """Return the processor's name as Linux tells it, else its architecture."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()
