"""`jwks`: the public keys as a response, and tokens that name the key that signed them."""

from __future__ import annotations

import json
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from flask import Flask, Response
from joserfc import jwt as joserfc_jwt
from joserfc.jwk import KeySet

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    get_unverified_jwt_headers,
)
from flask_jwt_extended_rs import jwks

SECRET = "a-secret-of-more-than-thirty-two-bytes"


def pair(private: Any) -> tuple[str, str]:
    """Private and public key, as PEM."""
    return (
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        private.public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
        .decode(),
    )


RSA = pair(rsa.generate_private_key(65537, 2048))
EC = pair(ec.generate_private_key(ec.SECP256R1()))
OTHER_EC = pair(ec.generate_private_key(ec.SECP256R1()))
ED = pair(ed25519.Ed25519PrivateKey.generate())
ED448 = pair(ed448.Ed448PrivateKey.generate())


def make_app(algorithm: str, keys: tuple[str, str] = ("", ""), **options: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(
        JWT_ALGORITHM=algorithm,
        JWT_SECRET_KEY=SECRET,
        JWT_PRIVATE_KEY=keys[0],
        JWT_PUBLIC_KEY=keys[1],
        **options,
    )
    JWTManager(app)

    @app.get("/.well-known/jwks.json")
    def published() -> Response:
        return jwks()

    return app


def published(app: Flask) -> dict[str, Any]:
    response = app.test_client().get("/.well-known/jwks.json")
    assert response.mimetype == "application/jwk-set+json"
    keys: dict[str, Any] = json.loads(response.data)
    return keys


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(("algorithm", "keys"), [("RS256", RSA), ("ES256", EC), ("EdDSA", ED)])
def test_others_verify_with_what_is_published(algorithm: str, keys: tuple[str, str]) -> None:
    app = make_app(algorithm, keys, JWT_KEY_ID="thumbprint")
    keys_of_others = published(app)
    assert not {"d", "p", "q", "k"} & keys_of_others["keys"][0].keys()
    with app.app_context():
        token = create_access_token("anna")
        kid = get_unverified_jwt_headers(token)["kid"]
    ours = keys_of_others["keys"][0]
    assert (ours["kid"], ours["use"], ours["alg"]) == (kid, "sig", algorithm)
    # The same name, and a good signature, for two libraries that know nothing of this one.
    key_set = KeySet.import_key_set(keys_of_others)  # type: ignore[arg-type]
    assert key_set.keys[0].thumbprint() == kid
    assert joserfc_jwt.decode(token, key_set, algorithms=[algorithm]).claims["sub"] == "anna"
    key = pyjwt.PyJWKSet.from_dict(keys_of_others)[kid]
    assert pyjwt.decode(token, key, algorithms=[algorithm])["sub"] == "anna"


def test_keys_of_a_rotation_are_published_and_secrets_are_not() -> None:
    app = make_app(
        "ES256", EC, JWT_PUBLIC_KEY_FALLBACKS=[OTHER_EC[1]], JWT_SECRET_KEY_FALLBACKS=[SECRET]
    )
    app.config["JWT_DECODE_ALGORITHMS"] = ["ES256", "HS256"]
    keys = published(app)["keys"]
    assert [key["kty"] for key in keys] == ["EC", "EC"]
    assert SECRET not in json.dumps(keys)


def test_an_answer_may_be_kept_and_is_not_sent_twice() -> None:
    client = make_app("ES256", EC).test_client()
    first = client.get("/.well-known/jwks.json")
    assert first.headers["Cache-Control"] == "public, max-age=300"
    again = client.get("/.well-known/jwks.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_there_is_nothing_to_publish_of_secrets() -> None:
    app = make_app("HS256")
    with app.test_request_context(), pytest.raises(RuntimeError, match="no public key"):
        jwks()


def test_a_key_that_cannot_be_published_is_said() -> None:
    app = make_app("EdDSA", ED448)
    with app.test_request_context(), pytest.raises(RuntimeError, match="cannot be published"):
        jwks()


def test_a_named_manager_publishes_its_own() -> None:
    app = make_app("HS256")
    options = {"JWT_ALGORITHM": "ES256", "JWT_PUBLIC_KEY": EC[1], "JWT_PRIVATE_KEY": EC[0]}
    app.config["JWT_MANAGERS"] = {"partner": options}
    JWTManager(app, name="partner")
    with app.test_request_context():
        response = jwks(max_age=60, manager="partner")
    assert response.cache_control.max_age == 60
    assert len(json.loads(response.data)["keys"]) == 1


def test_tokens_name_their_key_only_if_one_says_so() -> None:
    def header(app: Flask, **headers: str) -> dict[str, Any]:
        with app.app_context():
            token = create_access_token("anna", additional_headers=headers)
            return get_unverified_jwt_headers(token)

    assert "kid" not in header(make_app("ES256", EC))
    assert "kid" not in header(make_app("HS256", JWT_KEY_ID="thumbprint"))
    # Held by PyJWT alone.
    assert "kid" not in header(make_app("EdDSA", ED448, JWT_KEY_ID="thumbprint"))
    assert header(make_app("ES256", EC, JWT_KEY_ID="thumbprint"), kid="own")["kid"] == "own"
    with pytest.raises(RuntimeError, match='must be "thumbprint"'):
        header(make_app("ES256", EC, JWT_KEY_ID="my-key"))
