"""Tokens, good and bad, written as JSON text so that everything can be in them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import random
from collections.abc import Iterator
from typing import Any

from pyjwt_reference import NOW, SECRET

HEADER = '{"alg":"HS256","typ":"JWT"}'
CLAIMS = {
    "fresh": "false",
    "iat": "1700000000",
    "jti": '"e8ad3d9d-6a3c-4bb0-8a2f-7a9b24c6a5d1"',
    "type": '"access"',
    "sub": '"anna"',
    "nbf": "1700000000",
    "csrf": '"5a6d3125-1bab-4e51-9b95-c2cab7adf478"',
    "exp": "1700000900",
}

NUMBERS = [
    *("0", "1", "-1", "-0", "0.0", "-0.0", "1.5", "-1.5", "1e3", "1E+3", "1e-7", "5e-324", "1e308"),
    *("1e400", "-1e400", "NaN", "Infinity", "-Infinity", "01", "1.", ".5", "+1", "0x10", "1_000"),
    *("9007199254740993", "9223372036854775807", "9223372036854775808", "-9223372036854775808"),
    *("-9223372036854775809", "18446744073709551615", "18446744073709551616", "1" + "0" * 30),
    *("1" + "0" * 4299, "1" + "0" * 4301, "0.1", "0.30000000000000004", "123456789012345680.0"),
    *(str(int(NOW) + by) for by in (-1000, -60, -2, -1, 0, 1, 2, 60, 1000)),
    *(f"{NOW + by}" for by in (-1.25, -0.25, 0, 0.5, 0.75)),
]
TEXTS = [
    *(
        '""',
        '"a"',
        '"anna"',
        '"\\u0061nna"',
        '"\\ud83d\\ude00"',
        '"\\ud83d"',
        '"\\ude00x"',
        '"\\x61"',
    ),
    *(
        '"\\u0000"',
        '"\x01"',
        '"\\/"',
        '"ü"',
        '"😀"',
        '"\x7f"',
        '"a',
        "'a'",
        '"access"',
        '"refresh"',
    ),
    *('"aud1"', '"aud2"', '"iss1"', '"iss1 "', '"1700000000"', '" 1700000900 "', '"1_700_000_900"'),
    *('"+1700000900"', '"-5"', '"١٧٠٠٠٠٠٩٠٠"', '"1e9"', '"1.5"', '"\\u001c1700000900"', '"0x5"'),
    *('"99999999999999999999"', '"5a6d3125-1bab-4e51-9b95-c2cab7adf478"', '"nan"', '"True"'),
]
OTHERS = [
    *(
        "null",
        "true",
        "false",
        "nul",
        "True",
        "None",
        "",
        "[]",
        "{}",
        "[[]]",
        "[{}]",
        "[null]",
        "{,}",
    ),
    *('["aud1"]', '["aud2","x"]', '["aud1",1]', '["aud1",null]', '["x","aud1"]', "[1,]", "[1 2]"),
    *('{"a":1}', '{"a":1,"a":2}', '{"$serde_json::private::Number":"1"}', '{"a":[1,{"b":null}]}'),
    *("[" * n + "]" * n for n in (10, 126, 127, 128, 200)),
]
VALUES = [*NUMBERS, *TEXTS, *OTHERS]
NAMES = [
    *CLAIMS,
    "iss",
    "aud",
    "sid",
    "mgr",
    "auth_time",
    "role",
    "exp ",
    "EXP",
    "\\u0065xp",
    "ü",
    "",
]

HEADERS = [
    *(
        "{}",
        "[]",
        "null",
        "1",
        '"x"',
        "",
        "{",
        '{"alg":"HS256"',
        "{} {}",
        HEADER + " ",
        " " + HEADER,
    ),
    *(f'{{"alg":{alg},"typ":"JWT"}}' for alg in VALUES),
    *(
        f'{{"alg":"{alg}","typ":"JWT"}}'
        for alg in ("none", "HS384", "HS512", "RS256", "hs256", "ES521")
    ),
    *(f'{{"alg":"HS256","typ":{typ}}}' for typ in ('"at+jwt"', "null", "1", "[]", "NaN")),
    *(f'{{"alg":"HS256","kid":{kid},"typ":"JWT"}}' for kid in VALUES),
    *(
        f'{{"alg":"HS256","crit":{crit}}}'
        for crit in ("null", "[]", "{}", '["b64"]', "[1]", '["exp"]')
    ),
    *(f'{{"alg":"HS256","b64":{b64}}}' for b64 in ("true", "false", "null", "0", "1", '"false"')),
    *(f'{{"alg":"HS256","b64":{b64},"crit":["b64"]}}' for b64 in ("true", "false", "null", "0")),
    *(
        '{"alg":"none","alg":"HS256"}',
        '{"alg":"HS256","alg":"none"}',
        '{"typ":"JWT","alg":"HS256"}',
    ),
    *('{"\\u0061lg":"HS256"}', '{"alg":"HS256","x":[1,{"y":"z"}]}', '{"alg":"HS256","x":1e999}'),
    *('{"alg":"HS256","jwk":{"kty":"oct","k":"AAAA"}}', '{"alg":"HS256","":""}'),
]


def segment(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def signed(header: str | bytes, payload: str | bytes, secret: str = SECRET) -> str:
    """A token of these texts, with a good HS256 signature whatever they are."""
    parts = [part.encode() if isinstance(part, str) else part for part in (header, payload)]
    message = ".".join(map(segment, parts))
    mac = hmac.new(secret.encode(), message.encode(), hashlib.sha256).digest()
    return f"{message}.{segment(mac)}"


def claims(changed: dict[str, str | None]) -> str:
    """A payload, with these claims set to a text or left out."""
    entries = {name: value for name, value in {**CLAIMS, **changed}.items() if value is not None}
    return "{" + ",".join(f'"{name}":{value}' for name, value in entries.items()) + "}"


def with_payloads(dice: random.Random) -> Iterator[str]:
    """Every value for every claim, then several at once."""
    for name in NAMES:
        yield signed(HEADER, claims({name: None}))
        for value in VALUES:
            yield signed(HEADER, claims({name: value}))
    for _ in range(1000):
        names = dice.sample(NAMES, dice.randint(2, 4))
        yield signed(HEADER, claims({name: dice.choice([None, *VALUES]) for name in names}))


def with_encodings() -> Iterator[str]:
    """Payloads and headers in encodings that Python's `json` guesses, or refuses."""
    good = claims({"name": '"ü"'})
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"):
        yield signed(HEADER, good.encode(encoding))
        yield signed(HEADER.encode(encoding), good)
    broken = [
        "\ud800".encode("utf-8", "surrogatepass"),
        b"\xff",
        b"\xc0\x80",
        b"\x00",
        b"\xf5",
        b"\xe2\x82",
    ]
    for raw in broken:
        yield signed(HEADER, claims({"name": '"?"'}).encode().replace(b"?", raw))
        yield signed(HEADER.encode().replace(b"JWT", raw), good)
    for raw in (
        b"",
        b" ",
        b"\x00",
        b"{",
        b"{}",
        b"[]",
        b"null",
        b"1",
        b'"a"',
        b"{}\n",
        b"\n{}",
        b"{}x",
        b"\v{}",
    ):
        yield signed(HEADER, raw)
    for n in (100, 127, 128, 150, 900):
        yield signed(HEADER, claims({"deep": '{"a":' * n + "1" + "}" * n}))


