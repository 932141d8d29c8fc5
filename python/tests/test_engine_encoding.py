"""The engine's `Signer` beside `jwt.encode`: the same bytes, or the same error."""

from __future__ import annotations

import enum
import functools
import json
import random
import string
import subprocess
import sys
import uuid
import warnings
from collections import OrderedDict
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import jwt
import pytest
from freezegun import freeze_time

from flask_jwt_extended_rs import _engine
from flask_jwt_extended_rs._engine import Signer, Unsupported
from pyjwt_reference import SECRET

KEYS = Path(__file__).parents[2] / "conformance" / "keys"
SIGNER = Signer(SECRET, "HS256")


class Encoder(json.JSONEncoder):
    """What Flask makes of an app's JSON provider: only `default` is another."""

    def default(self, o: Any) -> Any:
        return {"a set": sorted(o)} if isinstance(o, set) else str(o)


class Unescaped(json.JSONEncoder):
    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False})


class Shouting(json.JSONEncoder):
    def encode(self, o: Any) -> str:
        return super().encode(o).upper()


class Sliced(json.JSONEncoder):
    def iterencode(self, o: Any, _one_shot: bool = False) -> Any:
        yield from super().iterencode({"all": o}, _one_shot)


class Colour(str, enum.Enum):
    RED = "red"


class Number(int):
    def __repr__(self) -> str:
        return "a number"


class Later(datetime):
    def utctimetuple(self) -> Any:
        return (self + timedelta(days=1)).timetuple()


def outcome(encode: Callable[[], str]) -> tuple[Any, ...]:
    try:
        return (encode(),)
    except Unsupported:
        raise
    except Exception as error:
        return (type(error), str(error))


def compare(claims: Any, headers: Any = None, encoder: Any = None, signer: Signer = SIGNER) -> None:
    pyjwt = outcome(lambda: jwt.encode(claims, SECRET, "HS256", headers, encoder))
    assert outcome(lambda: signer.encode(claims, headers, encoder)) == pyjwt, (claims, headers)


def anything(dice: random.Random, depth: int = 3) -> Any:
    """A value of a plain type, as random as can be."""
    kinds: list[Callable[[], Any]] = [
        lambda: dice.choice([None, True, False, 0, 1, -1, "", [], {}, (), 0.0, -0.0, 1.0]),
        lambda: dice.randint(-(2**70), 2**70) >> dice.randint(0, 70),
        lambda: dice.uniform(-1, 1) * 10 ** dice.randint(-20, 25),
        lambda: dice.choice([1e16, 1e15, 9999999999999998.0, 1e-4, 9.999e-5, 5e-324, 1.7e308, 0.1]),
        lambda: "".join(dice.choices(string.printable, k=dice.randint(0, 12))),
        lambda: "".join(chr(dice.randrange(0xD800)) for _ in range(dice.randint(0, 6))),
        lambda: "".join(chr(dice.randrange(0xE000, 0x110000)) for _ in range(dice.randint(0, 4))),
    ]
    if depth:
        kinds += [
            lambda: [anything(dice, depth - 1) for _ in range(dice.randint(0, 4))],
            lambda: tuple(anything(dice, depth - 1) for _ in range(dice.randint(0, 4))),
            lambda: {text(dice): anything(dice, depth - 1) for _ in range(dice.randint(0, 4))},
        ]
    return dice.choice(kinds)()


def text(dice: random.Random) -> str:
    return "".join(dice.choices('abcß😀"\\/\n\x00\x7f é', k=dice.randint(0, 5)))


def test_plain_values() -> None:
    dice = random.Random(1)
    for _ in range(4000):
        claims = {text(dice): anything(dice) for _ in range(dice.randint(0, 5))}
        compare(claims, None, dice.choice([None, json.JSONEncoder, Encoder]))


def test_claims_that_are_like_the_first_ones_and_others() -> None:
    signer, dice = Signer(SECRET, "HS256"), random.Random(5)
    usual = {"iat": 5, "type": "access", "sub": "anna", "iss": "me", "aud": "us", "role": "reader"}
    others = [
        *("access", "me", "us", "anna", "\u2028", "another", 5, None, True, 1.5, 10**30),
        *(Number(5), Colour.RED, ["us"], datetime(2026, 1, 1, tzinfo=timezone.utc)),
    ]
    for n in range(2000):
        claims: list[tuple[str, Any]] = list(usual.items())
        for _ in range(dice.randrange(4) if n else 0):
            at, what = dice.randrange(len(claims)), dice.randrange(5)
            if what == 0:
                dice.shuffle(claims)
            elif what == 1:
                # The same name, and another object.
                claims[at] = ("".join(list(claims[at][0])), claims[at][1])
            elif what == 2 and len(claims) > 1:
                del claims[at]
            else:
                name = dice.choice([*usual, "exp", "nbf", "jti"])
                claims[at] = (name, dice.choice([*others, usual.get(name)]))
        compare(dict(claims), signer=signer)


