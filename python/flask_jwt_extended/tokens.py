"""Encoding and decoding with everything given: nothing here reads an option.

The engine does it where it can, and PyJWT where it must (see `flask_jwt_extended_rs.keys`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta, timezone
from hmac import compare_digest
from json import JSONEncoder
from time import time
from typing import Any

import jwt
from jwt import api_jwt

from flask_jwt_extended.exceptions import CSRFError, JWTDecodeError
from flask_jwt_extended.typing import ExpiresDelta, Fresh
from flask_jwt_extended_rs import _engine, keys, managers

# What is looked at to see whether it was replaced.
_pyjwt_encode = jwt.encode
_pyjwt_decode = jwt.decode
_uuid4 = uuid.uuid4
# In a tuple, since freezegun replaces the class wherever a module has it.
_REAL_CLOCK = (datetime,)

# In the order in which PyJWT looks at them.
_DATES = {
    "iat": (jwt.InvalidIssuedAtError, "Issued At"),
    "nbf": (jwt.DecodeError, "Not Before"),
    "exp": (jwt.DecodeError, "Expiration Time"),
}


def _encode_jwt(
    algorithm: str,
    audience: str | Iterable[str] | None,
    claim_overrides: dict[str, Any],
    csrf: bool,
    expires_delta: ExpiresDelta,
    fresh: Fresh,
    header_overrides: dict[str, Any],
    identity: Any,
    identity_claim_key: str,
    issuer: str | None,
    json_encoder: type[JSONEncoder],
    secret: Any,
    token_type: str,
    nbf: bool,
) -> str:
    """A signed token. `claim_overrides` win over every claim that is made here."""
    now = datetime.now(timezone.utc)
    jti, csrf_value = _engine.uuids() if uuid.uuid4 is _uuid4 else _patched_uuids(csrf)

    token_data = {
        "fresh": (now + fresh).timestamp() if isinstance(fresh, timedelta) else fresh,
        "iat": now,
        "jti": jti,
        "type": token_type,
        identity_claim_key: identity,
    }
    if nbf:
        token_data["nbf"] = now
    if csrf:
        token_data["csrf"] = csrf_value
    if audience:
        token_data["aud"] = audience
    if issuer:
        token_data["iss"] = issuer
    if expires_delta:
        token_data["exp"] = now + expires_delta
    if claim_overrides:
        token_data.update(claim_overrides)

    if jwt.encode is _pyjwt_encode and (signer := keys.signer(secret, algorithm)):
        try:
            return signer.encode(token_data, header_overrides, json_encoder)
        except _engine.Unsupported:
            # A header field that changes how a token is signed.
            pass
    return jwt.encode(
        token_data, secret, algorithm, json_encoder=json_encoder, headers=header_overrides
    )


def _decode_jwt(
    algorithms: Sequence[str],
    allow_expired: bool,
    audience: str | Iterable[str] | None,
    csrf_value: str | None,
    encoded_token: str | bytes,
    identity_claim_key: str,
    issuer: str | None,
    leeway: float | timedelta,
    secret: Any,
    verify_aud: bool,
    verify_sub: bool,
    manager: str | None = None,
) -> dict[str, Any]:
    """The claims of a token that is signed with `secret`, is in its time and has the right claims.

    `leeway` is in seconds. Without `verify_aud` the audience is not looked at. What is refused is
    raised: PyJWT's exceptions, JWTDecodeError for a missing claim, CSRFError for another double
    submit value than `csrf_value`.
    """
    if jwt.decode is _pyjwt_decode and verify_aud is (audience is not None):
        verifier = keys.verifier(
            (secret,),
            algorithms,
            audience=audience,
            issuer=issuer,
            leeway=leeway,
            verify_sub=verify_sub,
            identity_claim=identity_claim_key,
            manager=manager,
        )
        if verifier is not None:
            try:
                return verifier.claims(encoded_token, _now(), csrf_value, allow_expired)
            except _engine.Unsupported:
                # A number of a hundred digits, or the like: PyJWT is asked from the beginning.
                pass

    try:
        payload = jwt.decode(
            encoded_token,
            secret,
            algorithms=algorithms,
            audience=audience,
            issuer=issuer,
            leeway=leeway,
            options={
                "verify_aud": verify_aud,
                "verify_sub": verify_sub,
                "verify_exp": not allow_expired,
            },
        )
    except (OverflowError, TypeError) as error:
        # Older releases of PyJWT stumble over dates that are none. Any other one is about an option.
        if str(error).startswith(("int() argument", "cannot convert float")):
            _check_dates(encoded_token)
        raise
    if identity_claim_key not in payload:
        raise JWTDecodeError(f"Missing claim: {identity_claim_key}")
    if not managers.is_meant(manager, payload):
        raise JWTDecodeError("The token is not meant for this part of the service")
    payload.setdefault("type", "access")
    payload.setdefault("fresh", False)
    payload.setdefault("jti", None)
    if csrf_value:
        _verify_double_submit(payload, csrf_value)
    return payload


def _now() -> float:
    """The time for verifying, read where PyJWT reads it, so that who stops its clock stops ours."""
    clock: type[datetime] = api_jwt.datetime  # type: ignore[attr-defined]
    if clock is _REAL_CLOCK[0]:
        # The same in a tenth of the time. What stops a real `datetime` stops this too.
        return time()
    return clock.now(tz=timezone.utc).timestamp()


def _unverified(encoded_token: str | bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token, with nothing verified."""
    try:
        return _engine.unverified(encoded_token)
    except UnicodeEncodeError:
        # Half of a pair of surrogates, which JSON can hold.
        raise jwt.DecodeError("Invalid token: it has a character that is none") from None
    except RecursionError:
        # Older releases of PyJWT let it through.
        raise jwt.DecodeError("Invalid token: it is nested too deep") from None


def _check_dates(encoded_token: str | bytes) -> None:
    """Raises what newer releases of PyJWT raise for a date that is none."""
    claims = _unverified(encoded_token)[1]
    for name, (kind, words) in _DATES.items():
        try:
            int(claims.get(name, 0))
        except (OverflowError, TypeError, ValueError) as error:
            raise kind(f"{words} claim ({name}) must be an integer.") from error


def _patched_uuids(csrf: bool) -> tuple[str, str]:
    return str(uuid.uuid4()), str(uuid.uuid4()) if csrf else ""


def _verify_double_submit(payload: dict[str, Any], csrf_value: str) -> None:
    if "csrf" not in payload:
        raise JWTDecodeError("Missing claim: csrf")
    try:
        is_same = compare_digest(payload["csrf"], csrf_value)
    except TypeError:
        # One of them is no text, or has characters beyond ASCII: it is not of our making.
        is_same = False
    if not is_same:
        raise CSRFError("CSRF double submit tokens do not match")
