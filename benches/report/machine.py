"""What it was measured on."""

from __future__ import annotations

import os
import platform
import time
from itertools import pairwise
from pathlib import Path

from report import setup


def describe() -> dict[str, object]:
    """The machine, at the beginning of a section."""
    return {
        "date": time.strftime("%Y-%m-%d", time.gmtime()),
        "revision": _revision(),
        "machine": f"{_processor()}, {os.cpu_count()} cores, {platform.system()}",
        "rustc": setup.output("rustc", "--version").split()[1],
        # How many programs wanted to run: with more than there are cores, times are longer than
        # they would be, and only ratios mean something.
        "load": round(os.getloadavg()[0], 1),
    }


def locked(package: str, lock: Path = setup.ROOT / "Cargo.lock") -> str:
    """The version of a crate, the newest where there are several."""
    lines = lock.read_text().splitlines()
    versions = [
        after.split('"')[1]
        for line, after in pairwise(lines)
        if line == f'name = "{package}"'
    ]
    return max(
        versions, key=lambda version: [int(n) for n in version.split("-")[0].split(".")]
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next(
        (line.split(":")[1].strip() for line in lines if "model name" in line),
        platform.processor(),
    )


def _revision() -> str:
    try:
        return setup.output(
            "git", "-C", setup.ROOT, "describe", "--always", "--dirty", "--exclude", "*"
        ).strip()
    except (OSError, setup.subprocess.CalledProcessError):
        return "unknown"
