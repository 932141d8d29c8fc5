"""The extension: its callbacks, what it sets up in an app, and how it reads and writes tokens."""

from __future__ import annotations

from contextlib import suppress
from copy import copy
from operator import itemgetter
from typing import Any

import jwt
from flask import Flask
from jwt import (
    ExpiredSignatureError,
    InvalidAlgorithmError,
    InvalidKeyError,
    InvalidSignatureError,
    InvalidTokenError,
)

from flask_jwt_extended import default_callbacks
from flask_jwt_extended.config import DEFAULTS, _Config, bound, config, current_options
from flask_jwt_extended.default_callbacks import (
    default_additional_claims_callback,
    default_blocklist_callback,
    default_decode_key_callback,
    default_encode_key_callback,
    default_expired_token_callback,
    default_invalid_token_callback,
    default_jwt_headers_callback,
    default_needs_fresh_token_callback,
    default_revoked_token_callback,
    default_store_unavailable_callback,
    default_token_verification_callback,
    default_token_verification_failed_callback,
    default_unauthorized_callback,
    default_user_identity_callback,
    default_user_lookup_error_callback,
)
from flask_jwt_extended.refusals import Refusals
from flask_jwt_extended.tokens import _decode_jwt, _encode_jwt, _now, _pyjwt_decode, _unverified
from flask_jwt_extended.typing import ExpiresDelta, Fresh
from flask_jwt_extended.utils import current_user_context_processor
from flask_jwt_extended_rs import (
    fallback_keys,
    keys,
    managers,
    notices,
    public_keys,
    revocation,
    session_rules,
)
from flask_jwt_extended_rs._engine import Unsupported, Verifier
from flask_jwt_extended_rs.stores.base import RevocationStore

Claims = dict[str, Any]