def test_every_character() -> None:
    for start in range(0, 0x20000, 64):
        compare({"text": "".join(map(chr, range(start, start + 64)))})


def test_floats() -> None:
    dice = random.Random(2)
    compare({"floats": [dice.uniform(-1, 1) * 10 ** dice.randint(-8, 18) for _ in range(5000)]})
    compare({"floats": [float(f"1e{n}") for n in range(-300, 300)]})
    compare({"floats": [float("nan"), float("inf"), float("-inf")]})


@pytest.mark.parametrize("encoder", [None, Encoder, Unescaped, Shouting, Sliced])
def test_values_for_python_s_encoder(encoder: Any) -> None:
    circle: list[Any] = []
    circle.append(circle)
    deep: Any = 1
    for _ in range(100):
        deep = [deep]
    for value in (
        *(uuid.UUID(int=5), Decimal("1.50"), date(2024, 1, 2), datetime(2024, 1, 2), {1, 2}),
        *(Colour.RED, Number(5), b"bytes", object, circle, deep, "\ud800", "ü", {"\ud800": 1}),
        *(
            {1: 2},
            {None: 1},
            {True: 1, "True": 2},
            {1.5: 1},
            {(1, 2): 3},
            {Colour.RED: 1},
            {"b": 1, "a": 2},
        ),
        *(OrderedDict(b=1, a=2), 2**64, 2**63, -(2**63), -(2**63) - 1, 10**5000),
    ):
        compare({"value": value}, None, encoder)
        compare({"value": [value]}, {"x": value}, encoder)


@pytest.mark.parametrize(
    "moment",
    [
        datetime(2026, 11, 22, 12, 30, 59, 999999, timezone.utc),
        datetime(2026, 11, 22, 12, 30, 59, 999999),
        datetime(2026, 11, 22, 23, tzinfo=timezone(timedelta(hours=-11, minutes=-30, seconds=-5))),
        datetime(1969, 12, 31, 23, 59, 59, 500000, timezone.utc),
        datetime(1, 1, 1, tzinfo=timezone.utc),
        datetime(2106, 2, 7, 6, 28, 15, 999999, timezone.utc),
        datetime(9999, 12, 31, 23, 59, 59, 999999, timezone.utc),
        datetime(9999, 12, 31, 23, 59, 59, 999999),
        Later(2026, 11, 22, tzinfo=timezone.utc),
        date(2026, 11, 22),
        *(None, "2026", 1.9, True, Number(5), [1]),
    ],
)
def test_dates(moment: Any) -> None:
    for names in (["exp"], ["iat"], ["nbf"], ["iat", "nbf"], ["exp", "iat", "nbf", "auth_time"]):
        for encoder in (None, Encoder):
            compare(dict.fromkeys(names, moment), None, encoder)
            compare({**dict.fromkeys(names, moment), "x": uuid.UUID(int=1)}, None, encoder)


def test_dates_of_a_stopped_clock() -> None:
    with freeze_time("2026-11-22 12:30:59.5"):
        now = datetime.now(timezone.utc)
        compare({"iat": now, "nbf": now, "exp": now + timedelta(minutes=15)})


def test_claims_that_are_refused() -> None:
    wrong: list[Any] = [None, [], "text", 5, OrderedDict(sub="a", exp=datetime(2024, 1, 1))]
    for claims in wrong:
        compare(claims)
    for issuer in ("a", Colour.RED, 5, None, ["a"], b"a", "\ud800"):
        compare({"iss": issuer, "exp": datetime(2024, 1, 1)})
        compare({"iss": issuer, "x": uuid.UUID(int=1)}, None, Encoder)


