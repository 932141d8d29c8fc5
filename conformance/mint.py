"""Tokens for the conformance cases: the same bytes on every run.

A token is described by a recipe (see README.md): minted by Flask-JWT-Extended
itself, put together by hand, or written out. Any of them can then be damaged.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest import mock

import time_machine
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from flask import Flask
from flask_jwt_extended import create_access_token, create_refresh_token
from jwt.algorithms import (
    ECAlgorithm,
    RSAPSSAlgorithm,
    get_default_algorithms,
)
from jwt.utils import base64url_decode, base64url_encode, der_to_raw_signature

HERE = Path(__file__).resolve().parent
ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
MINT_KEYS = {"type", "identity", "fresh", "expires", "claims", "headers"}
RECIPE_KEYS = MINT_KEYS | {"at", "config", "raw", "text", "edit"}
RAW_KEYS = {"header", "header_text", "payload", "payload_text", "key", "alg"}
HASHES = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


class CaseError(Exception):
    """A case file says something the recorder does not understand."""


def only(allowed: set[str], given: dict[str, Any], what: str) -> None:
    unknown = set(given) - allowed
    if unknown:
        raise CaseError(f"{what}: unknown key {sorted(unknown)}")


def key_text(value: Any) -> Any:
    """A key: its text, or {"file": path} for the text of that file."""
    if isinstance(value, dict) and set(value) == {"file"}:
        return (HERE / value["file"]).read_text(encoding="ascii")
    return value


def long_text(value: str | list[Any]) -> str:
    """A text, or a list of [piece, count] for a long one."""
    if isinstance(value, str):
        return value
    return "".join(piece * count for piece, count in value)


# --- the same bytes on every run ---------------------------------------------


def frozen(now: float) -> time_machine.travel:
    """Stop the clock. The quarter of a microsecond keeps the rounding between
    seconds and nanoseconds from ending up a microsecond early."""
    return time_machine.travel(now + 2.5e-7, tick=False)


class Uuids:
    """Stands in for uuid.uuid4: a sequence that depends on the case id alone."""

    def __init__(self, case_id: str) -> None:
        self.case_id = case_id
        self.made: list[str] = []

    def __call__(self) -> uuid.UUID:
        seed = f"{self.case_id}:{len(self.made)}".encode()
        made = uuid.UUID(bytes=hashlib.sha256(seed).digest()[:16], version=4)
        self.made.append(str(made))
        return made


def _sign_ec(self: Any, msg: bytes, key: ec.EllipticCurvePrivateKey) -> bytes:
    scheme = ec.ECDSA(self.hash_alg(), deterministic_signing=True)
    return der_to_raw_signature(key.sign(msg, scheme), key.curve)


def _sign_pss(self: Any, msg: bytes, key: rsa.RSAPrivateKey) -> bytes:
    """RSASSA-PSS (RFC 8017, 8.1.1) with a salt made from the message."""

    def digest(data: bytes) -> bytes:
        return hashlib.new(self.hash_alg().name, data).digest()

    salt = digest(b"salt" + msg)
    size = len(salt)
    em_bits = key.key_size - 1
    em_len = (em_bits + 7) // 8
    block = b"\0" * (em_len - 2 * size - 2) + b"\x01" + salt
    hashed = digest(b"\0" * 8 + digest(msg) + salt)
    mask = b""
    counter = 0
    while len(mask) < len(block):
        mask += digest(hashed + counter.to_bytes(4, "big"))
        counter += 1
    masked = bytearray(a ^ b for a, b in zip(block, mask, strict=False))
    masked[0] &= 0xFF >> (8 * em_len - em_bits)
    message = int.from_bytes(bytes(masked) + hashed + b"\xbc", "big")
    numbers = key.private_numbers()
    signature = pow(message, numbers.d, numbers.public_numbers.n)
    return signature.to_bytes(key.key_size // 8, "big")


def repeatable_signatures() -> None:
    """Take the randomness out of the signatures that have some."""
    mock.patch.object(ECAlgorithm, "sign", _sign_ec).start()
    mock.patch.object(RSAPSSAlgorithm, "sign", _sign_pss).start()


# --- recipes -----------------------------------------------------------------


def _seconds(value: Any) -> Any:
    """Integer seconds as a timedelta; true, false and null as they are."""
    if isinstance(value, bool) or value is None:
        return value
    return timedelta(seconds=value)


def create(app: Flask, recipe: dict[str, Any]) -> str:
    """Let upstream mint a token under the configuration of `app`."""
    only(MINT_KEYS, recipe, "token")
    arguments: dict[str, Any] = {
        "expires_delta": _seconds(recipe.get("expires")),
        "additional_claims": recipe.get("claims"),
        "additional_headers": recipe.get("headers"),
    }
    with app.app_context():
        if recipe["type"] == "refresh":
            return str(create_refresh_token(recipe.get("identity"), **arguments))
        arguments["fresh"] = _seconds(recipe.get("fresh", False))
        return str(create_access_token(recipe.get("identity"), **arguments))


def _sign(alg: str, key: str, signing_input: bytes) -> bytes:
    if alg == "none":
        return b""
    if alg in HASHES:
        # Not through PyJWT, which refuses to use a PEM text as a secret.
        return hmac.digest(key.encode(), signing_input, HASHES[alg])
    algorithm = get_default_algorithms()[alg]
    return algorithm.sign(signing_input, algorithm.prepare_key(key))


def _raw(raw: dict[str, Any], options: dict[str, Any]) -> str:
    only(RAW_KEYS, raw, "raw token")
    alg = raw.get("alg", options.get("JWT_ALGORITHM", "HS256"))
    header = raw.get("header", {"alg": alg, "typ": "JWT"})
    parts = []
    for name, value in (("header", header), ("payload", raw.get("payload"))):
        text = raw.get(f"{name}_text")
        data = json.dumps(value, separators=(",", ":")) if text is None else text
        parts.append(base64url_encode(long_text(data).encode("utf-8")))
    signing_input = b".".join(parts)
    default_key = "JWT_SECRET_KEY" if alg in HASHES else "JWT_PRIVATE_KEY"
    key = key_text(raw.get("key", options.get(default_key)))
    signature = base64url_encode(_sign(alg, key, signing_input))
    return (signing_input + b"." + signature).decode("ascii")


def _edit(token: str, edit: dict[str, Any]) -> str:
    """Damage a token: each key of `edit` is one change, applied in order."""
    for change, value in edit.items():
        if change == "flip":
            index = value % len(token)
            other = "B" if token[index] == "A" else "A"
            token = token[:index] + other + token[index + 1 :]
        elif change == "append":
            token += value
        elif change == "prepend":
            token = value + token
        elif change == "cut":
            token = token[:-value]
        elif change == "pad":
            parts = token.split(".")
            token = ".".join(part + "=" * (-len(part) % 4) for part in parts)
        elif change == "spare_bits":
            last = ALPHABET[ALPHABET.index(token[-1]) ^ 1]
            token = token[:-1] + last
        elif change == "segment":
            parts = token.split(".")
            parts[value[0]] = value[1]
            token = ".".join(parts)
        elif change == "drop":
            parts = token.split(".")
            del parts[value]
            token = ".".join(parts)
        elif change == "replace":
            token = token.replace(*value)
        else:
            raise CaseError(f"unknown edit {change!r}")
    return token


def mint(
    recipe: dict[str, Any],
    app_for: Callable[[str], tuple[Flask, dict[str, Any]]],
    default_config: str,
    now: float,
) -> tuple[str, dict[str, Any]]:
    """The token of a recipe, and its claims as far as they can be read.

    `app_for` gives the app and the options of a named configuration.
    """
    only(RECIPE_KEYS, recipe, "token")
    if "text" in recipe:
        return _edit(long_text(recipe["text"]), recipe.get("edit", {})), {}
    app, options = app_for(recipe.get("config", default_config))
    if "raw" in recipe:
        token = _raw(recipe["raw"], options)
    else:
        arguments = {key: recipe[key] for key in MINT_KEYS if key in recipe}
        with frozen(recipe.get("at", now)):
            token = create(app, arguments)
    return _edit(token, recipe.get("edit", {})), claims_of(token)


def segment_json(token: str, index: int) -> Any:
    return json.loads(base64url_decode(token.split(".")[index]))


def claims_of(token: str) -> dict[str, Any]:
    try:
        claims = segment_json(token, 1)
    except (ValueError, IndexError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def base64_text(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
