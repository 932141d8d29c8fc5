"""Flask-JWT-Extended and the drop-in: one process each, which take turns."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from report import setup

ROUND_NANOSECONDS = 25_000_000
VERSIONS = (
    "import platform, importlib.metadata as m, json; print(json.dumps({n: v for n in "
    "('flask-jwt-extended', 'flask-jwt-extended-rs', 'PyJWT', 'Flask', 'cryptography') "
    "if (v := next((d.version for d in m.distributions(name=n)), None))} "
    "| {'Python': platform.python_version()}))"
)


def measure(quick: bool) -> dict[str, object]:
    rounds = 3 if quick else 21
    with worker(setup.upstream()) as upstream, worker(setup.ours()) as ours:
        # What is compared with each other is measured at the same time.
        groups: dict[str, list[str]] = {}
        for case in upstream.cases:
            groups.setdefault(case.partition("/")[2], []).append(case)
        cases: dict[str, dict[str, float]] = {}
        routes: dict[str, dict[str, float]] = {}
        for variant, group in groups.items():
            if quick and variant != "HS256":
                continue
            times = race((upstream, ours), group, rounds)
            for case in group:
                cases[case] = dict(
                    zip(("upstream", "ours"), map(median, times[case]), strict=True)
                )
            if (opened := f"wsgi_open/{variant}") in times:
                protected = times[f"wsgi_protected/{variant}"]
                routes[variant] = {
                    name: median(p / o for p, o in zip(ours_p, ours_o, strict=True))
                    for name, ours_p, ours_o in zip(
                        ("upstream", "ours"), protected, times[opened], strict=True
                    )
                }
        versions = {"upstream": upstream.versions, "ours": ours.versions}
    return {"rounds": rounds, "cases": cases, "protected": routes, "versions": versions}


class Worker:
    """A process with one of the two libraries, waiting for orders."""

    def __init__(self, python: Path) -> None:
        self.process = subprocess.Popen(
            [python, setup.BENCHES / "python" / "worker.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.cases = self._read().split()
        self.versions: dict[str, str] = json.loads(setup.output(python, "-c", VERSIONS))

    def nanoseconds(self, case: str, count: int) -> int:
        assert self.process.stdin
        self.process.stdin.write(f"{case} {count}\n")
        self.process.stdin.flush()
        return int(self._read())

    def count_for_a_round(self, case: str) -> int:
        """Warms up, and finds how many calls fill a round."""
        count = 2
        while (spent := self.nanoseconds(case, count)) < ROUND_NANOSECONDS // 4:
            count *= 2
        return max(2, count * ROUND_NANOSECONDS // spent)

    def _read(self) -> str:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("a worker ended; its error is above")
        return line


@contextmanager
def worker(python: Path) -> Iterator[Worker]:
    started = Worker(python)
    try:
        yield started
    finally:
        started.process.terminate()
        started.process.wait()


def race(
    workers: tuple[Worker, ...], cases: list[str], rounds: int
) -> dict[str, list[list[float]]]:
    """Microseconds of one call: for each case those of each worker, round by round."""
    counts = {
        case: [worker.count_for_a_round(case) for worker in workers] for case in cases
    }
    times: dict[str, list[list[float]]] = {
        case: [[] for _ in workers] for case in cases
    }
    for _ in range(rounds):
        for case in cases:
            for worker, count, seen in zip(
                workers, counts[case], times[case], strict=True
            ):
                seen.append(worker.nanoseconds(case, count) / count / 1000)
    return times
