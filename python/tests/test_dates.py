"""Signed dates that are none: refused with every release of PyJWT, of which older ones stumble."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from hmac import digest
from unittest.mock import patch

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed448 import Ed448PrivateKey

from apps import SECRET, get, make_app
from flask_jwt_extended import decode_token

VALUES = ("1e400", "-1e400", "Infinity", "NaN", "[]", "{}", "[1]", "null", '"x"', '""')


def payload(name: str, value: str) -> bytes:
    # A float of Python's is never written like this.
    return f'{{"sub":"ada","{name}":{value}}}'.encode()


def signed(claims: bytes) -> str:
    parts = [urlsafe_b64encode(part).rstrip(b"=") for part in (b'{"alg":"HS256"}', claims)]
    message = b".".join(parts)
    signature = urlsafe_b64encode(digest(SECRET.encode(), message, "sha256")).rstrip(b"=")
    return b".".join((message, signature)).decode()


@pytest.mark.parametrize("name", ["exp", "nbf", "iat"])
@pytest.mark.parametrize("value", VALUES)
def test_a_date_that_is_none(name: str, value: str) -> None:
    app = make_app()
    status, body = get(app, signed(payload(name, value)))
    assert status == 422
    assert body["msg"].endswith(f"claim ({name}) must be an integer.")
    # Through PyJWT, since the engine does not hold such keys.
    key = Ed448PrivateKey.generate()
    app = make_app(ALGORITHM="EdDSA", PRIVATE_KEY=key, PUBLIC_KEY=key.public_key())
    token = jwt.PyJWS().encode(payload(name, value), key, "EdDSA")
    assert get(app, token) == (422, body)


@pytest.mark.parametrize(
    "error",
    [
        OverflowError("cannot convert float infinity to integer"),
        TypeError("int() argument must be a string, a bytes-like object or a real number"),
    ],
)
def test_a_release_that_stumbles(error: Exception) -> None:
    app = make_app()
    with app.test_request_context(), patch("jwt.decode", side_effect=error):
        for name, raised in (
            ("exp", jwt.DecodeError),
            ("nbf", jwt.DecodeError),
            ("iat", jwt.InvalidIssuedAtError),
        ):
            with pytest.raises(raised, match=rf"claim \({name}\) must be an integer"):
                decode_token(signed(payload(name, "1e400")))
        # Then it is about something else.
        with pytest.raises(type(error)):
            decode_token(signed(payload("exp", "5")))


def test_an_option_that_is_none_is_the_developers_fault() -> None:
    app = make_app(DECODE_AUDIENCE=5)
    with app.test_request_context(), pytest.raises(TypeError, match="audience must be"):
        decode_token(signed(payload("exp", "[]")))
