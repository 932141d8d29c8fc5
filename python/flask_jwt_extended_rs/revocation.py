"""Revocation in an app: which store is asked, and what it is told of a token."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app

from flask_jwt_extended import config as options_module
from flask_jwt_extended_rs.stores.base import (
    REUSE,
    TIMEOUT,
    Revocation,
    RevocationStatus,
    RevocationStore,
    Session,
    Subject,
    TokenRef,
    later,
)

if TYPE_CHECKING:
    from flask_jwt_extended.jwt_manager import JWTManager

Claims = Mapping[str, Any]

_log = logging.getLogger("flask_jwt_extended")
_STORES = "flask-jwt-extended-rs.stores"


def current_store(
    manager: JWTManager, known: options_module._Config | None = None
) -> RevocationStore | None:
    """The store that is asked: the manager's own, or else that of JWT_STORE_URL."""
    if manager.store is not None:
        return manager.store
    options = options_module.current_options(known)
    url = options.get("JWT_STORE_URL")
    return _of_url(url, options) if url else None


def needed_store(manager: JWTManager) -> RevocationStore:
    """The same. RuntimeError: there is none."""
    store = current_store(manager)
    if store is None:
        raise RuntimeError(
            "There is no store of revocations: set JWT_STORE_URL (memory://, sqlite:///file.db, "
            "postgresql://..., redis://...), or give JWTManager(app, store=...) one."
        )
    return store


def is_revoked(
    manager: JWTManager, claims: Claims, known: options_module._Config | None = None
) -> bool:
    """Whether the store says so. It does not without a store."""
    store = current_store(manager, known)
    if store is None:
        if claims.get("type") == "refresh" and rotates():
            needed_store(manager)
        return False
    token = token_ref(manager, claims)
    status = store.status(token)
    if status is RevocationStatus.REUSED and token.family is not None:
        # It never comes as far as being exchanged.
        until = later(last_end(token.now), token.remember_until)
        what = Session(token.family)
        store.revoke(Revocation(token.owner, what, until, token.now, reason=REUSE))
        tell_reuse(token)
    return status is not RevocationStatus.ACTIVE


def rotates() -> bool:
    """Whether a refresh token is good only once."""
    return bool(options_module.current_options().get("JWT_REFRESH_ROTATION"))


def token_ref(manager: JWTManager, claims: Claims) -> TokenRef:
    """What a store needs to know of a token that the manager has verified."""
    options = options_module.current_options()
    expires = _end(claims.get("exp"))
    leeway = _seconds(options["JWT_DECODE_LEEWAY"])
    return TokenRef(
        owner=Subject(
            subject_text(
                manager._known_as(claims[options["JWT_IDENTITY_CLAIM"]], claims.get("iss"))
            ),
            manager=_word(claims, "mgr") or "",
        ),
        now=now(),
        jti=_word(claims, "jti"),
        session=_word(claims, "sid"),
        token_type=_word(claims, "type"),
        issued_at=_number(claims.get("iat")),
        remember_until=None if expires is None else expires + leeway,
        grace=_seconds(options.get("JWT_REFRESH_ROTATION_GRACE", 10)),
    )


def tell_reuse(token: TokenRef) -> None:
    """For whoever watches over the service. Names no secrets and no persons."""
    _log.warning(
        "A refresh token came back after it was exchanged, so two hold it: its session is revoked "
        "(session %r, manager %r)",
        token.family,
        token.owner.manager,
    )


def last_end(moment: float) -> float | None:
    """When the last token of a session that is alive now has ended; None: never."""
    options = options_module.bound(options_module.config)
    ends = None
    for lifetime in (options.access_expires, options.refresh_expires):
        end = ending(moment, lifetime)
        if end is None:
            return None
        ends = end if ends is None else max(ends, end)
    assert ends is not None
    return ends + leeway()


def leeway() -> float:
    """With how many seconds of indulgence `exp` is judged."""
    return _seconds(options_module.bound(options_module.config).leeway)


