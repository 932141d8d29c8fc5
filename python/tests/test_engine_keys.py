"""Which keys and rules the engine takes: what PyJWT takes, and what it can hold exactly as PyJWT."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jwt
import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed448, ed25519, rsa
from jwt import algorithms

from flask_jwt_extended_rs._engine import Signer, Unsupported, UnsupportedKey
from pyjwt_reference import NOW, SECRET, Rules, by_engine, by_pyjwt

KEYS = Path(__file__).parents[2] / "conformance" / "keys"
ENGINE_ALGORITHMS = [
    *("HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    *("ES256", "ES384", "ES512", "ES256K", "EdDSA"),
]
Key = Any


def pem(name: str) -> str:
    return (KEYS / f"{name}.pem").read_text()


@cache
def private_keys() -> dict[str, Any]:
    """Key objects, made here, of every kind that `cryptography` has and PyJWT takes."""
    return {
        "rsa 2048": serialization.load_pem_private_key(pem("rsa").encode(), None),
        "rsa 1024": rsa.generate_private_key(65537, 1024),
        "rsa 3": rsa.generate_private_key(3, 2048),
        "p256": ec.generate_private_key(ec.SECP256R1()),
        "p384": ec.generate_private_key(ec.SECP384R1()),
        "p521": ec.generate_private_key(ec.SECP521R1()),
        "k256": ec.generate_private_key(ec.SECP256K1()),
        "brainpool": ec.generate_private_key(ec.BrainpoolP256R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate(),
        "ed448": ed448.Ed448PrivateKey.generate(),
    }


def forms(private: Any) -> Iterator[tuple[str, Key]]:
    """A private key and its public part in every form that somebody might configure."""
    encodings, formats = serialization.Encoding, serialization.PrivateFormat
    public = private.public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    open_ = serialization.NoEncryption()
    yield "private object", private
    yield "public object", public
    yield "spki", public.public_bytes(encodings.PEM, spki)
    yield "spki text", public.public_bytes(encodings.PEM, spki).decode()
    yield "spki der", public.public_bytes(encodings.DER, spki)
    yield "pkcs8", private.private_bytes(encodings.PEM, formats.PKCS8, open_)
    yield "pkcs8 der", private.private_bytes(encodings.DER, formats.PKCS8, open_)
    locked = serialization.BestAvailableEncryption(b"secret")
    yield "encrypted", private.private_bytes(encodings.PEM, formats.PKCS8, locked)
    if isinstance(private, (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey)):
        text = private.private_bytes(encodings.PEM, formats.TraditionalOpenSSL, open_).decode()
        yield "traditional", text
        yield "in one line", text.replace("\n", "\\n")
        yield "with a comment", f"a comment\n{text}\n"
        yield "cut", text[: len(text) // 2]
        yield "indented", text.replace("\n", "\n  ")
    if isinstance(private, rsa.RSAPrivateKey):
        yield "pkcs1", public.public_bytes(encodings.PEM, serialization.PublicFormat.PKCS1)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a")])
        builder = x509.CertificateBuilder(name, name, public, 1)
        certificate = builder.not_valid_before(datetime(2020, 1, 1)).not_valid_after(
            datetime(2040, 1, 1)
        )
        signed = certificate.sign(private, hashes.SHA256())
        yield "certificate", signed.public_bytes(encodings.PEM)
    try:
        yield "ssh", public.public_bytes(encodings.OpenSSH, serialization.PublicFormat.OpenSSH)
    except Exception:
        return


def secrets() -> Iterator[tuple[str, Key]]:
    jwk = {"kty": "oct", "k": "AAAA"}
    yield from [("secret", SECRET), ("bytes", SECRET.encode()), ("binary", bytes(range(256)))]
    yield from [("empty", ""), ("none", None), ("number", 5), ("list", [SECRET])]
    yield from [("jwk", json.dumps(jwk)), ("jwks", json.dumps({"keys": [jwk]}))]
    yield from [("jwk list", json.dumps([jwk])), ("jwk bytes", json.dumps(jwk).encode("utf-16"))]
    yield from [("json", '{"a":"kty"}'), ("json text", '"kty"'), ("digits", "1" * 5000)]
    yield from [("half a pem", "-----BEGIN PUBLIC KEY-----"), ("surrogate", "\ud800" * 64)]
    yield ("pyjwk", jwt.PyJWK({"kty": "oct", "k": "A" * 88, "alg": "HS256"}))


def all_keys() -> list[Any]:
    keys = [pytest.param(key, id=name) for name, key in secrets()]
    for kind, private in private_keys().items():
        keys += [pytest.param(key, id=f"{kind} {form}") for form, key in forms(private)]
    return keys


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("key", all_keys())
@time_machine.travel(NOW, tick=False)
def test_a_key_that_is_taken_is_pyjwt_s(key: Key) -> None:
    """Whatever a `Signer` signs, PyJWT signs, and each verifies it with whatever the other does."""
    for algorithm in ENGINE_ALGORITHMS:
        try:
            signer = Signer(key, algorithm)
        except UnsupportedKey:
            pass
        else:
            token = signer.encode({"sub": "anna"})
            expected = jwt.encode({"sub": "anna"}, key, algorithm)
            assert token.rsplit(".", 1)[0] == expected.rsplit(".", 1)[0]
        rules = Rules(keys=[key], algorithms=[algorithm])
        try:
            verifier = rules.verifier()
        except UnsupportedKey:
            continue
        for token in tokens(algorithm):
            assert by_engine(token, rules, verifier) == by_pyjwt(token, rules), algorithm


@cache
def tokens(algorithm: str) -> list[str]:
    """A token of each key that can sign with the algorithm."""
    made = []
    for key in [SECRET, *private_keys().values()]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                made.append(jwt.encode({"sub": "anna"}, key, algorithm))
            except Exception:
                continue
    return made


@pytest.mark.parametrize(
    ("algorithm", "name", "form"),
    [
        *((a, "rsa 2048", "spki") for a in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
        *(
            (a, "rsa 2048", f)
            for a in ("RS256",)
            for f in ("public object", "spki text", "pkcs1", "ssh")
        ),
        *(
            ("ES256", "p256", form)
            for form in ("private object", "pkcs8", "traditional", "spki", "ssh")
        ),
        *(("ES384", "p384", "spki"), ("ES512", "p521", "spki"), ("ES256K", "k256", "spki")),
        *(
            ("EdDSA", "ed25519", form)
            for form in ("private object", "public object", "pkcs8", "spki", "ssh")
        ),
    ],
)
def test_keys_that_verify_without_pyjwt(algorithm: str, name: str, form: str) -> None:
    private = private_keys()[name]
    token = jwt.encode({"sub": "anna"}, private, algorithm)
    rules = Rules(keys=[dict(forms(private))[form]], algorithms=[algorithm])
    assert rules.verifier().decode(token, NOW)[1]["sub"] == "anna"


@pytest.mark.parametrize(
    ("algorithm", "name", "form"),
    [
        *(("RS256", "rsa 2048", form) for form in ("private object", "pkcs8", "traditional")),
        *(("ES256", "p256", form) for form in ("private object", "pkcs8", "traditional")),
        *(("EdDSA", "ed25519", form) for form in ("private object", "pkcs8")),
    ],
)
def test_keys_that_sign_without_pyjwt(algorithm: str, name: str, form: str) -> None:
    private = private_keys()[name]
    token = Signer(dict(forms(private))[form], algorithm).encode({"sub": "anna"})
    assert jwt.decode(token, private.public_key(), [algorithm]) == {"sub": "anna"}


def test_rules_that_are_left_to_pyjwt() -> None:
    for rules in (
        Rules(algorithms=["none"]),
        Rules(algorithms=["HS256", "RS256"]),
        Rules(algorithms=["ES521"]),
        Rules(algorithms=[]),
        Rules(algorithms="HS256"),
        Rules(algorithms=[5]),  # type: ignore[list-item]
        Rules(keys=[]),
        Rules(keys=[SECRET] * 9),
        Rules(audience=[]),
        Rules(issuer=[]),
        Rules(issuer=[5]),  # type: ignore[list-item]
        Rules(leeway=-1),
        Rules(leeway=float("nan")),
        Rules(identity_claim=""),
        Rules(identity_claim="iss"),
    ):
        with pytest.raises(UnsupportedKey):
            rules.verifier()
    assert issubclass(UnsupportedKey, Unsupported)
    assert issubclass(Unsupported, ValueError)


def test_the_reason_names_no_key() -> None:
    for key, algorithm in [(pem("rsa"), "HS256"), (pem("p256"), "RS256"), (SECRET, "ES256")]:
        with pytest.raises(UnsupportedKey) as caught:
            Signer(key, algorithm)
        assert str(caught.value)
        assert not any(line in str(caught.value) for line in key.splitlines()[1:] if line)


def test_an_algorithm_of_the_application_s_own_is_left_to_pyjwt() -> None:
    class Own(algorithms.HMACAlgorithm):
        pass

    jwt.unregister_algorithm("HS256")
    try:
        with pytest.raises(UnsupportedKey):
            Signer(SECRET, "HS256")
        jwt.register_algorithm("HS256", Own(Own.SHA256))
        with pytest.raises(UnsupportedKey, match="the application's own"):
            Signer(SECRET, "HS256")
        jwt.unregister_algorithm("HS256")
    finally:
        jwt.register_algorithm("HS256", algorithms.HMACAlgorithm(algorithms.HMACAlgorithm.SHA256))
    assert Signer(SECRET, "HS256")


def test_a_class_of_the_application_s_own_is_left_to_pyjwt() -> None:
    def hidden(self: object, name: str) -> Any:
        raise AssertionError("nobody may look into it")

    in_device: Any = type("InDevice", (rsa.RSAPublicKey,), {"__getattribute__": hidden})
    in_device.__abstractmethods__ = frozenset()
    with pytest.raises(UnsupportedKey):
        Rules(keys=[in_device()], algorithms=["RS256"]).verifier()


def test_without_cryptography_the_engine_reads_pem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(algorithms, "has_crypto", False)
    for algorithm, name in [
        ("RS256", "rsa"),
        ("PS512", "rsa"),
        ("ES512", "p521"),
        ("EdDSA", "ed25519"),
    ]:
        token = Signer(pem(name), algorithm).encode({"sub": "anna"})
        for key in (pem(f"{name}.pub"), pem(f"{name}.pub").encode()):
            rules = Rules(keys=[key], algorithms=[algorithm])
            assert rules.verifier().decode(token, NOW)[1]["sub"] == "anna"
    for unreadable in (SECRET, b"\xff", 5, None):
        with pytest.raises(UnsupportedKey):
            Signer(unreadable, "RS256")