def with_faults(token: str, dice: random.Random, count: int) -> Iterator[str]:
    """A token with something wrong in its form."""
    alphabet = "ABCxyz019-_=+/. \n\t%é\x00"
    header, payload, signature = token.split(".")
    yield from [
        "",
        ".",
        "..",
        "...",
        "a.b.c",
        header,
        f"{header}.{payload}",
        f"{token}.",
        f".{token}",
    ]
    yield from [f"{header}..{signature}", f".{payload}.{signature}", f"{header}.{payload}."]
    yield from [
        token.replace(".", ". "),
        f" {token}",
        f"{token}\n",
        f"{token}.{signature}",
        token * 2,
    ]
    for n in range(4):
        yield f"{header}{'=' * n}.{payload}.{signature}"
        yield f"{header}.{payload}{'=' * n}.{signature}"
        yield f"{token}{'=' * n}"
    yield f"{header}.{payload}.{'A' * 3000}"
    yield f"{header}.{payload}.{'A' * 3001}"
    for last in "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_":
        # Bits that no byte needs.
        yield token[:-1] + last
        yield f"{header[:-1]}{last}.{payload}.{signature}"
        yield f"{header}.{payload[:-1]}{last}.{signature}"
    for _ in range(count):
        characters = list(token)
        for _ in range(dice.randint(1, 3)):
            at = dice.randrange(len(characters))
            match dice.randrange(4):
                case 0:
                    characters[at] = dice.choice(alphabet)
                case 1:
                    characters.insert(at, dice.choice(alphabet))
                case 2:
                    del characters[at]
                case _:
                    del characters[at:]
            if not characters:
                break
        yield "".join(characters)


def good(**changed: Any) -> str:
    """A good token, with these claims set or, where they are None, left out."""
    texts = {name: None if value is None else json.dumps(value) for name, value in changed.items()}
    return signed(HEADER, claims(texts))
