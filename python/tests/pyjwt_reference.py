"""Decoding with PyJWT alone, in the steps of Flask-JWT-Extended: what the engine is compared with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from hmac import compare_digest
from typing import Any

import jwt

from flask_jwt_extended.exceptions import CSRFError, JWTDecodeError
from flask_jwt_extended_rs._engine import Unsupported, Verifier

NOW = 1_700_000_000.25
SECRET = "a-secret-of-at-least-64-bytes-so-that-nobody-warns-about-its-length"


@dataclass(frozen=True)
class Rules:
    """The arguments of a `Verifier`, and of one call of it."""

    keys: Sequence[Any] = (SECRET,)
    algorithms: Sequence[str] = ("HS256",)
    audience: Sequence[str] | None = None
    issuer: Sequence[str] | None = None
    leeway: float = 0
    verify_sub: bool = True
    identity_claim: str = "sub"
    csrf_value: str | None = None
    allow_expired: bool = False

    def verifier(self) -> Verifier:
        return Verifier(
            self.keys,
            self.algorithms,
            audience=self.audience,
            issuer=self.issuer,
            leeway=self.leeway,
            verify_sub=self.verify_sub,
            identity_claim=self.identity_claim,
        )


@dataclass(frozen=True)
class Outcome:
    """What became of a token. Values are compared as Python writes them: 1 is not True, NaN is NaN."""

    result: str
    error: type[BaseException] | None = None
    text: str = field(default="")


def by_engine(token: Any, rules: Rules, verifier: Verifier | None = None) -> Outcome:
    verifier = verifier or rules.verifier()
    return _outcome(lambda: verifier.decode(token, NOW, rules.csrf_value, rules.allow_expired))


def by_pyjwt(token: Any, rules: Rules) -> Outcome:
    """It has to be called at the time `NOW`."""
    return _outcome(lambda: _decode(token, rules))


def is_unsupported(outcome: Outcome) -> bool:
    return outcome.error is Unsupported


def _outcome(decode: Any) -> Outcome:
    try:
        return Outcome(repr(decode()))
    except jwt.ExpiredSignatureError as error:
        return Outcome(repr((error.jwt_header, error.jwt_data)), type(error), str(error))  # type: ignore[attr-defined]
    except Exception as error:
        return Outcome("", type(error), str(error))


def _decode(token: Any, rules: Rules) -> tuple[dict[str, Any], dict[str, Any]]:
    jwt.decode(token, options={"verify_signature": False})
    header = jwt.get_unverified_header(token)
    try:
        return header, _verify(token, rules, rules.allow_expired)
    except jwt.ExpiredSignatureError as error:
        error.jwt_header = header  # type: ignore[attr-defined]
        error.jwt_data = _verify(token, rules, allow_expired=True)  # type: ignore[attr-defined]
        raise


def _verify(token: Any, rules: Rules, allow_expired: bool) -> dict[str, Any]:
    payload = jwt.decode(
        token,
        rules.keys[0],
        algorithms=rules.algorithms,
        audience=rules.audience,
        issuer=rules.issuer,
        leeway=rules.leeway,
        options={
            "verify_aud": rules.audience is not None,
            "verify_sub": rules.verify_sub,
            "verify_exp": not allow_expired,
        },
    )
    if rules.identity_claim not in payload:
        raise JWTDecodeError(f"Missing claim: {rules.identity_claim}")
    for name, value in [("type", "access"), ("fresh", False), ("jti", None)]:
        payload.setdefault(name, value)
    if rules.csrf_value:
        if "csrf" not in payload:
            raise JWTDecodeError("Missing claim: csrf")
        if not compare_digest(payload["csrf"], rules.csrf_value):
            raise CSRFError("CSRF double submit tokens do not match")
    return payload
