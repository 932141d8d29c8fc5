"""Tokens, drawn by chance: mostly right, and wrong in every way that comes to mind."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from functools import cache
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from dice import Dice, json_value
from settings import FAMILIES, OTHER_SECRET, Settings, pem

HASHES = {"256": hashes.SHA256(), "384": hashes.SHA384(), "512": hashes.SHA512()}
WIDTHS = {"ES256": 32, "ES384": 48, "ES512": 66, "ES256K": 32}
CSRF = "the-double-submit-value"
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


def draw_token(dice: Dice, settings: Settings, *, refresh: bool = False) -> str:
    if settings.drawn and dice.often(0.15):
        # Once more: the answer may be another by now.
        return dice.choice(settings.drawn)
    header = dumps(dice, draw_header(dice, settings))
    payload = dumps(dice, draw_payload(dice, settings, refresh))
    if dice.often(0.05):
        header = odd_text(dice, header)
    if dice.often(0.08):
        payload = odd_text(dice, payload)
    signing_input = f"{b64url(header)}.{b64url(payload)}"
    token = f"{signing_input}.{b64url(draw_signature(dice, settings, signing_input.encode()))}"
    if dice.often(0.1):
        token = damaged(dice, token)
    settings.drawn.append(token)
    return token


def dumps(dice: Dice, value: Any) -> bytes:
    if dice.often(0.9):
        return json.dumps(value, separators=(",", ":")).encode()
    ensure_ascii = dice.often(0.5)
    text = json.dumps(value, ensure_ascii=ensure_ascii, indent=dice.pick(None, 1), sort_keys=True)
    return text.encode("utf-8", "surrogatepass")


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


# --- header and payload -------------------------------------------------------------------------


def draw_header(dice: Dice, settings: Settings) -> Any:
    header: dict[str, Any] = {"alg": settings.algorithm, "typ": "JWT"}
    if dice.often(0.15):
        header["kid"] = dice.pick("one", "two", "", 1, None)
    if dice.often(0.9):
        return header
    change = dice.randrange(5)
    if change == 0:
        del header["alg"]
    elif change == 1:
        header["alg"] = draw_name(dice, settings)
    elif change == 2:
        header["typ"] = json_value(dice, settings.now)
    elif change == 3:
        header[dice.pick("crit", "b64", "jwk", "cty", "é", "x5u")] = dice.pick(
            True,
            False,
            None,
            [],
            ["b64"],
            ["exp"],
            ["kid", "b64"],
            {"kty": "oct"},
            "https://a.test",
        )
    else:
        return dice.pick([], None, "text", 1, {}, [header])
    return header


def draw_name(dice: Dice, settings: Settings) -> Any:
    """Something in the place of the name of an algorithm."""
    listed = settings.option("JWT_DECODE_ALGORITHMS")
    if listed and isinstance(listed, list):
        return dice.choice(listed)
    names = ["none", "None", "hs256", "HS256", "HS512", "RS256", "ES256", "", " HS256"]
    return dice.choice([*names, None, 1, ["HS256"]])


def draw_payload(dice: Dice, settings: Settings, refresh: bool) -> Any:
    now = int(settings.now)
    payload: dict[str, Any] = {
        "fresh": dice.pick(True, False, now + 60, now - 60, now + 0.5),
        "iat": now,
        "jti": dice.pick("one", "two", "revoked"),
        "type": "refresh" if refresh else "access",
        settings.option("JWT_IDENTITY_CLAIM", "sub"): dice.pick("ann", "ann", "bob", "7"),
        "nbf": now,
        "csrf": CSRF,
        "exp": now + 900,
    }
    if settings.option("JWT_DECODE_AUDIENCE"):
        payload["aud"] = dice.pick("me", ["me", "other"], "you")
    if settings.option("JWT_DECODE_ISSUER"):
        payload["iss"] = "me"
    for _ in range(dice.among((0, 6), (1, 4), (2, 1), (4, 0.5))):
        change_claim(dice, payload, settings)
    if dice.often(0.01):
        return json_value(dice, settings.now)
    return payload


def change_claim(dice: Dice, payload: dict[str, Any], settings: Settings) -> None:
    name = dice.pick(
        "exp",
        "exp",
        "nbf",
        "iat",
        "aud",
        "iss",
        "sub",
        "jti",
        "type",
        "fresh",
        "csrf",
        "extra",
        "é",
    )
    now = settings.now
    edges = [
        now,
        now - 1,
        now + 1,
        now - 10,
        now + 10,
        now - 9,
        now + 11,
        now - 3600,
        now + 3600,
    ]
    if dice.often(0.2):
        payload.pop(name, None)
    elif name in ("exp", "nbf", "iat", "fresh") and dice.often(0.6):
        edge = dice.choice(edges)
        payload[name] = dice.pick(edge, int(edge), int(edge), str(int(edge)), str(edge))
    elif name in ("aud", "iss") and dice.often(0.6):
        payload[name] = dice.pick("me", "you", ["me"], ["x", "me"], ["x"], [], "", None, ["me", 1])
    elif name == "type" and dice.often(0.6):
        payload[name] = dice.pick("access", "refresh", "Refresh", "other", None)
    elif name == "csrf" and dice.often(0.5):
        payload[name] = dice.pick("other", "é", "", "\u2603")
    else:
        payload[name] = json_value(dice, now)


def odd_text(dice: Dice, text: bytes) -> bytes:
    """JSON that readers do not agree about, or no JSON."""
    inner = text[1:-1]
    comma = b"," if inner else b""
    return dice.pick(
        b"{" + inner + comma + b'"exp":99999999999,"exp":1}',
        b'{"sub":"first","alg":"none",' + inner + b"}",
        b'{"s\\u0075b":"escaped",' + inner + b"}",
        b"{" + inner + comma + b'"x":NaN}',
        b"{" + inner + comma + b'"x":-Infinity}',
        b"{" + inner + comma + b'"exp":Infinity}',
        b"{" + inner + comma + b'"exp":1e400}',
        b"{" + inner + comma + b'"nbf":1E3}',
        b"{" + inner + comma + b'"exp":1.7e9}',
        b"{" + inner + comma + b'"x":-0}',
        b"{" + inner + comma + b'"x":01}',
        b"{" + inner + comma + b'"x":1.}',
        b"{" + inner + comma + b'"x":0.1e-7}',
        b"{" + inner + comma + b'"x":"\\ud83d\\ude00"}',
        b"{" + inner + comma + b'"x":"\\ud800"}',
        b"{" + inner + comma + b'"x":"a\tb"}',
        b"{" + inner + comma + b'"x":"\\x"}',
        b"{" + inner + comma + b'"x":"\\u0000\\/"}',
        b"{" + inner + comma + b'"x":' + b"7" * dice.pick(20, 400, 5000) + b"}",
        b"{" + inner + comma + b'"x":' + b"[" * 60 + b"]" * 60 + b"}",
        b"{" + inner + comma + b'"x":' + b"[" * 300 + b"]" * 300 + b"}",
        b"{" + inner + comma + b'"x":' + b"[" * 2000 + b"]" * 2000 + b"}",
        b"{" + inner + comma + b'"x":"' + b"y" * 9000 + b'"}',
        b"{" + inner + comma + b"}",
        b"{" + inner + b",,}",
        b"{" + inner,
        b"[" + text + b"]",
        text + text,
        text + b"\n ",
        b"\t\r\n " + text,
        text + b"\x00",
        b"\x0b" + text,
        b"\xef\xbb\xbf" + text,
        text.decode("utf-8", "replace").encode("utf-16"),
        text.decode("utf-8", "replace").encode("utf-16-le"),
        text.decode("utf-8", "replace").encode("utf-32"),
        text.replace(b"}", b',"x":"\xff"}'),
        text.replace(b"}", b',"x":"\xed\xa0\x80"}'),
        text.replace(b'"', b"'"),
        text.replace(b":", b" : "),
        b"{" + inner + comma + b'"x":true /* y */}',
        b"",
        b"null",
        b'"text"',
        b"1",
        b"\xff\xfe",
    )


# --- signatures ---------------------------------------------------------------------------------


@cache
def private_key(name: str) -> Any:
    return load_pem_private_key(pem(name).encode(), None)


def draw_signature(dice: Dice, settings: Settings, message: bytes) -> bytes:
    algorithm, key = settings.algorithm, settings.key
    if dice.often(0.06):
        change = dice.randrange(4)
        if change == 0:
            return b""
        if change == 1:
            # With the public half as secret: the classic confusion.
            return hmac.digest(pem("rsa.pub").encode(), message, "sha256")
        if change == 2:
            message += b"."
        elif settings.family == "HS":
            key = OTHER_SECRET
        else:
            key = dice.choice(FAMILIES[settings.family][1])
    if dice.often(0.03):
        algorithm = dice.choice(FAMILIES[settings.family][0])
    return sign(algorithm, key, message)


def sign(algorithm: str, key: str, message: bytes) -> bytes:
    if algorithm.startswith("HS"):
        return hmac.digest(key.encode(), message, f"sha{algorithm[2:]}")
    private = private_key(key)
    if algorithm == "EdDSA":
        return bytes(private.sign(message))
    hash_ = HASHES[algorithm[2:5]]
    if algorithm.startswith("ES"):
        der = private.sign(message, ec.ECDSA(hash_, deterministic_signing=True))
        width = WIDTHS[algorithm]
        return b"".join(n.to_bytes(width, "big") for n in decode_dss_signature(der))
    assert isinstance(private, rsa.RSAPrivateKey)
    if algorithm.startswith("RS"):
        return private.sign(message, padding.PKCS1v15(), hash_)
    salt = padding.PSS(padding.MGF1(hash_), padding.PSS.DIGEST_LENGTH)
    return private.sign(message, salt, hash_)


# --- damage -------------------------------------------------------------------------------------


def damaged(dice: Dice, token: str) -> str:
    segments = token.split(".")
    index = dice.randrange(3)
    place = dice.randrange(len(token))
    mangled = [
        *segments[:index],
        dice.pick(
            "",
            "a",
            "!",
            "=",
            "e30",
            "bnVsbA",
            segments[index] + "=",
            segments[index] + "A",
            " ",
        ),
        *segments[index + 1 :],
    ]
    last = ALPHABET.index(token[-1]) if token[-1] in ALPHABET else 0
    return dice.pick(
        ".".join(mangled),
        ".".join(part + "=" * (-len(part) % 4) for part in segments),
        token[:place]
        + dice.pick("A", "-", "+", "/", "é", " ", "\u2028", "%", "\t")
        + token[place + 1 :],
        token[:place],
        token[:-1] + ALPHABET[last ^ 1],
        token + dice.pick(".", ".x", "A", "AAAA", "=", " x", "\x00"),
        "." + token,
        ".".join(segments[:2]),
        ".".join([*segments[:2], ""]),
        token.replace("-", "+").replace("_", "/"),
        token.swapcase(),
        ".".join(reversed(segments)),
        dice.pick("a.b.c", "..", ".", "a", "null", "undefined", "eyJ", "[object Object]"),
        hashlib.sha256(token.encode()).hexdigest(),
    )
