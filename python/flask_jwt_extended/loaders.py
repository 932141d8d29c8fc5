"""The decorators by which an app sets its callbacks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_jwt_extended.typing import AnyCallable

OfIdentity = Callable[[Any], Any]
OfReason = Callable[[str], Any]
OfToken = Callable[[dict[str, Any], dict[str, Any]], Any]


class Loaders:
    """The callbacks of a manager. Each decorator returns what it is given."""

    _decode_key_callback: OfToken
    _encode_key_callback: OfIdentity
    _expired_token_callback: OfToken
    _invalid_token_callback: OfReason
    _jwt_additional_header_callback: OfIdentity
    _needs_fresh_token_callback: OfToken
    _revoked_token_callback: OfToken
    _store_unavailable_callback: OfReason
    _token_in_blocklist_callback: OfToken
    _token_verification_callback: OfToken
    _token_verification_failed_callback: OfToken
    _unauthorized_callback: OfReason
    _user_claims_callback: OfIdentity
    _user_identity_callback: OfIdentity
    _user_lookup_callback: OfToken | None
    _user_lookup_error_callback: OfToken

    def additional_claims_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(identity)`, which returns a dict of claims for each new token.

        The claims given to `create_access_token` and `create_refresh_token` win over them.
        """
        self._user_claims_callback = callback
        return callback

    def additional_headers_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(identity)`, which returns a dict of header fields for each new token.

        The fields given to `create_access_token` and `create_refresh_token` win over them.
        """
        self._jwt_additional_header_callback = callback
        return callback

    def decode_key_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(jwt_header, jwt_data)`, which returns the key to verify a token with.

        Both dicts are what the sender wrote, as nothing is verified yet: use them to choose among
        your own keys, and for nothing else.
        """
        self._decode_key_callback = callback
        return callback

    def encode_key_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(identity)`, which returns the key to sign a token with."""
        self._encode_key_callback = callback
        return callback

    def expired_token_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(jwt_header, jwt_data)`, which answers a request with an expired token."""
        self._expired_token_callback = callback
        return callback

    def invalid_token_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(reason)`, which answers a request with a token that is not good."""
        self._invalid_token_callback = callback
        return callback

    def needs_fresh_token_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(jwt_header, jwt_data)`, which answers where a fresh token is needed."""
        self._needs_fresh_token_callback = callback
        return callback

    def revoked_token_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(jwt_header, jwt_data)`, which answers a request with a revoked token."""
        self._revoked_token_callback = callback
        return callback

    def store_unavailable_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(reason)`, which answers where the store of revocations did not."""
        self._store_unavailable_callback = callback
        return callback

    def token_in_blocklist_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(jwt_header, jwt_data)`, which tells whether a token is revoked.

        It is asked for every request, before the store of JWT_STORE_URL: what either knows as revoked is.
        Where it cannot tell, let it raise: that refuses the request.
        """
        self._token_in_blocklist_callback = callback
        return callback

    def token_verification_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(jwt_header, jwt_data)`, which tells whether the claims are good for the app."""
        self._token_verification_callback = callback
        return callback

    def token_verification_failed_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(jwt_header, jwt_data)`, which answers where `token_verification_loader` said no."""
        self._token_verification_failed_callback = callback
        return callback

    def unauthorized_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(reason)`, which answers a request without a token or double submit value."""
        self._unauthorized_callback = callback
        return callback

    def user_identity_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(identity)`, which makes a string of what new tokens are created with."""
        self._user_identity_callback = callback
        return callback

    def user_lookup_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(jwt_header, jwt_data)`, which returns the user of a verified token.

        Views find it as `current_user`. None: there is no such user, and the request is refused.
        """
        self._user_lookup_callback = callback
        return callback

    def user_lookup_error_loader(self, callback: AnyCallable) -> AnyCallable:
        """Sets `callback(jwt_header, jwt_data)`, which answers where `user_lookup_loader` found nobody."""
        self._user_lookup_error_callback = callback
        return callback