def test_headers() -> None:
    dice = random.Random(3)
    kids: list[Any] = ["a", "", "ü", 5, None, True, Colour.RED, ["a"]]
    types: list[Any] = ["at+jwt", "", None, 0, [], False, "JWT", 5]
    nested = {"z": 1, "a": {"z": 1, "a": [{"y": 1, "b": 2}]}}
    others: list[dict[Any, Any]] = [
        nested,
        {"ü": "ü", "é": 1, "\U0001f600": 1, "\uffff": 2},
        {1: 2},
        {"x": Decimal(1)},
        {"x": {1, 2}},
        {"x": {1: 1, "a": 2}},
        {"x": 1e300},
        OrderedDict(b=1, a=2),
    ]
    compare({}, {})
    for headers in [*({"kid": kid} for kid in kids), *({"typ": typ} for typ in types), *others]:
        for encoder in (None, Encoder, Shouting):
            compare({"sub": "anna"}, headers, encoder)
    for _ in range(1500):
        compare({}, {text(dice): anything(dice) for _ in range(dice.randint(1, 4))})


def test_an_encoder_may_be_a_function() -> None:
    compare({"x": {1, 2}}, {"y": {3}}, functools.partial(Encoder))
    compare({"sub": "anna"}, None, functools.partial(Encoder))


def test_a_date_that_changes_the_claims() -> None:
    claims: dict[str, Any] = {"sub": "anna"}

    class Meddling(datetime):
        def utctimetuple(self) -> Any:
            claims.update(dict.fromkeys(map(str, range(100))))
            return super().utctimetuple()

    claims["exp"] = Meddling(2026, 11, 22)
    assert _engine.unverified(SIGNER.encode(claims))[1]["sub"] == "anna"


@pytest.mark.parametrize(
    "headers", [{"alg": "HS512"}, {"b64": False}, {"b64": True}, {"crit": ["exp"]}]
)
def test_headers_that_change_the_signing_are_left_to_pyjwt(headers: dict[str, Any]) -> None:
    with pytest.raises(Unsupported, match="changes how a token is signed"):
        SIGNER.encode({}, headers)


@pytest.mark.parametrize(
    ("algorithm", "name"),
    [
        *((f"{kind}{size}", "rsa") for kind in ("RS", "PS") for size in (256, 384, 512)),
        *(
            ("ES256", "p256"),
            ("ES384", "p384"),
            ("ES512", "p521"),
            ("ES256K", "secp256k1"),
            ("EdDSA", "ed25519"),
        ),
    ],
)
def test_asymmetric_algorithms(algorithm: str, name: str) -> None:
    private, public = ((KEYS / f"{name}{part}.pem").read_text() for part in ("", ".pub"))
    token = Signer(private, algorithm).encode({"sub": "anna", "x": "ü"}, {"kid": "1"}, None)
    assert jwt.decode(token, public, [algorithm]) == {"sub": "anna", "x": "ü"}
    expected = jwt.encode({"sub": "anna", "x": "ü"}, private, algorithm, {"kid": "1"})
    assert token.rsplit(".", 1)[0] == expected.rsplit(".", 1)[0]
    if algorithm.startswith(("RS", "Ed")):
        assert token == expected


@pytest.mark.parametrize("algorithm", ["HS256", "HS384", "HS512"])
def test_secrets(algorithm: str) -> None:
    for secret in ("a", "ü", b"\x00", b"\xff" * 200, "a" * 63, "a" * 64, "a" * 65, "a" * 129):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            expected = jwt.encode({"sub": "anna"}, secret, algorithm)
        assert Signer(secret, algorithm).encode({"sub": "anna"}) == expected


def test_uuids_are_random_and_of_version_4() -> None:
    drawn = [text for _ in range(1000) for text in _engine.uuids()]
    assert len(set(drawn)) == 2000
    assert all(str(uuid.UUID(text)) == text and uuid.UUID(text).version == 4 for text in drawn)


@pytest.mark.skipif(not hasattr(sys, "getdlopenflags"), reason="there is no fork")
def test_two_children_of_a_fork_never_draw_the_same() -> None:
    # In a process of its own, since this one may have threads.
    program = """
import os
from flask_jwt_extended_rs import _engine
_engine.uuids()
read, write = os.pipe()
for _ in range(4):
    if os.fork() == 0:
        os.write(write, " ".join([*_engine.uuids(), *_engine.uuids(), ""]).encode())
        os._exit(0)
for _ in range(4):
    os.wait()
os.write(write, " ".join(_engine.uuids()).encode())
os.close(write)
drawn = os.fdopen(read).read().split()
assert len(drawn) == 18 and len(set(drawn)) == 18, drawn
"""
    subprocess.run([sys.executable, "-c", program], check=True)
