"""JWT_SECRET_KEY_FALLBACKS and JWT_PUBLIC_KEY_FALLBACKS: keys that still verify after a rotation."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import jwt as pyjwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from flask import Flask

from flask_jwt_extended import JWTManager, create_access_token, decode_token

OLD = "yesterday-s-secret-of-32-bytes-and-more"
OLDER = "the-secret-of-the-day-before-yesterday"
NEW = "today-s-secret-of-32-bytes-and-more"


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


RSA_OLD = pair(rsa.generate_private_key(65537, 2048))
RSA_NEW = pair(rsa.generate_private_key(65537, 2048))
EC = pair(ec.generate_private_key(ec.SECP256R1()))
ED448_OLD = pair(ed448.Ed448PrivateKey.generate())
ED448_NEW = pair(ed448.Ed448PrivateKey.generate())


def of_pair(keys: tuple[str, str], algorithm: str) -> dict[str, Any]:
    return {"JWT_PRIVATE_KEY": keys[0], "JWT_PUBLIC_KEY": keys[1], "JWT_ALGORITHM": algorithm}


@pytest.fixture
def app() -> Iterator[Flask]:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = OLD
    JWTManager(app)
    with app.app_context():
        yield app


def test_secrets(app: Flask) -> None:
    older = create_token(app, JWT_SECRET_KEY=OLDER)
    old = create_token(app, JWT_SECRET_KEY=OLD)
    app.config["JWT_SECRET_KEY"] = NEW
    for token in (old, older):
        with pytest.raises(pyjwt.InvalidSignatureError):
            decode_token(token)

    app.config["JWT_SECRET_KEY_FALLBACKS"] = [OLD]
    assert decode_token(old)["sub"] == "ada"
    with pytest.raises(pyjwt.InvalidSignatureError):
        decode_token(older)

    # A list that is changed in place counts.
    app.config["JWT_SECRET_KEY_FALLBACKS"].append(OLDER.encode())
    assert decode_token(older)["sub"] == "ada"
    # New tokens are signed with the current key.
    assert pyjwt.decode(create_access_token("ada"), NEW, algorithms=["HS256"])["sub"] == "ada"

    app.config["JWT_SECRET_KEY_FALLBACKS"] = []
    with pytest.raises(pyjwt.InvalidSignatureError):
        decode_token(old)


def test_a_single_key_need_be_no_list(app: Flask) -> None:
    old = create_token(app)
    app.config.update(JWT_SECRET_KEY=NEW, JWT_SECRET_KEY_FALLBACKS=OLD)
    assert decode_token(old)["sub"] == "ada"


@pytest.mark.parametrize("empty", ["", b"", None, [None], [""], ()])
def test_an_empty_key_is_nobodys(app: Flask, empty: Any) -> None:
    app.config["JWT_SECRET_KEY_FALLBACKS"] = empty
    assert decode_token(create_token(app))["sub"] == "ada"
    with pytest.raises(pyjwt.InvalidSignatureError):
        decode_token(signed_with(b"", create_token(app)))


def test_more_keys_than_the_engine_tries(app: Flask) -> None:
    old = create_token(app)
    fallbacks = [f"secret-number-{number}-of-32-bytes-and-more" for number in range(20)]
    app.config.update(JWT_SECRET_KEY=NEW, JWT_SECRET_KEY_FALLBACKS=[*fallbacks, OLD])
    assert decode_token(old)["sub"] == "ada"
    with pytest.raises(pyjwt.InvalidSignatureError):
        decode_token(create_token(app, JWT_SECRET_KEY=OLDER))


def test_an_old_key_makes_nothing_last_longer(app: Flask) -> None:
    expired = create_token(app, expires_delta=timedelta(seconds=-1))
    app.config.update(JWT_SECRET_KEY=NEW, JWT_SECRET_KEY_FALLBACKS=[OLD])
    with pytest.raises(pyjwt.ExpiredSignatureError) as caught:
        decode_token(expired)
    assert caught.value.jwt_data["sub"] == "ada"  # type: ignore[attr-defined]
    assert decode_token(expired, allow_expired=True)["sub"] == "ada"


@pytest.mark.parametrize(
    ("old", "new", "algorithm"),
    [(RSA_OLD, RSA_NEW, "RS256"), (ED448_OLD, ED448_NEW, "EdDSA")],
    ids=["the engine's", "PyJWT's"],
)
def test_pairs_of_keys(app: Flask, old: Any, new: Any, algorithm: str) -> None:
    token = create_token(app, **of_pair(old, algorithm))
    app.config.update(of_pair(new, algorithm))
    with pytest.raises(pyjwt.InvalidSignatureError):
        decode_token(token)
    app.config["JWT_PUBLIC_KEY_FALLBACKS"] = [old[1]]
    assert decode_token(token)["sub"] == "ada"
    assert decode_token(create_access_token("ada"))["sub"] == "ada"

    # As an object too.
    app.config["JWT_PUBLIC_KEY_FALLBACKS"] = [serialization.load_pem_public_key(old[1].encode())]
    assert decode_token(token)["sub"] == "ada"


def test_from_a_secret_to_a_pair(app: Flask) -> None:
    token = create_token(app)
    app.config.update(of_pair(RSA_NEW, "RS256"), JWT_SECRET_KEY=None)
    app.config["JWT_SECRET_KEY_FALLBACKS"] = [OLD]
    # Whose algorithm is not accepted is none.
    with pytest.raises(pyjwt.InvalidAlgorithmError):
        decode_token(token)
    app.config["JWT_DECODE_ALGORITHMS"] = ["RS256", "HS256"]
    assert decode_token(token)["sub"] == "ada"
    assert decode_token(create_access_token("ada"))["sub"] == "ada"

    # The public key, which everybody knows, is no secret.
    with pytest.raises(pyjwt.InvalidSignatureError):
        decode_token(signed_with(RSA_NEW[1].encode(), token))


def test_from_one_kind_of_pair_to_another(app: Flask) -> None:
    token = create_token(app, **of_pair(RSA_OLD, "RS256"))
    app.config.update(of_pair(EC, "ES256"), JWT_DECODE_ALGORITHMS=["ES256", "RS256"])
    app.config["JWT_PUBLIC_KEY_FALLBACKS"] = [RSA_OLD[1]]
    assert decode_token(token)["sub"] == "ada"
    assert decode_token(create_access_token("ada"))["sub"] == "ada"


def test_keys_that_a_loader_chooses_are_its_own(app: Flask) -> None:
    old = create_token(app)
    app.config["JWT_SECRET_KEY_FALLBACKS"] = [OLD]
    app.extensions["flask-jwt-extended"].decode_key_loader(lambda header, claims: NEW)
    with pytest.raises(pyjwt.InvalidSignatureError):
        decode_token(old)


def test_a_key_that_is_none_is_told_by_its_option(app: Flask) -> None:
    token = create_token(app, **of_pair(RSA_OLD, "RS256"))
    app.config.update(of_pair(RSA_NEW, "RS256"), JWT_PUBLIC_KEY_FALLBACKS=["no PEM"])
    with pytest.raises(
        pyjwt.InvalidKeyError, match=r"^JWT_PUBLIC_KEY_FALLBACKS cannot verify tokens"
    ):
        decode_token(token)


def signed_with(secret: bytes, token: str) -> str:
    """The token with another signature, which PyJWT would not make."""
    message = token.rpartition(".")[0]
    signature = hmac.digest(secret, message.encode(), "sha256")
    return f"{message}.{pyjwt.utils.base64url_encode(signature).decode()}"


def create_token(app: Flask, expires_delta: timedelta | None = None, **options: Any) -> str:
    """A token made with other options for once."""
    before = dict(app.config)
    app.config.update(options)
    try:
        return create_access_token("ada", expires_delta=expires_delta)
    finally:
        app.config.update(before)
