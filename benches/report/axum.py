"""A server's routes, each protected by somebody else: what a request costs the server's processor."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from report import machine, setup

CONNECTIONS = 16
LOCK = setup.BENCHES / "axum" / "Cargo.lock"


def measure(quick: bool) -> dict[str, object]:
    rounds, seconds = (3, 1) if quick else (21, 1)
    if not shutil.which("wrk"):
        raise SystemExit("wrk sends the requests: please install it")
    cores = sorted(os.sched_getaffinity(0))
    taken: dict[str, list[float]] = {}
    with server(cores[0]) as (process, port, token, routes):
        for _ in range(rounds):
            for route in routes:
                taken.setdefault(route, []).append(
                    microseconds(
                        process,
                        f"http://127.0.0.1:{port}/{route}",
                        token,
                        cores[-1],
                        seconds,
                    )
                )
    opened = taken["open"]
    return {
        "rounds": rounds,
        "routes": {
            route: {
                "request": median(times),
                "added": median(t - o for t, o in zip(times, opened, strict=True)),
            }
            for route, times in taken.items()
        },
        "versions": {
            name: machine.locked(name, LOCK)
            for name in ("axum", "hyper", "tokio", "jsonwebtoken", "axum-jwt-auth")
        },
    }


@contextmanager
def server(core: int) -> Iterator[tuple[int, str, str, list[str]]]:
    process = subprocess.Popen(
        ["taskset", "-c", str(core), setup.axum_binary(), "serve"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        port, token, *routes = process.stdout.readline().split()
        yield process.pid, port, token, routes
    finally:
        process.terminate()
        process.wait()


def microseconds(process: int, url: str, token: str, core: int, seconds: int) -> float:
    """The processor's time for one request: what other programs take is not counted."""
    before = _cpu_nanoseconds(process)
    report = setup.output(
        *("taskset", "-c", core, "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s"),
        *("-H", f"Authorization: Bearer {token}", url),
    )
    spent = _cpu_nanoseconds(process) - before
    if "Non-2xx" in report or not (found := re.search(r"(\d+) requests in", report)):
        raise SystemExit(f"{url} does not answer as it should:\n{report}")
    return spent / int(found[1]) / 1000


def calls() -> dict[str, int]:
    """Nanoseconds of a call without a socket."""
    lines = setup.output(setup.axum_binary(), "call").splitlines()
    return {name: int(time) for name, time in (line.split() for line in lines)}


def _cpu_nanoseconds(process: int) -> int:
    return int(Path(f"/proc/{process}/schedstat").read_text().split()[0])


if __name__ == "__main__":
    print(json.dumps(measure(True), indent=1))
