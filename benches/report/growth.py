"""What becomes of a cost as tokens, keys, routes and revocations get more."""

from __future__ import annotations

import csv

from report import setup


def measure(quick: bool) -> dict[str, object]:
    # Fewer rounds would save less than a minute.
    del quick
    printed = setup.output(setup.axum_binary(), "growth")
    printed += setup.output(setup.workspace_binary("growth"))
    lines: dict[str, list[tuple[float, float]]] = {}
    for line, x, nanoseconds in csv.reader(printed.splitlines()):
        if x != "x":  # the heading
            lines.setdefault(line, []).append((float(x), float(nanoseconds)))
    return {"lines": lines}
