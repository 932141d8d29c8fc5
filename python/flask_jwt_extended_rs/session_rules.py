"""What new tokens have to do with sessions and rotation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flask import g
from jwt import ExpiredSignatureError

from flask_jwt_extended.config import config, current_options
from flask_jwt_extended_rs import _engine, managers
from flask_jwt_extended_rs.revocation import ending, needed_store, now, rotates, subject_text

if TYPE_CHECKING:
    from flask_jwt_extended.jwt_manager import JWTManager
    from flask_jwt_extended.typing import ExpiresDelta

Claims = dict[str, Any]


def begin_session() -> Claims:
    """The claims of a session that begins now."""
    return {"sid": _engine.uuids()[0], "auth_time": int(now() // 1)}


def session_claims(subject: Any, token_type: str) -> Claims:
    """The claims of the session that a new token is in, for JWT_SESSION_CLAIMS: that of this request's
    token, where it is for the same subject, or one for all tokens that this request makes for it.

    With rotation on, a refresh token begins a session unless it is the first one in that of this
    request's making: of two in one, each would be a reuse of the other.
    """
    key = managers.current.get(), subject_text(subject)
    begun: dict[Any, Claims] = g.setdefault("_jwt_extended_sessions", {})
    session = begun.get(key)
    if token_type == "refresh" and rotates():
        families: set[str] = g.setdefault("_jwt_extended_families", set())
        if session is None or session["sid"] in families:
            session = begun[key] = begin_session()
        families.add(session["sid"])
    elif session is None:
        session = _current_session(*key) or begun.setdefault(key, begin_session())
    return dict(session)


def with_end(claims: Claims, token_type: str, lifetime: ExpiresDelta | None) -> Claims:
    """`claims` with an `exp`, where the token would otherwise outlive its session (JWT_SESSION_LIFETIME).
    What they say of `exp` already is left alone.

    ExpiredSignatureError: the session has ended.
    """
    is_in_session = isinstance(claims.get("sid"), str) or token_type == "refresh"
    moment = now()
    end = session_end(claims, moment)
    if end is None or "exp" in claims or not is_in_session:
        return claims
    if end < moment + 1:
        error = session_has_ended()
        error.jwt_header = g.get("_jwt_extended_jwt_header", {})  # type: ignore[attr-defined]
        error.jwt_data = g.get("_jwt_extended_jwt", None) or claims  # type: ignore[attr-defined]
        raise error
    own = ending(moment, lifetime or None)
    return claims if own is not None and own <= end else {**claims, "exp": int(end // 1)}


def session_end(claims: Mapping[str, Any], moment: float) -> float | None:
    """When a token's session ends, if it has an end."""
    return ending(session_begin(claims, moment), current_options().get("JWT_SESSION_LIFETIME"))


def session_begin(claims: Mapping[str, Any], moment: float) -> int:
    """When a token's session began: with the login if that is known, or else at this moment."""
    for name in ("auth_time", "iat"):
        known = claims.get(name)
        if isinstance(known, (int, float)) and not isinstance(known, bool):
            return int(known // 1)
    return int(moment // 1)


def session_has_ended() -> ExpiredSignatureError:
    """What is raised then."""
    return ExpiredSignatureError("The session has ended")


def check_may_create(manager: JWTManager, token_type: str) -> None:
    """With rotation on: RuntimeError for what would let a refresh token be good twice."""
    if not rotates():
        return
    if token_type == "refresh":
        needed_store(manager)
    current = g.get("_jwt_extended_jwt", None) or {}
    if current.get("type") == "refresh" and managers.is_meant(managers.current.get(), current):
        raise RuntimeError(
            "JWT_REFRESH_ROTATION is on, so that a refresh token is exchanged for both tokens: call "
            "rotate_refresh_token()."
        )


def _current_session(manager: str | None, subject: str) -> Claims | None:
    """That of this request's token, if it is one of this subject's."""
    current = g.get("_jwt_extended_jwt", None) or {}
    is_same = (
        current.get(managers.CLAIM) == manager
        and subject_text(current.get(config.identity_claim_key)) == subject
    )
    if not is_same or not isinstance(current.get("sid"), str):
        return None
    return {"sid": current["sid"], "auth_time": current.get("auth_time", current.get("iat"))}
