"""Sessions: pairs of tokens that are made, refreshed and revoked together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from flask import g

from flask_jwt_extended.exceptions import RevokedTokenError
from flask_jwt_extended.internal_utils import get_jwt_manager
from flask_jwt_extended.typing import ExpiresDelta
from flask_jwt_extended.utils import decode_token, get_jwt, get_jwt_header
from flask_jwt_extended_rs import managers, session_rules
from flask_jwt_extended_rs.authentication import Authenticated
from flask_jwt_extended_rs.exchange import Exchange
from flask_jwt_extended_rs.revocation import (
    ending,
    last_end,
    leeway,
    needed_store,
    now,
    rotates,
    subject_text,
    token_ref,
)
from flask_jwt_extended_rs.stores.base import (
    Everything,
    Revocation,
    RevocationStatus,
    RevocationStore,
    Revoked,
    Session,
    Subject,
    Token,
    TokenRef,
    later,
)

Claims = dict[str, Any]
# A token's text, what `authenticate` made of one, or the very object that `get_jwt` returns in this
# request. None: the token of this request. Claims of elsewhere are refused: a client can write any.
Which = str | Authenticated | Claims | None


_NOBODY: Any = object()


class TokenPair(NamedTuple):
    """The tokens of a login or refresh. Its `repr` shows neither."""

    access_token: str
    refresh_token: str

    def __repr__(self) -> str:
        return "TokenPair(...)"


def get_store(manager: str | None = None) -> RevocationStore:
    """The store of revocations, to list, restore and purge what is in it. RuntimeError: there is none.

    :param manager: the name of the manager whose store it is.
    """
    with managers.using(manager):
        return needed_store(get_jwt_manager())


def create_token_pair(
    identity: Any,
    fresh: Any = False,
    additional_claims: Claims | None = None,
    additional_headers: Claims | None = None,
    *,
    manager: str | None = None,
) -> TokenPair:
    """An access and a refresh token for one login. They share a session (the claims `sid` and
    `auth_time`), so that `revoke_session` ends both, and whatever they are refreshed to.

    The arguments are those of `create_access_token`.
    """
    with managers.using(manager):
        if rotates():
            needed_store(get_jwt_manager())
        claims = {**session_rules.begin_session(), **(additional_claims or {})}
        access, refresh = (
            get_jwt_manager()._encode_jwt_from_config(
                identity=identity,
                token_type=kind,
                claims=claims,
                fresh=fresh if kind == "access" else False,
                headers=additional_headers,
            )
            for kind in ("access", "refresh")
        )
        return TokenPair(access, refresh)


def rotate_refresh_token(
    additional_claims: Claims | None = None,
    additional_headers: Claims | None = None,
    *,
    token: Which = None,
    identity: Any = None,
    manager: str | None = None,
) -> TokenPair:
    """The pair of tokens for which this request's refresh token is exchanged. It is good once: who uses
    it again gets the same pair within JWT_REFRESH_ROTATION_GRACE, and ends the session after that.

    The new tokens are for the same identity and audience, in the same session, and not fresh. Claims of
    the app's own come from `additional_claims_loader` and the argument.

    :param token: another refresh token: its text, or what `authenticate` returned for it.
    :param identity: what loaders are called with. Default: the user whom `user_lookup_loader` found, or
        else the identity in the token. Whose the tokens are, it does not change.
    :param manager: the name of the manager whose token it is. Default: the one in the token.

    What is refused is raised: RevokedTokenError, ExpiredSignatureError, StoreUnavailable. TypeError: the
    token is none, such as claims that somebody has written.
    """
    with managers.using(manager):
        found = _read(token)
        with managers.using(_manager_of(found.claims)):
            exchange = Exchange(found, identity)
            return TokenPair(*exchange.run(additional_claims or {}, additional_headers or {}))


def revoke_token(
    token: Which = None,
    *,
    by: str | None = None,
    reason: str | None = None,
    manager: str | None = None,
) -> None:
    """Revokes one token: this request's, or another.

    :param token: the other's text, or what `authenticate` returned for it.
    :param by: who revokes it, for stores that record it.
    :param reason: why.
    :param manager: the name of the manager whose token it is. Default: the one in the token.

    TypeError: the token is none, such as claims that somebody has written.
    """
    with managers.using(manager):
        claims = _read(token).claims
        with managers.using(_manager_of(claims)):
            known = token_ref(get_jwt_manager(), claims)
            if known.jti is None:
                raise RuntimeError("The token has no `jti`, so it cannot be named.")
            _revoke(known, Token(known.jti), known.remember_until, by, reason)


def revoke_session(
    token: Which = None,
    *,
    longest_life: ExpiresDelta | None = None,
    by: str | None = None,
    reason: str | None = None,
    manager: str | None = None,
) -> None:
    """Revokes every token of a token's session: the access tokens of one login, and the refresh token
    that yields them. The arguments are those of `revoke_token`, and `longest_life` of `revoke_all_for`.

    RuntimeError: the token is in no session. `create_token_pair` makes tokens that are.
    """
    with managers.using(manager):
        claims = _read(token).claims
        with managers.using(_manager_of(claims)):
            known = token_ref(get_jwt_manager(), claims)
            if known.family is None:
                raise RuntimeError(
                    "The token has no session (`sid`): make it with create_token_pair, or set "
                    "JWT_SESSION_CLAIMS."
                )
            # It may have been made under a longer configuration than today's.
            until = later(_end(known.now, longest_life), known.remember_until)
            _revoke(known, Session(known.family), until, by, reason)


def revoke_all_for(
    identity: Any = _NOBODY,
    *,
    token: Which = None,
    keep: Which = None,
    longest_life: ExpiresDelta | None = None,
    by: str | None = None,
    reason: str | None = None,
    manager: str | None = None,
) -> None:
    """Revokes every token that somebody has up to now: logs out everywhere.

    Tokens have their time in whole seconds, so that one made later in this very second is revoked as
    well: make the new pair first, and name it to keep.

    :param identity: what tokens are created with, and `user_identity_loader` makes a text of. A `Subject`:
        whom stores know, as it is.
    :param token: instead of it, a token of theirs: `get_jwt()`, its text, or what `authenticate` returned.
        What `get_jwt_identity` returns has been through that loader already, so for whoever sends the
        request, call `revoke_all_for(token=get_jwt())`.
    :param keep: a token whose session stays good: its text, `get_jwt()`, or what `authenticate` returned.
        RevokedTokenError: it is revoked itself, and stays so.
    :param longest_life: how long the longest token may live, where some were made with an `expires_delta`
        beyond the configured lifetimes; False: for ever. For so long it is remembered, and otherwise for
        as long as the configured lifetimes say.
    :param manager: the name of the manager whose tokens they are. Default: the one in the token or `Subject`.
    """
    if (identity is _NOBODY) is (token is None):
        raise TypeError("Whose tokens? Give one of the two: an identity, or token=get_jwt()")
    with managers.using(manager):
        known = None if token is None else _read(token).claims
        if known is not None:
            name = _manager_of(known)
        else:
            name = identity.manager or None if isinstance(identity, Subject) else None
        with managers.using(name):
            owner = _owner(identity) if known is None else token_ref(get_jwt_manager(), known).owner
            _revoke_all(owner, keep, longest_life, by, reason)


def _revoke_all(
    owner: Subject,
    keep: Which,
    longest_life: ExpiresDelta | None,
    by: str | None,
    reason: str | None,
) -> None:
    session = None
    if keep is not None:
        found = _read(keep)
        kept = found.claims
        session = kept.get("sid")
        if not isinstance(session, str):
            raise RuntimeError(
                "The token to keep has no session (`sid`): make it with create_token_pair, or set "
                "JWT_SESSION_CLAIMS."
            )
        status = needed_store(get_jwt_manager()).status(token_ref(get_jwt_manager(), kept))
        if status is RevocationStatus.REVOKED:
            raise RevokedTokenError(found.header, kept)
    known = TokenRef(owner, now())
    _revoke(known, Everything(known.now, session), _end(known.now, longest_life), by, reason)


def _owner(identity: Any) -> Subject:
    """Whom a store knows as what tokens are created with."""
    name = managers.current.get() or ""
    if isinstance(identity, Subject):
        if identity.manager != name:
            raise ValueError(f"The subject is of another manager than {name!r}")
        return identity
    manager = get_jwt_manager()
    try:
        subject = manager._user_identity_callback(identity)
    except (AttributeError, LookupError, TypeError) as error:
        if not isinstance(identity, str):
            raise
        raise RuntimeError(
            "user_identity_loader makes nothing of a text, so this is none that tokens are created with. For "
            "whoever sends the request, call revoke_all_for(token=get_jwt()); for the identity in a token, "
            "revoke_all_for(Subject(identity))."
        ) from error
    return Subject(subject_text(manager._known_as(subject)), manager=name)


def _read(token: Which) -> Authenticated:
    """A token whose signature was verified, and nobody's mere words."""
    if token is None or token is g.get("_jwt_extended_jwt", None):
        claims = get_jwt()
        if not claims:
            raise RuntimeError("This request has no token.")
        user = g.get("_jwt_extended_jwt_user", None) or {"loaded_user": None}
        return Authenticated(None, user["loaded_user"], claims, get_jwt_header())
    if isinstance(token, Authenticated):
        return token
    if isinstance(token, str):
        return Authenticated(None, None, decode_token(token, allow_expired=True), {})
    raise TypeError(
        f"A {type(token).__name__} is no verified token, whatever it says: pass the token's text, "
        f"get_jwt() of this very request, or what authenticate() returned."
    )


def _manager_of(claims: Mapping[str, Any]) -> str | None:
    return managers.of_claims(claims) if managers.CLAIM in claims else None


def _end(moment: float, longest_life: ExpiresDelta | None) -> float | None:
    """Until when something is remembered that concerns tokens of more than one kind."""
    end = last_end(moment)
    if longest_life is None:
        return end
    own = ending(moment, longest_life)
    return later(end, None if own is None else own + leeway())


def _revoke(
    token: TokenRef, what: Revoked, until: float | None, by: str | None, reason: str | None
) -> None:
    store = needed_store(get_jwt_manager())
    store.revoke(Revocation(token.owner, what, until, token.now, by, reason))
