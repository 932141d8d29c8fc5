"""Keys of every kind that PyJWT takes, by option and by loader, and what is said of bad ones."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt.algorithms import HMACAlgorithm

from apps import LONG_SECRET, SECRET, access, get, make_app
from flask_jwt_extended import JWTManager, create_access_token, decode_token
from flask_jwt_extended_rs import keys

FORMS = ["object", "text", "bytes"]
ALGORITHMS = ["RS256", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA", "Ed448"]


@lru_cache
def private_key(algorithm: str) -> Any:
    curves = {
        "ES256": ec.SECP256R1,
        "ES384": ec.SECP384R1,
        "ES512": ec.SECP521R1,
        "ES256K": ec.SECP256K1,
    }
    if algorithm in curves:
        return ec.generate_private_key(curves[algorithm]())
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm == "Ed448":
        return ed448.Ed448PrivateKey.generate()
    return rsa.generate_private_key(65537, 1024 if algorithm == "short" else 2048)


def in_form(key: Any, form: str) -> Any:
    if form == "object":
        return key
    if hasattr(key, "private_bytes"):
        pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    else:
        pem = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return pem.decode() if form == "text" else pem


def pair(algorithm: str, form: str = "text") -> dict[str, Any]:
    """The options of a pair of keys."""
    key = private_key(algorithm)
    return {
        "ALGORITHM": "EdDSA" if algorithm == "Ed448" else algorithm,
        "PRIVATE_KEY": in_form(key, form),
        "PUBLIC_KEY": in_form(key.public_key(), form),
    }


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_pairs(algorithm: str, form: str) -> None:
    app = make_app(**pair(algorithm, form))
    for _ in range(2):
        token = access(app)
        assert get(app, token)[0] == 200
    public = private_key(algorithm).public_key()
    assert jwt.decode(token, public, [app.config["JWT_ALGORITHM"]])["sub"] == "ada"
    head, dot, signature = token.rpartition(".")
    assert get(app, head + dot + signature[::-1])[0] == 422


def test_the_engine_holds_what_it_can() -> None:
    for algorithm in ALGORITHMS:
        options = pair(algorithm, "object")
        held = keys.signer(options["PRIVATE_KEY"], options["ALGORITHM"])
        assert (held is None) is (algorithm == "Ed448")
        assert held is keys.signer(options["PRIVATE_KEY"], options["ALGORITHM"])


def test_equal_key_objects_are_different_keys_of_the_cache() -> None:
    one, same = (keys._hashable(private_key("ES256").public_key()) for _ in range(2))
    assert one != same
    assert one == one  # noqa: PLR0124
    assert one != "text"


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
def test_a_private_key_verifies_where_pyjwt_lets_it(algorithm: str) -> None:
    for form in FORMS if algorithm == "ES256" else ("object",):
        options = pair(algorithm, form)
        app = make_app(**{**options, "PUBLIC_KEY": options["PRIVATE_KEY"]})
        assert get(app, access(app))[0] == 200


def test_keys_of_an_apps_own_class() -> None:
    held = private_key("ES256")

    class Device(ec.EllipticCurvePrivateKey):
        """A key that nothing can take out of its device."""

        used = 0
        curve = held.curve
        key_size = held.key_size

        def sign(self, data: Any, signature_algorithm: Any) -> bytes:
            Device.used += 1
            signature: bytes = held.sign(data, signature_algorithm)
            return signature

        def public_key(self) -> Any:
            return held.public_key()

        def _no(self, *_: Any) -> Any:
            raise NotImplementedError

        exchange = private_numbers = private_bytes = __copy__ = __deepcopy__ = _no

    app = make_app(**{**pair("ES256", "object"), "PRIVATE_KEY": Device()})
    assert get(app, access(app))[0] == 200
    assert Device.used == 1


def test_algorithms_that_the_app_registers() -> None:
    class Marked(HMACAlgorithm):
        def sign(self, msg: bytes, key: bytes) -> bytes:
            return b"marked" + super().sign(msg, key)

    jwt.register_algorithm("X256", Marked(HMACAlgorithm.SHA256))
    try:
        app = make_app(ALGORITHM="X256")
        token = access(app)
        assert jwt.get_unverified_header(token)["alg"] == "X256"
        assert get(app, token)[0] == 200
    finally:
        jwt.unregister_algorithm("X256")
    with (
        app.test_request_context(),
        pytest.raises(jwt.InvalidAlgorithmError, match="not supported"),
    ):
        decode_token(token)


def test_loaders_may_return_another_key_each_time() -> None:
    manager = JWTManager()
    app = make_app(manager, DECODE_ALGORITHMS=["HS256", "RS256"])
    known: dict[str, Any] = {f"k{n}": f"{n}-{SECRET}" for n in range(300)}
    manager.encode_key_loader(lambda identity: known[identity])
    manager.additional_headers_loader(lambda identity: {"kid": identity})
    manager.decode_key_loader(lambda header, claims: known.get(header.get("kid")))
    for name, key in known.items():
        token = access(app, name)
        assert get(app, token)[1]["who"] == name
        assert jwt.decode(token, key, ["HS256"])
    stranger = jwt.encode({"sub": "k1"}, SECRET, headers={"kid": "k1"})
    assert get(app, stranger) == (422, {"msg": "Signature verification failed"})
    # Upstream answers 500.
    unknown = jwt.encode({"sub": "k1"}, SECRET, headers={"kid": "x"})
    assert get(app, unknown) == (422, {"msg": "There is no key for this token"})


def test_a_loader_sees_the_token_before_it_is_verified() -> None:
    manager, seen = JWTManager(), []
    app = make_app(manager)

    @manager.decode_key_loader
    def key(header: dict[str, Any], claims: dict[str, Any]) -> str:
        seen.append((header, claims))
        return SECRET

    forged = jwt.encode({"sub": "ada", "iss": "x"}, "another-secret-of-thirty-two-bytes-or-more")
    assert get(app, forged)[0] == 422
    assert seen == [({"alg": "HS256", "typ": "JWT"}, {"sub": "ada", "iss": "x"})]
    assert get(app, "a.b.c") == (422, {"msg": "Invalid header padding"})
    assert len(seen) == 1


def test_a_jwk() -> None:
    manager = JWTManager()
    app = make_app(manager, **pair("RS256"))
    key = jwt.PyJWK.from_json(jwt.algorithms.RSAAlgorithm.to_jwk(private_key("RS256").public_key()))
    manager.decode_key_loader(lambda _header, _claims: key)
    assert get(app, access(app))[0] == 200
    manager.decode_key_loader(lambda _header, _claims: key.key)
    assert get(app, access(app))[0] == 200


@pytest.mark.filterwarnings("default:The RSA key is 1024 bits")
def test_a_short_rsa_key() -> None:
    app = make_app(**{**pair("short"), "ALGORITHM": "RS256"})
    assert get(app, access(app))[0] == 200


def test_an_audience_of_a_container_of_the_apps_own() -> None:
    app = make_app(
        ENCODE_AUDIENCE="us", DECODE_AUDIENCE={"us": 1, "them": 2}, DECODE_ISSUER=[["odd"]]
    )
    with app.test_request_context(), pytest.raises(jwt.MissingRequiredClaimError, match="iss"):
        decode_token(create_access_token("ada"))
    app.config["JWT_DECODE_ISSUER"] = None
    assert get(app, access(app))[0] == 200


PEM = pair("RS256")["PUBLIC_KEY"]


@pytest.mark.parametrize(
    ("options", "where", "reason"),
    [
        (
            {"ALGORITHM": "RS256", "PUBLIC_KEY": "-----BEGIN nothing"},
            "JWT_PUBLIC_KEY",
            "Could not parse",
        ),
        ({"ALGORITHM": "ES256", "PUBLIC_KEY": "-----BEGIN nothing"}, "JWT_PUBLIC_KEY", "PEM"),
        (
            {"ALGORITHM": "EdDSA", "PUBLIC_KEY": "nothing"},
            "JWT_PUBLIC_KEY",
            "public or private key",
        ),
        ({"ALGORITHM": "RS256", "PUBLIC_KEY": 7}, "JWT_PUBLIC_KEY", "PEM"),
        (
            {"ALGORITHM": "RS256", "PUBLIC_KEY": pair("ES256")["PUBLIC_KEY"]},
            "JWT_PUBLIC_KEY",
            "RS256",
        ),
        (
            {"ALGORITHM": "RS256", "PUBLIC_KEY": pair("RS256")["PRIVATE_KEY"]},
            "JWT_PUBLIC_KEY",
            "cannot verify",
        ),
        ({"SECRET_KEY": PEM}, "JWT_SECRET_KEY", "asymmetric key"),
    ],
)
def test_what_is_said_of_a_bad_key_for_verifying(
    options: dict[str, Any], where: str, reason: str
) -> None:
    app = make_app(**options)
    algorithm = app.config["JWT_ALGORITHM"]
    signing = {
        "RS256": private_key("RS256"),
        "ES256": private_key("ES256"),
        "EdDSA": private_key("EdDSA"),
    }
    token = jwt.encode({"sub": "ada"}, signing.get(algorithm, SECRET), algorithm)
    with app.test_request_context():
        with pytest.raises(jwt.InvalidKeyError, match=f"^{where} cannot verify tokens") as caught:
            decode_token(token)
        assert reason in str(caught.value)
        assert "-----BEGIN line" in str(caught.value)
        assert caught.value.__cause__ is not None


@pytest.mark.parametrize(
    ("options", "where", "reason"),
    [
        (
            {"ALGORITHM": "RS256", "PRIVATE_KEY": "-----BEGIN nothing"},
            "JWT_PRIVATE_KEY",
            "Could not parse",
        ),
        (
            {"ALGORITHM": "ES384", "PRIVATE_KEY": pair("ES256")["PRIVATE_KEY"]},
            "JWT_PRIVATE_KEY",
            "curve",
        ),
        ({"ALGORITHM": "RS256", "PRIVATE_KEY": PEM}, "JWT_PRIVATE_KEY", "RSAPublicKey cannot sign"),
        ({"SECRET_KEY": PEM}, "JWT_SECRET_KEY", "asymmetric key"),
        ({"SECRET_KEY": 7}, "JWT_SECRET_KEY", "Expected a string"),
    ],
)
def test_what_is_said_of_a_bad_key_for_signing(
    options: dict[str, Any], where: str, reason: str
) -> None:
    with pytest.raises(jwt.InvalidKeyError, match=f"^{where} cannot sign tokens") as caught:
        access(make_app(**options))
    assert reason in str(caught.value)


def test_what_is_said_of_a_bad_key_of_a_loader_and_of_flasks_own() -> None:
    manager = JWTManager()
    app = make_app(manager)
    token = access(app)
    manager.encode_key_loader(lambda _: PEM)
    manager.decode_key_loader(lambda _header, _claims: 7)
    with pytest.raises(jwt.InvalidKeyError, match=r"^The key of encode_key_loader cannot sign"):
        access(app)
    with (
        app.test_request_context(),
        pytest.raises(jwt.InvalidKeyError, match=r"^The key of decode_key_loader cannot verify"),
    ):
        decode_token(token)
    app = make_app(SECRET_KEY=None)
    app.secret_key = PEM
    with pytest.raises(jwt.InvalidKeyError, match=r"^SECRET_KEY cannot sign"):
        access(app)


# What tokens name that come from somebody else.
FOREIGN = {"HS256": LONG_SECRET} | {
    name: private_key.__wrapped__(name) for name in ("RS256", "ES256", "ES384", "EdDSA")
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
@pytest.mark.parametrize("by_loader", [False, True])
def test_a_token_cannot_make_a_good_key_bad(algorithm: str, form: str, by_loader: bool) -> None:
    # Upstream answers 500 to a request that names the algorithm of other keys.
    manager = JWTManager()
    options = pair(algorithm, form)
    app = make_app(manager, **options, DECODE_ALGORITHMS=list(FOREIGN))
    if by_loader:
        manager.decode_key_loader(lambda _header, _claims: options["PUBLIC_KEY"])
    for _ in range(2):
        assert get(app, access(app))[0] == 200
        for name, key in FOREIGN.items():
            refused = get(app, jwt.encode({"sub": "ada"}, key, name))
            if name == algorithm:
                assert refused == (422, {"msg": "Signature verification failed"})
            else:
                assert refused == (422, {"msg": "The specified alg value is not allowed"})


def test_a_token_cannot_make_a_secret_bad() -> None:
    app = make_app(DECODE_ALGORITHMS=list(FOREIGN))
    assert get(app, access(app))[0] == 200
    for name, key in FOREIGN.items():
        assert get(app, jwt.encode({"sub": "ada"}, key, name))[0] == 422, name


def test_a_key_for_none_of_its_algorithms_is_the_developers_fault() -> None:
    manager = JWTManager()
    app = make_app(manager, DECODE_ALGORITHMS=["HS256", "ES256"])
    token = access(app)
    manager.decode_key_loader(lambda _header, _claims: private_key("RS256").public_key())
    with app.test_request_context(), pytest.raises(jwt.InvalidKeyError, match=r"HS256: .*ES256: "):
        decode_token(token)


def test_unknown_algorithms() -> None:
    with pytest.raises(NotImplementedError, match="Algorithm not supported"):
        access(make_app(ALGORITHM="HS1"))
