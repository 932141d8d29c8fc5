"""Random histories, played to each store and to a model of all."""

from __future__ import annotations

import os
import random
from dataclasses import replace
from typing import Any

import pytest
from model import Model
from rules import NOW, access, at, unique

from flask_jwt_extended_rs.stores import (
    Everything,
    Revocation,
    RevocationStore,
    Rotation,
    Session,
    Subject,
    Token,
    TokenRef,
)

# A step is called with a store or a model, for two subjects in turn.
Step = tuple[str, int, Any]
HISTORIES = int(os.environ.get("HISTORIES", "40"))


def history(seed: int) -> list[Step]:
    """One in which few names come up again and again. Time goes on, in quarters of a second."""
    dice = random.Random(seed)
    now, jtis = 100.0, 10
    steps: list[Step] = []
    for _ in range(dice.randint(5, 64)):
        now += dice.randrange(12) / 4
        owner, kind = dice.randrange(2), dice.randrange(20)
        session = dice.choice([None, "1", "2"])
        end = dice.choice([None, 1000.0, 2000.0, 3000.0])
        # Mostly what was made last, or just before.
        jti = str(dice.choice([dice.randrange(jtis), jtis - 1, jtis - 2]))
        issued = dice.randrange(60)
        token = replace(
            access(Subject(""), jti, session),
            now=at(now),
            issued_at=None if issued < 3 else at(issued / 4),
            grace=dice.choice([0.0, 4.0, 4.0]),
        )
        refresh = replace(token, token_type="refresh")
        what: Any = dice.choice(
            [
                Token(str(dice.randrange(jtis))),
                Session(str(dice.randrange(4))),
                Everything(at(dice.randrange(40) / 4), session),
            ]
        )
        until = None if end is None else at(end)
        if kind == 0:
            steps.append(("revoke", owner, Revocation(Subject(""), what, until, at(0))))
        elif kind == 1:
            steps.append(("restore", owner, what))
        elif kind == 2:
            steps.append(("purge", owner, at(now)))
        elif kind < 10:
            steps.append(("status", owner, dice.choice([token, refresh, refresh])))
        else:
            # Now and then the same call once more, as after an answer that was lost.
            jtis += dice.randrange(2)
            burnt = dice.choice([None, at(1500)])
            family = refresh.family or ""
            text = f"successor {len(steps)}"
            rotation = Rotation(refresh, jti, family, str(jtis), text, until, burnt)
            steps.append(("rotate", owner, rotation))
    return steps


def play(store: RevocationStore, steps: list[Step]) -> str | None:
    """Where the store differs from the model."""
    name = unique().subject
    owners = Subject(name), Subject(name, manager="partners")
    models = Model(), Model()
    for n, (kind, which, what) in enumerate(steps):
        owner, model = owners[which], models[which]
        found: Any = None
        expected: Any = None
        if kind == "revoke":
            store.revoke(replace(what, owner=owner))
            model.revoke(what)
        elif kind == "restore":
            found, expected = store.restore(owner, what), model.restore(what)
        elif kind == "purge":
            store.purge(what)
        elif kind == "status":
            found, expected = store.status(_of(what, owner)), model.status(what)
        else:
            found = store.rotate(replace(what, token=_of(what.token, owner)))
            expected = model.rotate(what)
        if found != expected:
            return f"step {n}, {kind}: {found} instead of {expected}"
    for owner, model in zip(owners, models, strict=True):
        listed = {(record.what, record.until) for record in store.list(owner, NOW)}
        if listed != model.list():
            return f"the list: {listed} instead of {model.list()}"
    return None


def test_histories(store: RevocationStore) -> None:
    for seed in range(HISTORIES):
        steps = history(seed)
        difference = play(store, steps)
        if difference is None:
            continue
        n = 0
        while n < len(steps):
            shorter = steps[:n] + steps[n + 1 :]
            again = play(store, shorter)
            if again is None:
                n += 1
            else:
                steps, difference = shorter, again
        pytest.fail("\n".join([f"seed {seed}: {difference}", *map(str, steps)]))


def _of(token: TokenRef, owner: Subject) -> TokenRef:
    return replace(token, owner=owner)
