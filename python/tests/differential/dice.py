"""Chance that repeats itself: everything drawn depends on the seed alone."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any, TypeVar

T = TypeVar("T")


class Dice(random.Random):
    def often(self, probability: float) -> bool:
        return self.random() < probability

    def pick(self, *values: T) -> T:
        return self.choice(values)

    def some(self, values: Sequence[T], at_least: int = 0) -> list[T]:
        """A few of these, in any order."""
        return self.sample(values, self.randint(at_least, len(values)))

    def among(self, *choices: tuple[T, float]) -> T:
        """One of these values, each with its weight."""
        return self.choices(*zip(*choices, strict=True))[0]


def json_value(dice: Dice, now: float) -> Any:
    """Any JSON value, among them those that programs stumble over."""
    return dice.pick(
        None,
        True,
        False,
        0,
        1,
        -1,
        1.5,
        -0.0,
        1e308,
        2**53 + 1,
        2**63,
        2**64,
        10**30,
        int(now),
        int(now) + 100,
        now - 0.5,
        now + 0.5,
        str(int(now) + 100),
        f" {int(now) - 100} ",
        "1_000",
        "",
        "a",
        "é",
        "\u2603\U0001f600",
        "\ud800",
        "null",
        "١٢٣",
        [],
        ["a"],
        [1, None],
        [[["deep"]]],
        {},
        {"a": 1},
        {"b": {"c": [True]}, "a": 1.0},
    )
