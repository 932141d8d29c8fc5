"""Ask upstream and this package the same things, and compare what they answer.

    python run.py --upstream PYTHON [--ours PYTHON] [--rounds N] [--seed S]
    python run.py --upstream PYTHON --only N       show scenario N with both answers

Each round is a scenario (`scenario.py`): an application, and a few requests and calls, all drawn
from the seed and the number of the round. Two processes answer it (`worker.py`), one in each
environment, with the same stopped clock. Tokens that one of them makes are then read by both.

Where the two are to differ, `disagreements.json` has a row: patterns for what each side answers,
and the reason. A row that a whole run does not need fails it, as a difference without a row does.
"""

from __future__ import annotations

import argparse
import collections
import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from scenario import draw_scenario

HERE = Path(__file__).resolve().parent
CONFORMANCE = HERE.parents[2] / "conformance"
SHOWN = 20
# As many rounds meet every row of the table.
WHOLE = 1500

Answer = dict[str, Any]


class Worker:
    def __init__(self, python: str) -> None:
        env = {**os.environ, "PYTHONPATH": str(CONFORMANCE), "PYTHONHASHSEED": "0"}
        self.process = subprocess.Popen(
            [python, str(HERE / "worker.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=env,
        )

    def ask(self, scenario: dict[str, Any]) -> None:
        assert self.process.stdin
        self.process.stdin.write(json.dumps(scenario) + "\n")
        self.process.stdin.flush()

    def answers(self) -> list[Answer]:
        assert self.process.stdout
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"the worker ended: {self.process.args!r}")
        answers: list[Answer] = json.loads(line)
        return answers


class Disagreements:
    """The table of differences that are meant, and how often each was met."""

    def __init__(self) -> None:
        text = (HERE / "disagreements.json").read_text(encoding="utf-8")
        self.rows: list[dict[str, str]] = json.loads(text)
        self.used = [0] * len(self.rows)

    def cover(self, step: str, upstream: Answer, ours: Answer) -> bool:
        for index, row in enumerate(self.rows):
            theirs, own = f"{step} {summary(upstream)}", f"{step} {summary(ours)}"
            if re.search(row["upstream"], theirs) and re.search(row["ours"], own):
                self.used[index] += 1
                return True
        return False

    def unused(self) -> list[str]:
        return [row["reason"] for row, used in zip(self.rows, self.used, strict=True) if not used]


def summary(answer: Answer) -> str:
    """An answer in one line, for patterns and for people."""
    got = answer.get("got")
    if "failed" in answer:
        return f"failed {answer['failed']}"
    if isinstance(got, dict) and "status" in got:
        return f"{got['status']} {answer.get('exception') or got['body']}"
    return f"got {json.dumps(got)}"


def comparable(answer: Answer) -> Answer:
    """Without the token itself: signatures may be random, and what it says is compared."""
    got = answer.get("got")
    if isinstance(got, dict) and "token" in got:
        return {**answer, "got": {k: v for k, v in got.items() if k != "token"}}
    return answer


class Race:
    def __init__(self, upstream: str, ours: str) -> None:
        self.workers = [Worker(upstream), Worker(ours)]
        self.meant = Disagreements()
        self.differences: list[str] = []
        self.tally: collections.Counter[str] = collections.Counter()

    def both(self, scenario: dict[str, Any]) -> list[tuple[Answer, Answer]]:
        for worker in self.workers:
            worker.ask(scenario)
        upstream, ours = (worker.answers() for worker in self.workers)
        return list(zip(upstream, ours, strict=True))

    def round(self, name: str, scenario: dict[str, Any]) -> None:
        answered = self.both(scenario)
        self.compare(name, scenario, answered)
        made = [
            answer["got"]["token"]
            for pair in answered
            for answer in pair
            if isinstance(answer.get("got"), dict) and "token" in answer["got"]
        ]
        if made:
            steps = [{"do": "decode", "token": token} for token in made]
            crossed = {**scenario, "steps": steps}
            self.compare(f"{name}, crossed", crossed, self.both(crossed))

    def compare(
        self, name: str, scenario: dict[str, Any], answered: list[tuple[Answer, Answer]]
    ) -> None:
        for step, (upstream, ours) in zip(scenario["steps"], answered, strict=True):
            self.tally[f"{step['do']:8} {outcome(upstream)}"] += 1
            if comparable(upstream) == comparable(ours) or self.meant.cover(
                step["do"], upstream, ours
            ):
                continue
            self.differences.append(
                f"scenario {name}: {step['do']}\n"
                f"  step      {json.dumps(step)[:1500]}\n"
                f"  upstream  {summary(upstream)[:600]}\n"
                f"  ours      {summary(ours)[:600]}\n"
                f"  where     {where(comparable(upstream), comparable(ours))[:1500]}\n"
            )


def outcome(answer: Answer) -> str:
    """What kind of answer it is, for the tally."""
    got = answer.get("got")
    failed = answer.get("failed") or answer.get("exception")
    kind = failed.split(":")[0] if failed else ""
    status = got["status"] if isinstance(got, dict) and "status" in got else ""
    return f"{status} {kind}".strip() or "done"


def where(upstream: Answer, ours: Answer) -> str:
    names = [name for name in upstream | ours if upstream.get(name) != ours.get(name)]
    return "; ".join(f"{name}: {upstream.get(name)!r} | {ours.get(name)!r}" for name in names)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--upstream", required=True, metavar="PYTHON")
    parser.add_argument("--ours", default=sys.executable, metavar="PYTHON")
    rounds = os.environ.get("DIFFERENTIAL_ROUNDS", WHOLE)
    parser.add_argument("--rounds", type=int, default=int(rounds))
    parser.add_argument("--seed", default=os.environ.get("DIFFERENTIAL_SEED", "1"))
    parser.add_argument("--only", type=int, metavar="N")
    parser.add_argument("--tally", action="store_true", help="what upstream answered")
    options = parser.parse_args()

    race = Race(options.upstream, options.ours)
    if options.only is not None:
        scenario = draw_scenario(f"{options.seed}:{options.only}")
        print(json.dumps(scenario, indent=1))
        for pair in race.both(scenario):
            print(json.dumps(dict(zip(("upstream", "ours"), pair, strict=True)), indent=1))
        return 0

    begin = time.monotonic()
    for index in range(options.rounds):
        race.round(str(index), draw_scenario(f"{options.seed}:{index}"))
    for text in race.differences[:SHOWN]:
        print(text)
    if options.tally:
        for kind, count in sorted(race.tally.items()):
            print(f"{count:6}  {kind}")
    meant = sum(race.meant.used)
    print(
        f"differential: {options.rounds} scenarios, {sum(race.tally.values())} answers, "
        f"{meant} differ as listed, {len(race.differences)} otherwise; "
        f"seed {options.seed}, {time.monotonic() - begin:.0f} s"
    )
    unused = race.meant.unused() if options.rounds >= WHOLE else []
    for reason in unused:
        print(f"a row that no answer needed: {reason}")
    return 1 if race.differences or unused else 0


if __name__ == "__main__":
    sys.exit(main())
