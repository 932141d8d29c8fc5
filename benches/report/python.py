"""The bound engine beside the other JWT libraries of Python."""

from __future__ import annotations

import json

from report import setup


def measure(quick: bool) -> dict[str, object]:
    script = setup.BENCHES / "python" / "calls.py"
    found: dict[str, object] = json.loads(
        setup.output(setup.ours(), script, 5 if quick else 101)
    )
    return found
