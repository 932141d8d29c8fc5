"""A manager for the tokens of outside issuers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any, NoReturn

import jwt
from flask import Flask

from flask_jwt_extended.config import _Config, bound, config
from flask_jwt_extended.exceptions import JWTDecodeError
from flask_jwt_extended.jwt_manager import JWTManager
from flask_jwt_extended.tokens import _now, _unverified, _verify_double_submit
from flask_jwt_extended_rs import managers, revocation
from flask_jwt_extended_rs.outside.cache import KeyCache
from flask_jwt_extended_rs.outside.issuer import Issuer
from flask_jwt_extended_rs.stores.base import Subject

Claims = dict[str, Any]


class OutsideJWTManager(JWTManager):
    """Verifies the tokens of outside issuers, where a `JWTManager` verifies the app's own.

    Everything that protects views works with it as it does with that: `jwt_required`, `get_jwt`,
    `current_user`, and all callbacks. It makes no tokens, and takes none but its issuers': a token
    chooses its issuer by its claim `iss`, as a whole, and is verified with the keys, the audience and the
    algorithms of that one alone.

    The identity is the claim `sub`, which is unique at its issuer and not beyond: with several issuers, look
    users up by `iss` and `sub` together.

    Without a name it is the app's main manager. With one it stands beside a main manager that makes
    tokens of the app's own, and is meant by `jwt_required(manager=name)`.
    """

    def __init__(
        self,
        app: Flask | None = None,
        add_context_processor: bool = False,
        *,
        issuers: Iterable[Issuer],
        name: str | None = None,
        **arguments: Any,
    ) -> None:
        """
        :param issuers: whose tokens are taken. Nothing is fetched before the first of them, or `fetch_keys`.

        The other arguments are those of `JWTManager`.
        """
        caches = [KeyCache(issuer) for issuer in issuers]
        self._caches = {cache.issuer.name: cache for cache in caches}
        if not caches:
            raise ValueError("There is no issuer at all, so that every token would be refused")
        if len(self._caches) < len(caches):
            raise ValueError("Two issuers have the same name")
        super().__init__(app, add_context_processor, name=name, **arguments)

    def init_app(self, app: Flask, add_context_processor: bool = False) -> None:
        """Serves an app, as any manager does. A named one needs no options of its own."""
        if self.name is not None:
            app.config["JWT_MANAGERS"] = {self.name: {}, **app.config.get("JWT_MANAGERS", {})}
        super().init_app(app, add_context_processor)

    def fetch_keys(self) -> None:
        """Fetches the keys of all issuers: for a service that wants to know at its start whether its
        settings are right. IssuerUnavailable: they are not, or an issuer does not answer.
        """
        for cache in self._caches.values():
            cache.refresh()

    def subject(self, identity: Any, *, issuer: str | None = None) -> Subject:
        """Whom stores know an issuer's `identity` by, for `revoke_all_for` and `get_store()`. It needs the
        context of an app.

        :param issuer: the issuer's name. None: the only one.
        """
        known = revocation.subject_text(self._known_as(identity, issuer))
        return Subject(known, manager=self.name or "")

    def _known_as(self, identity: Any, issuer: Any = None) -> Any:
        """With the issuer, since two of them may give one name to two people."""
        if issuer is None:
            if len(self._caches) > 1:
                raise RuntimeError(
                    "This manager has several issuers, and one name at two of them is two people: call "
                    "revoke_all_for(token=get_jwt()), or with jwt.subject(identity, issuer=...)."
                )
            [issuer] = self._caches
        if issuer not in self._caches:
            raise ValueError(f"{issuer!r} is none of this manager's issuers")
        return [issuer, identity]

    def _decode_complete(
        self,
        encoded_token: str | bytes,
        csrf_value: str | None = None,
        allow_expired: bool = False,
        *,
        options: _Config | None = None,
    ) -> tuple[Claims, Claims]:
        try:
            header, claims = self._verify(encoded_token)
        except jwt.ExpiredSignatureError as error:
            if not allow_expired:
                raise
            # It is the last thing that is looked at.
            header, claims = error.jwt_header, error.jwt_data  # type: ignore[attr-defined]
        identity = config.identity_claim_key
        if identity not in claims:
            raise JWTDecodeError(f"Missing claim: {identity}")
        if csrf_value:
            _verify_double_submit(claims, csrf_value)
        # What it says of managers is about others than ours. In stores, it belongs to this one.
        claims.pop(managers.CLAIM, None)
        if self.name is not None:
            claims[managers.CLAIM] = self.name
        return header, claims

    def _verify(self, encoded_token: str | bytes) -> tuple[Claims, Claims]:
        _, unverified = _unverified(encoded_token)
        issuer = unverified.get("iss")
        cache = self._caches.get(issuer) if isinstance(issuer, str) else None
        if cache is None:
            raise jwt.InvalidIssuerError("Invalid issuer")
        leeway = bound(config).leeway
        if isinstance(leeway, timedelta):
            leeway = leeway.total_seconds()
        keys = cache.keys()
        # Once with keys that came meanwhile, once with keys that were fetched for it.
        for _ in range(3):
            verified = keys.decode(encoded_token, _now(), leeway)
            if verified is not None:
                return verified
            others = cache.others_than(keys)
            if others is None:
                break
            keys = others
        raise jwt.InvalidSignatureError(
            "The token's key is not known, or its signature is not good"
        )

    def _encode_jwt_from_config(self, *_: Any, **__: Any) -> NoReturn:
        raise RuntimeError(
            "Tokens of outside issuers are made by them. For tokens of the app's own, make a JWTManager too, "
            "and give this manager a name: OutsideJWTManager(app, issuers=..., name=...)."
        )
