"""What is shared with the Rust library to the byte: names of keys, times, successors, files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from flask_jwt_extended_rs import stores
from flask_jwt_extended_rs.stores import Subject, redis_keys, statements
from flask_jwt_extended_rs.successor import Draft, Successor

FOLDER = Path(stores.__file__).parent
CRATES = Path(__file__).parents[3] / "crates"
UUIDS = ".".join(f"6f1b2c3d-0000-4000-8000-00000000000{n}" for n in range(1, 5))
GOOD = f"1.{UUIDS}.1700000000.1700000900.-"


def test_names_of_keys() -> None:
    table = json.loads((CRATES / "jwt-extended-redis/lua/keys.json").read_text("utf-8"))
    keys = redis_keys.Keys(table["prefix"], table["subject_key"].encode())
    assert (keys.marker, keys.fingerprint) == (table["marker"], table["fingerprint"])
    for row in table["subjects"]:
        of = keys.of(Subject(row["subject"], manager=row["manager"]))
        assert (of.cutoff, of.index) == (row["cutoff"], row["index"])
    first = table["subjects"][0]
    of = keys.of(Subject(first["subject"], manager=first["manager"]))
    for row in table["ids"]:
        names = of.token(row["id"]), of.session(row["id"]), of.family(row["id"])
        assert names == (row["token"], row["session"], row["family"])


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (1_000_000_000.0, "1000000000"),
        (1_000_000_000.25, "1000000000.25"),
        (5, "5"),
        (-1e9, "-1000000000"),
        (1e15, "1000000000000000"),
        (1e23, "100000000000000000000000"),
        (1e-7, "0.0000001"),
    ],
)
def test_times(moment: float, text: str) -> None:
    assert redis_keys.time(moment) == text
    assert float(text) == moment


def test_successors() -> None:
    read = Successor.parse(GOOD)
    assert read is not None
    assert read.to_text() == GOOD
    assert read.access == Draft(*UUIDS.split(".")[:2], 1_700_000_000, 1_700_000_900)
    assert read.refresh.expires_at is None
    for n in range(len(GOOD)):
        assert Successor.parse(GOOD[:n]) is None
    for old, new in (
        ("1.", "2."),
        ("1.6f", "1.6F"),
        ("6f1b2c3d-0000", "6f1b2c3d0000"),
        (".1700000900", ".+1700000900"),
        (".1700000900", ".01700000900"),
        (".1700000900", ".1700000900.5"),
        (".1700000900", ".1e9"),
        ("1700000000.", "-."),
        (".-", ". -"),
        (".-", ".--"),
        (".-", ".-0"),
        (".-", ".-.-"),
        (".-", ".99999999999999999999"),
        (".-", ".-\n"),
        (".1700000900", ".\u0661"),
    ):
        assert Successor.parse(GOOD.replace(old, new, 1)) is None, new


@pytest.mark.parametrize(
    ("kind", "crate"), [("sql", "jwt-extended-sqlx"), ("lua", "jwt-extended-redis")]
)
def test_every_file_ships(kind: str, crate: str) -> None:
    """In the repository the folder is a link; in a package it must be the same files."""
    source = CRATES / crate / kind
    names = {path.relative_to(source) for path in source.rglob(f"*.{kind}")}
    assert names
    for name in names:
        assert (FOLDER / kind / name).read_bytes() == (source / name).read_bytes()
    if kind == "sql":
        for name in names:
            assert "--" not in statements.sql(str(name.with_suffix("")))


def test_lazy_names() -> None:
    with pytest.raises(AttributeError, match="no attribute 'OracleStore'"):
        stores.OracleStore  # noqa: B018