class JWTManager(Refusals):
    """Holds the callbacks, and makes and verifies the tokens of its apps.

    One manager may serve several apps. Its callbacks are then theirs; their options are their own,
    and are read at every use.

    Several managers may serve one app: one without a name, and others with names, whose options are in
    `app.config["JWT_MANAGERS"][name]` and which are meant by the argument `manager` of functions.
    """

    # The settings last seen by `_usual_verifier`, and what it made of them.
    _kept: tuple[tuple[Any, ...], Verifier | None] = ((), None)

    def __init__(
        self,
        app: Flask | None = None,
        add_context_processor: bool = False,
        *,
        name: str | None = None,
        store: RevocationStore | None = None,
    ) -> None:
        """
        :param app: the app to serve. Without one, call `init_app` later.
        :param add_context_processor: whether templates get `current_user`.
        :param name: what tells it from other managers of the app: letters, digits, - and _.
        :param store: where revocations are kept, instead of where JWT_STORE_URL says.
        """
        self.store = store
        if name is not None:
            self.name = managers.checked_name(name)
        self._decode_key_callback = default_decode_key_callback
        self._encode_key_callback = default_encode_key_callback
        self._expired_token_callback = default_expired_token_callback
        self._invalid_token_callback = default_invalid_token_callback
        self._jwt_additional_header_callback = default_jwt_headers_callback
        self._needs_fresh_token_callback = default_needs_fresh_token_callback
        self._revoked_token_callback = default_revoked_token_callback
        self._store_unavailable_callback = default_store_unavailable_callback
        self._token_in_blocklist_callback = default_blocklist_callback
        self._token_verification_callback = default_token_verification_callback
        self._token_verification_failed_callback = default_token_verification_failed_callback
        self._unauthorized_callback = default_unauthorized_callback
        self._user_claims_callback = default_additional_claims_callback
        self._user_identity_callback = default_user_identity_callback
        self._user_lookup_callback = None
        self._user_lookup_error_callback = default_user_lookup_error_callback

        if app is not None:
            self.init_app(app, add_context_processor)

    def init_app(self, app: Flask, add_context_processor: bool = False) -> None:
        """Serves an app: sets the options that it has not set, and answers its refusals.

        :param add_context_processor: whether templates get `current_user`.
        """
        if add_context_processor:
            app.context_processor(current_user_context_processor)
        if self.name is None:
            app.extensions["flask-jwt-extended"] = self
            self._set_default_configuration_options(app)
        else:
            managers.register(app, self, self.name, DEFAULTS)
        self._set_error_handler_callbacks(app)

    @staticmethod
    def _set_default_configuration_options(app: Flask) -> None:
        for name, default in DEFAULTS.items():
            app.config.setdefault(name, copy(default))

    def _encode_jwt_from_config(
        self,
        identity: Any,
        token_type: str,
        claims: Claims | None = None,
        fresh: Fresh = False,
        expires_delta: ExpiresDelta | None = None,
        headers: Claims | None = None,
    ) -> str:
        """A new token, made as the app's options and callbacks say."""
        options = bound(config)
        # Copies, since a callback may well return the same dict every time.
        header_overrides = {
            **(self._jwt_additional_header_callback(identity) or {}),
            **(headers or {}),
        }
        claim_overrides = {**(self._user_claims_callback(identity) or {}), **(claims or {})}
        if self.name is not None:
            claim_overrides[managers.CLAIM] = self.name
        elif managers.CLAIM in claim_overrides:
            notices.manager_claim_will_be_refused()
        if expires_delta is None:
            is_access = token_type == "access"
            expires_delta = options.access_expires if is_access else options.refresh_expires
        subject = self._user_identity_callback(identity)
        if options._options.get("JWT_SESSION_CLAIMS") and "sid" not in claim_overrides:
            session = session_rules.session_claims(subject, token_type)
            claim_overrides = {**session, **claim_overrides}
        if options._options.get("JWT_SESSION_LIFETIME"):
            claim_overrides = session_rules.with_end(claim_overrides, token_type, expires_delta)
        if options.verify_sub and options.identity_claim_key == "sub":
            claimed = claim_overrides.get("sub", subject)
            # A UUID, for one, is a string in the token.
            if isinstance(claimed, _NO_TEXT_IN_JSON):
                notices.subject_will_be_refused(claimed)
        secret = self._encode_key_callback(identity)
        header_overrides = {**public_keys.key_id(secret, options.algorithm), **header_overrides}
        try:
            return _encode_jwt(
                algorithm=options.algorithm,
                audience=options.encode_audience,
                claim_overrides=claim_overrides,
                csrf=options.cookie_csrf_protect,
                expires_delta=expires_delta,
                fresh=fresh,
                header_overrides=header_overrides,
                identity=subject,
                identity_claim_key=options.identity_claim_key,
                issuer=options.encode_issuer,
                json_encoder=options.json_encoder,
                secret=secret,
                token_type=token_type,
                nbf=options.encode_nbf,
            )
        except _KEY_FAULTS as error:
            by_option = self._encode_key_callback is _default_encode_key
            where = _option_of(secret, options) if by_option else "The key of encode_key_loader"
            algorithm = header_overrides.get("alg") or options.algorithm
            keys.blame(error, secret, [algorithm], algorithm, where=where, purpose="sign")

    def _is_revoked(self, header: Claims, claims: Claims) -> bool:
        """Whether the app's callback says so, or else the store: what either was told is in force."""
        callback = self._token_in_blocklist_callback
        if callback(header, claims):
            return True
        return callback is not default_blocklist_callback and revocation.is_revoked(self, claims)

    def _known_as(self, identity: Any, issuer: Any = None) -> Any:
        """What a store knows an identity by, or that of a token with this claim `iss`."""
        return identity

    def _decode_jwt_from_config(
        self,
        encoded_token: str | bytes,
        csrf_value: str | None = None,
        allow_expired: bool = False,
    ) -> Claims:
        """The claims of a token that is good by the app's options and key callback."""
        verifier = self._usual_verifier()
        if verifier is not None:
            try:
                return verifier.claims(encoded_token, _now(), csrf_value, allow_expired)
            except (Unsupported, UnicodeEncodeError, RecursionError):
                pass
        return self._decode_complete(encoded_token, csrf_value, allow_expired)[1]

    def _decode_complete(
        self,
        encoded_token: str | bytes,
        csrf_value: str | None = None,
        allow_expired: bool = False,
        *,
        options: _Config | None = None,
    ) -> tuple[Claims, Claims]:
        """Header and claims of a token that is good by the app's options and key callback."""
        verifier = self._usual_verifier(options)
        if verifier is not None:
            try:
                return verifier.decode(encoded_token, _now(), csrf_value, allow_expired)
            except (Unsupported, UnicodeEncodeError, RecursionError):
                pass
        header, unverified = _unverified(encoded_token)
        secret = self._decode_key_callback(header, unverified)
        if secret is None:
            raise InvalidTokenError("There is no key for this token")
        options = bound(config)
        arguments = {
            "audience": options.decode_audience,
            "csrf_value": csrf_value,
            "encoded_token": encoded_token,
            "identity_claim_key": options.identity_claim_key,
            "issuer": options.decode_issuer,
            "leeway": options.leeway,
            "verify_aud": options.decode_audience is not None,
            "verify_sub": options.verify_sub,
        }
        if self.name is not None:
            arguments["manager"] = self.name
        # Whoever chooses keys by a callback chooses those of yesterday, too.
        by_option = self._decode_key_callback is _default_decode_key
        candidates = fallback_keys.candidates(
            secret, options.decode_algorithms, current_options() if by_option else {}
        )
        fitting = [c for c in candidates if header.get("alg") in c.algorithms]
        *others, last = fitting or candidates[:1]
        for candidate in others:
            with suppress(InvalidSignatureError, InvalidAlgorithmError):
                return header, self._decode_with(candidate, header, arguments, allow_expired)
        return header, self._decode_with(last, header, arguments, allow_expired)

    def _decode_with(
        self,
        candidate: fallback_keys.Candidate,
        header: Claims,
        arguments: dict[str, Any],
        allow_expired: bool,
    ) -> Claims:
        key, algorithms, fallback = candidate
        arguments = {**arguments, "secret": key, "algorithms": algorithms}
        try:
            return _decode_jwt(**arguments, allow_expired=allow_expired)
        except ExpiredSignatureError as error:
            error.jwt_header = header  # type: ignore[attr-defined]
            error.jwt_data = _decode_jwt(**arguments, allow_expired=True)  # type: ignore[attr-defined]
            raise
        except _KEY_FAULTS as error:
            by_option = self._decode_key_callback is _default_decode_key
            where = fallback or "The key of decode_key_loader"
            if by_option and not fallback:
                where = _option_of(key, bound(config))
            chosen = header.get("alg")
            keys.blame(error, key, algorithms, chosen, where=where, purpose="verify")

    def _usual_verifier(self, options: _Config | None = None) -> Verifier | None:
        """The engine's verifier for the options as they are now.

        None where it would skip something that the app, or a test, has put in the place of ours.
        """
        if not (
            getattr(self._decode_complete, "__func__", None) is _own_decode_complete
            and self._decode_key_callback is _default_decode_key
            and _decode_jwt is _own_decode_jwt
            and jwt.decode is _pyjwt_decode
            and config is default_callbacks.config is _own_config  # type: ignore[attr-defined]
            and _Config.untouched
        ):
            return None
        try:
            settings = _DECODING(current_options(options))
        except KeyError:
            return None
        kept, verifier = self._kept
        if settings == kept:
            return verifier
        options = bound(config)
        try:
            secret = options.decode_key
        except RuntimeError:
            # There is none. A token that cannot even be read is told so first.
            return None
        algorithms = options.decode_algorithms
        candidates = fallback_keys.candidates(secret, algorithms, current_options())
        if any(candidate.algorithms != list(algorithms) for candidate in candidates):
            return None
        verifier = keys.verifier(
            [candidate.key for candidate in candidates],
            algorithms,
            audience=options.decode_audience,
            issuer=options.decode_issuer,
            leeway=options.leeway,
            verify_sub=options.verify_sub,
            identity_claim=options.identity_claim_key,
            manager=self.name,
        )
        if verifier is not None:
            # Lists may be changed in place.
            self._kept = tuple(copy(setting) for setting in settings), verifier
        return verifier