def ending(moment: float, lifetime: Any) -> float | None:
    """When something ends that lives for so long: seconds, a timedelta, a relativedelta; None: never."""
    if lifetime is None or lifetime is False:
        return None
    if isinstance(lifetime, (int, float)):
        return moment + lifetime
    begin = datetime.fromtimestamp(moment, timezone.utc)
    end: datetime = begin + lifetime
    return moment + (end - begin).total_seconds()


def now() -> float:
    """The present moment, read where tokens are dated, so that who stops one clock stops both."""
    from flask_jwt_extended import tokens

    clock: type[datetime] = tokens.datetime  # type: ignore[attr-defined]
    return clock.now(timezone.utc).timestamp()


def subject_text(identity: Any) -> str:
    """Under which name stores know an identity: what tokens say of it, or its JSON text as the Rust
    library writes it.
    """
    if not isinstance(identity, str):
        encoder = options_module.config.json_encoder
        # A UUID is a text in a token, and so is a number that is a name in a dict.
        identity = json.loads(json.dumps(identity, cls=encoder))
    return identity if isinstance(identity, str) else _canonical(identity)


def _canonical(value: Any) -> str:
    if isinstance(value, dict):
        members = (f"{_canonical(name)}:{_canonical(value[name])}" for name in sorted(value))
        return "{" + ",".join(members) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_canonical, value)) + "]"
    if isinstance(value, float):
        number, e, exponent = repr(value).partition("e")
        return f"{number}e{int(exponent)}" if e else number
    return json.dumps(value, ensure_ascii=False)


def _word(claims: Claims, name: str) -> str | None:
    word = claims.get(name)
    return word if isinstance(word, str) else None


def _number(value: Any) -> float | None:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        return float(value)
    except OverflowError:
        return None


def _end(value: Any) -> float | None:
    """An `exp` as PyJWT reads it, which may be a text or a boolean."""
    try:
        return float(int(value))
    except (OverflowError, TypeError, ValueError):
        return None


def _seconds(span: Any) -> float:
    return span.total_seconds() if isinstance(span, timedelta) else float(span)


def _of_url(url: str, options: Mapping[str, Any]) -> RevocationStore:
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    settings = (
        url,
        options.get("JWT_STORE_TIMEOUT", TIMEOUT),
        options.get("JWT_STORE_PREFIX"),
        options.get("JWT_STORE_SUBJECT_KEY"),
    )
    stores: dict[Any, RevocationStore] = app.extensions.setdefault(_STORES, {})
    store = stores.get(settings)
    if store is None:
        # Of two threads that come first, both are to have the same.
        store = stores.setdefault(settings, _open(*settings))
    return store


def _open(url: str, timeout: Any, prefix: str | None, subject_key: Any) -> RevocationStore:
    scheme = url.partition(":")[0].partition("+")[0]
    settings: dict[str, Any] = {"timeout": _seconds(timeout)}
    if scheme == "memory":
        from flask_jwt_extended_rs.stores.memory import MemoryStore

        return MemoryStore()
    if scheme in ("sqlite", "postgresql", "postgres"):
        try:
            from flask_jwt_extended_rs.stores.sqlalchemy_store import SQLAlchemyStore
        except ModuleNotFoundError as error:
            raise _extra("sqlalchemy") from error
        if prefix is not None:
            settings["table_prefix"] = prefix
        return SQLAlchemyStore(url.replace("postgres:", "postgresql:", 1), **settings)
    if scheme in ("redis", "rediss", "unix"):
        try:
            from flask_jwt_extended_rs.stores.redis_store import RedisStore
        except ModuleNotFoundError as error:
            raise _extra("redis") from error
        if prefix is not None:
            settings["prefix"] = prefix
        return RedisStore(url, subject_key=subject_key or "", **settings)
    # What has no scheme may begin with a password.
    raise RuntimeError(
        "JWT_STORE_URL must begin with memory:, sqlite:, postgresql:, redis:, rediss:, unix: or "
        "redis+cluster:"
    )


def _extra(name: str) -> RuntimeError:
    return RuntimeError(
        f"JWT_STORE_URL needs what is not installed: pip install 'flask-jwt-extended-rs[{name}]'"
    )
