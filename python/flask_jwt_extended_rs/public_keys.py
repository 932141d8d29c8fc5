"""The public keys, for services that take this app's tokens and need not be able to make them."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from flask_jwt_extended.config import bound, config, current_options
from flask_jwt_extended_rs import _engine, fallback_keys, keys, managers


def jwks(*, max_age: int = 300, manager: str | None = None) -> Response:
    """The public keys that verify the tokens of the current app: a JWK Set (RFC 7517), as a response.

    `JWT_PUBLIC_KEY` and `JWT_PUBLIC_KEY_FALLBACKS` are in it. A secret cannot be. A request that has the keys
    already is answered with 304.

    :param max_age: for how many seconds clients may keep them. Publish a new key for as long before it
        signs; a key that leaked may be believed for as long after it is gone.
    :param manager: the name of the manager whose keys they are.

    Most clients look keys up by the name that a token gives: set JWT_KEY_ID to "thumbprint".

    RuntimeError: there is no public key.
    """
    with managers.using(manager):
        options = bound(config)
        algorithms = options.decode_algorithms
        candidates = fallback_keys.candidates(options.decode_key, algorithms, current_options())
    try:
        text, version = _engine.jwk_set([(held.key, held.algorithms) for held in candidates])
    except _engine.UnsupportedKey as fault:
        raise RuntimeError(f"A key of this app cannot be published: {fault}") from fault
    if text == '{"keys":[]}':
        raise RuntimeError(
            "There is no public key to publish: the keys of this app are secrets. Choose a JWT_ALGORITHM "
            'with a pair of keys, such as "ES256", and set JWT_PRIVATE_KEY and JWT_PUBLIC_KEY.'
        )
    response = current_app.response_class(text, mimetype="application/jwk-set+json")
    response.cache_control.public = True
    response.cache_control.max_age = max_age
    response.set_etag(version)
    response.make_conditional(request)
    return response


def key_id(key: Any, algorithm: str) -> dict[str, str]:
    """What a token's header says of the key that signs it, by JWT_KEY_ID."""
    wanted = current_options().get("JWT_KEY_ID")
    if wanted is None:
        return {}
    if wanted != "thumbprint":
        raise RuntimeError(f'JWT_KEY_ID must be "thumbprint" or None, and it is {wanted!r}')
    signer = keys.signer(key, algorithm)
    name = signer.thumbprint if signer else None
    return {} if name is None else {"kid": name}
