"""The engine beside jsonwebtoken and the bare primitives."""

from __future__ import annotations

import csv

from report import machine, setup


def measure(quick: bool) -> dict[str, object]:
    lines = setup.output(
        setup.workspace_binary("benches"), "--csv", *(["HS256"] if quick else [])
    )
    contests: dict[str, dict[str, float]] = {}
    for contest, name, nanoseconds in csv.reader(lines.splitlines()):
        contests.setdefault(contest, {})[name] = float(nanoseconds)
    counted = setup.output(setup.workspace_binary("allocations"))
    allocations: dict[str, dict[str, int]] = {}
    for contest, name, count, _bytes in csv.reader(counted.splitlines()):
        allocations.setdefault(contest, {})[name] = int(count)
    return {
        "contests": contests,
        "allocations": allocations,
        "versions": {
            name: machine.locked(name) for name in ("jsonwebtoken", "aws-lc-rs", "uuid")
        },
    }