def _option_of(key: Any, options: _Config) -> str:
    """The name of the option that holds a key."""
    names = ("JWT_SECRET_KEY", "SECRET_KEY", "JWT_PRIVATE_KEY", "JWT_PUBLIC_KEY")
    return next(name for name in names if options._options.get(name) is key)


# What is looked at to see whether it was replaced.
_own_config = config
_own_decode_jwt = _decode_jwt
_own_decode_complete = JWTManager._decode_complete
_default_decode_key = default_decode_key_callback
_default_encode_key = default_encode_key_callback

# All options that `_usual_verifier` depends on.
_DECODING = itemgetter(
    "JWT_ALGORITHM",
    "JWT_DECODE_ALGORITHMS",
    "JWT_SECRET_KEY",
    "SECRET_KEY",
    "JWT_PUBLIC_KEY",
    "JWT_SECRET_KEY_FALLBACKS",
    "JWT_PUBLIC_KEY_FALLBACKS",
    "JWT_DECODE_AUDIENCE",
    "JWT_DECODE_ISSUER",
    "JWT_DECODE_LEEWAY",
    "JWT_VERIFY_SUB",
    "JWT_IDENTITY_CLAIM",
)

_NO_TEXT_IN_JSON = (int, float, list, tuple, dict, type(None))

# What a key that is none, or none for this algorithm, makes PyJWT raise.
_KEY_FAULTS = (InvalidKeyError, AttributeError, TypeError, ValueError)
