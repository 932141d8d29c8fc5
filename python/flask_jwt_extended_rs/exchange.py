"""One exchange of a refresh token for both tokens."""

from __future__ import annotations

from typing import Any

from jwt import ExpiredSignatureError

from flask_jwt_extended.config import bound, config
from flask_jwt_extended.exceptions import (
    JWTDecodeError,
    RevokedTokenError,
    StoreUnavailable,
    WrongTokenError,
)
from flask_jwt_extended.internal_utils import get_jwt_manager
from flask_jwt_extended_rs import _engine, managers, session_rules
from flask_jwt_extended_rs.authentication import Authenticated
from flask_jwt_extended_rs.revocation import (
    ending,
    last_end,
    leeway,
    needed_store,
    rotates,
    tell_reuse,
    token_ref,
)
from flask_jwt_extended_rs.stores.base import (
    Rotation,
    RotationOutcome,
    later,
)
from flask_jwt_extended_rs.successor import Draft, Successor

Claims = dict[str, Any]
# An access and a refresh token.
Pair = tuple[str, str]

# What is of the library's making in a rotated token, since a store knows the token by it.
_OURS = ("fresh", "iat", "jti", "type", "csrf", "exp", "sid", "auth_time", "mgr")
# As far as the clocks of several machines may differ, in seconds.
_SKEW = 60


class Exchange:
    """One exchange of a refresh token."""

    def __init__(self, presented: Authenticated, identity: Any) -> None:
        self.options = bound(config)
        self.header = presented.header
        self.claims = presented.claims
        self.token = token_ref(get_jwt_manager(), self.claims)
        if identity is None:
            identity = presented.user
        if identity is None:
            identity = self.claims[self.options.identity_claim_key]
        self.identity = identity

    def run(self, additional_claims: Claims, additional_headers: Claims) -> Pair:
        """Uses the token up, and returns the pair that comes in its place."""
        store = self._checked(additional_claims)
        token, options = self.token, self.options
        assert token.jti is not None
        assert token.family is not None
        end = session_rules.session_end(self.claims, token.now)
        if end is not None and end < token.now + 1:
            raise self._refused(session_rules.session_has_ended())
        successor = Successor(
            self._draft(options.access_expires, end), self._draft(options.refresh_expires, end)
        )
        # Before it is used up, so that nothing can go wrong any more then.
        pair = self._sign(successor, additional_claims, additional_headers)
        next_end = successor.refresh.expires_at
        until = later(token.remember_until, None if next_end is None else next_end + leeway())
        outcome, repeated = store.rotate(
            Rotation(
                token=token,
                jti=token.jti,
                family=token.family,
                next_jti=successor.refresh.jti,
                successor=successor.to_text(),
                until=until,
                burnt_until=later(last_end(token.now), until),
            )
        )
        if outcome is RotationOutcome.ROTATED:
            return pair
        if outcome is RotationOutcome.REPEATED:
            known = Successor.parse(repeated or "")
            if known is None or not self._is_plausible(known, end):
                raise StoreUnavailable("the store gave a successor that nobody here wrote")
            return self._sign(known, additional_claims, additional_headers)
        if outcome is RotationOutcome.REUSED:
            tell_reuse(token)
        raise RevokedTokenError(self.header, self.claims)

    def _checked(self, additional_claims: Claims) -> Any:
        if not rotates():
            raise RuntimeError(
                "JWT_REFRESH_ROTATION is off: turn it on, or call create_access_token."
            )
        store = needed_store(get_jwt_manager())
        if self.claims.get("type") != "refresh":
            raise WrongTokenError("Only refresh tokens are allowed")
        if not managers.is_meant(managers.current.get(), self.claims):
            raise WrongTokenError("The token is not meant for this part of the service")
        # What has ended, a store may have forgotten; then it would look like a new one.
        if self.token.remember_until is not None and self.token.remember_until <= self.token.now:
            raise self._refused(ExpiredSignatureError("Signature has expired"))
        if self.token.jti is None:
            raise JWTDecodeError("Missing claim: jti")
        for name in (*_OURS, self.options.identity_claim_key):
            if name in additional_claims:
                raise ValueError(f"the claim {name} of a rotated token is the library's to set")
        return store

    def _draft(self, lifetime: Any, session_end: float | None) -> Draft:
        end = ending(self.token.now, lifetime)
        if session_end is not None:
            end = session_end if end is None else min(end, session_end)
        jti, csrf = _engine.uuids()
        return Draft(jti, csrf, int(self.token.now // 1), None if end is None else int(end // 1))

    def _sign(self, successor: Successor, claims: Claims, headers: Claims) -> Pair:
        return (
            self._token("access", successor.access, claims, headers),
            self._token("refresh", successor.refresh, claims, headers),
        )

    def _token(self, kind: str, draft: Draft, claims: Claims, headers: Claims) -> str:
        options, presented = self.options, self.claims
        fixed = {
            "iat": draft.issued_at,
            "jti": draft.jti,
            "fresh": False,
            "type": kind,
            options.identity_claim_key: presented[options.identity_claim_key],
            "sid": self.token.family,
            "auth_time": session_rules.session_begin(presented, self.token.now),
        }
        if options.encode_nbf:
            fixed["nbf"] = draft.issued_at
        if options.cookie_csrf_protect:
            fixed["csrf"] = draft.csrf
        if "aud" in presented:
            fixed["aud"] = presented["aud"]
        if draft.expires_at is not None:
            fixed["exp"] = draft.expires_at
        return get_jwt_manager()._encode_jwt_from_config(
            identity=self.identity,
            token_type=kind,
            claims={**fixed, **claims},
            fresh=False,
            expires_delta=False,
            headers=headers,
        )

    def _is_plausible(self, successor: Successor, session_end: float | None) -> bool:
        """Whether a token like this can have been made here just before. Who can write to the store must
        not be able to have tokens made that outlive all others.
        """
        latest = self.token.now + leeway() + _SKEW
        for draft in successor:
            for end in (session_end, _longest(draft.issued_at, self.options)):
                if end is not None and (draft.expires_at is None or draft.expires_at > end):
                    return False
            if draft.issued_at > latest:
                return False
        return True

    def _refused(self, error: Exception) -> Exception:
        error.jwt_header, error.jwt_data = self.header, self.claims  # type: ignore[attr-defined]
        return error


def _longest(begin: float, options: Any) -> float | None:
    ends = [ending(begin, options.access_expires), ending(begin, options.refresh_expires)]
    return None if None in ends else max(end for end in ends if end is not None)
