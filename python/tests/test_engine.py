"""The engine's `Verifier` beside PyJWT: thousands of tokens, and the same answer to each."""

from __future__ import annotations

import json
import random
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jwt
import pytest
import time_machine
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from flask_jwt_extended.exceptions import CSRFError, JWTDecodeError
from flask_jwt_extended_rs import _engine
from flask_jwt_extended_rs._engine import Unsupported, Verifier
from pyjwt_reference import NOW, SECRET, Outcome, Rules, by_engine, by_pyjwt, is_unsupported
from tokens_for_comparison import (
    CLAIMS,
    HEADER,
    HEADERS,
    VALUES,
    claims,
    good,
    signed,
    with_encodings,
    with_faults,
    with_payloads,
)

KEYS = Path(__file__).parents[2] / "conformance" / "keys"
CSRF = "5a6d3125-1bab-4e51-9b95-c2cab7adf478"


def key(name: str) -> str:
    return (KEYS / f"{name}.pem").read_text()


def compare(tokens: Iterable[Any], rules: Rules, unsupported: int = 0) -> None:
    """Asserts that both say the same of each token. At most so many may be left to PyJWT."""
    verifier = rules.verifier()
    differing, left = [], 0
    with time_machine.travel(NOW, tick=False):
        for token in tokens:
            engine = by_engine(token, rules, verifier)
            if is_unsupported(engine):
                left += 1
                continue
            pyjwt = by_pyjwt(token, rules)
            if engine != pyjwt and not is_deviation(engine, pyjwt):
                differing.append((token, engine, pyjwt))
    assert not differing, f"{len(differing)} differ, such as {differing[0]}"
    assert left <= unsupported, f"{left} were left to PyJWT"


def is_deviation(engine: Outcome, pyjwt: Outcome) -> bool:
    """Where the engine answers otherwise on purpose."""
    if pyjwt.error is TypeError and engine.error is CSRFError:
        # A claim `csrf` that is no text, or a value beyond ASCII, is a crash in `compare_digest`.
        return "comparing strings" in pyjwt.text or "unsupported operand" in pyjwt.text
    # The claim `mgr` is the library's own: a token of another manager is none of this one's.
    return engine.error is JWTDecodeError and "not meant for" in engine.text


RULES = {
    "usual": Rules(),
    "expired allowed": Rules(allow_expired=True),
    "audience": Rules(audience=("aud1", "aud2")),
    "issuer": Rules(issuer=("iss1",)),
    "everything": Rules(
        algorithms=("HS256", "HS512"),
        audience=("aud1",),
        issuer=("iss1", "iss2"),
        leeway=30.5,
        verify_sub=False,
        identity_claim="role",
        csrf_value=CSRF,
    ),
    "csrf": Rules(csrf_value=CSRF),
    "csrf beyond ASCII": Rules(csrf_value="ü"),
    "no csrf": Rules(csrf_value=""),
    "lax subject": Rules(verify_sub=False, leeway=60),
}


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_payloads(rules: Rules) -> None:
    compare(with_payloads(random.Random(1)), rules, unsupported=1500)


def test_payloads_that_are_like_the_first_one_and_others() -> None:
    verifier, dice = Rules().verifier(), random.Random(3)
    usual = {**CLAIMS, "iss": '"issuer"', "role": '"reader"'}
    others = {**usual, "iss": '"another"', "type": '"refresh"', "role": '{"a":[1]}', "new": "1"}
    for n in range(2000):
        members = list(usual.items())
        for _ in range(dice.randrange(4) if n else 0):
            member = dice.choice(list(others.items()))
            what = dice.randrange(4)
            if what == 0:
                members.insert(dice.randint(0, len(members)), member)
            elif what == 1:
                dice.shuffle(members)
            else:
                members[dice.randrange(len(members))] = member
                del members[dice.randint(len(members) // 2, len(members)) :]
        payload = "{" + ",".join(f'"{name}":{value}' for name, value in members) + "}"
        expected = json.loads(payload)
        if "sub" not in expected:
            continue
        expected.setdefault("type", "access")
        expected.setdefault("fresh", False)
        expected.setdefault("jti", None)
        found = verifier.claims(signed(HEADER, payload), NOW)
        assert list(found.items()) == list(expected.items()), payload
        # What an application does with one is nothing to the next.
        found["iss"] = found["type"] = "changed"
        found.clear()


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
def test_headers(rules: Rules) -> None:
    payloads = [claims({}), claims({"exp": "1"}), claims({"iat": "null"})]
    tokens = [signed(header, payload) for header in HEADERS for payload in payloads]
    compare(tokens, rules, unsupported=250)


def test_encodings() -> None:
    compare(with_encodings(), Rules(), unsupported=30)


@pytest.mark.parametrize("payload", [claims({}), claims({"exp": "1"}), claims({"nbf": "null"})])
def test_faults_of_form(payload: str) -> None:
    token = signed(HEADER, payload)
    tokens = list(with_faults(token, random.Random(2), 1500))
    compare(tokens, Rules(), unsupported=1)
    compare((token.encode() for token in tokens), Rules(), unsupported=1)
    for other in (None, 5, ["a"], bytearray(b"a.b.c"), b"\xff.\xff.\xff", "\ud800.a.b"):
        compare([other], Rules())


@pytest.mark.parametrize(
    ("algorithm", "private", "public", "other"),
    [
        *(
            (f"{kind}{size}", "rsa", "rsa.pub", "rsa_other.pub")
            for kind in ("RS", "PS")
            for size in (256, 384, 512)
        ),
        ("ES256", "p256", "p256.pub", "p256_other.pub"),
        ("ES384", "p384", "p384.pub", None),
        ("ES512", "p521", "p521.pub", None),
        ("ES256K", "secp256k1", "secp256k1.pub", None),
        ("EdDSA", "ed25519", "ed25519.pub", None),
    ],
)
def test_asymmetric_algorithms(
    algorithm: str, private: str, public: str, other: str | None
) -> None:
    pem = key(private).encode()
    payload = {"sub": "anna", "exp": int(NOW) + 60, "iat": int(NOW), "nbf": int(NOW)}
    token = jwt.encode(payload, load_pem_private_key(pem, None), algorithm)  # type: ignore[arg-type]
    tokens = [token, good(), *with_faults(token, random.Random(3), 60)]
    compare(tokens, Rules(keys=(key(public),), algorithms=(algorithm,)))
    if other:
        compare(tokens, Rules(keys=(key(other),), algorithms=(algorithm,)))
    if not algorithm.startswith(("RS", "PS")):
        compare(tokens, Rules(keys=(key(private),), algorithms=(algorithm,)))


def test_values_come_out_as_python_reads_them() -> None:
    verifier = Rules().verifier()
    exact = [*VALUES, *(repr(random.Random(n).uniform(-1e9, 1e9)) for n in range(500))]
    for value in exact:
        token = signed(HEADER, claims({"value": value, "other": f"[{value}]"}))
        try:
            expected = jwt.decode(token, options={"verify_signature": False})
        except jwt.DecodeError:
            continue
        assert repr(_engine.unverified(token)[1]) == repr(expected), value
        try:
            assert repr(verifier.decode(token, NOW)[1]) == repr(expected), value
        except Unsupported:
            # Beyond the range of floats, half a pair of surrogates, or nested too deep.
            marks = ("NaN", "Infinity", "1e400", "0" * 400, "\\u", "[[")
            assert any(mark in value for mark in marks), value


def test_unverified() -> None:
    tokens = [
        *with_payloads(random.Random(4)),
        *(signed(header, claims({})) for header in HEADERS),
        *with_encodings(),
        *with_faults(good(), random.Random(5), 2000),
    ]
    for token in tokens:
        outcomes = []
        for decode in (
            _engine.unverified,
            lambda token: tuple(
                map(
                    jwt.api_jwt.decode_complete(token, options={"verify_signature": False}).get,
                    ("header", "payload"),
                )
            ),
        ):
            try:
                outcomes.append(repr(decode(token)))
            except Exception as error:
                outcomes.append(repr((type(error), str(error))))
        assert outcomes[0] == outcomes[1], token


def test_dates_that_only_pyjwt_can_read_are_left_to_it() -> None:
    for text in ('"1_700_000_900"', '"١٧٠٠٠٠٠٩٠٠"', '"99999999999999999999"'):
        token = signed(HEADER, claims({"exp": text}))
        with time_machine.travel(NOW, tick=False):
            assert by_pyjwt(token, Rules()).error is None
        with pytest.raises(Unsupported):
            Rules().verifier().decode(token, NOW)


def test_defaults_of_upstream() -> None:
    token = good(type=None, fresh=None, jti=None)
    _, payload = Rules().verifier().decode(token, NOW)
    assert list(payload.items())[-3:] == [("type", "access"), ("fresh", False), ("jti", None)]


def test_an_expired_token_brings_its_content() -> None:
    with pytest.raises(jwt.ExpiredSignatureError) as caught:
        Rules().verifier().decode(good(exp=1, type=None), NOW)
    error: Any = caught.value
    assert error.jwt_header == {"alg": "HS256", "typ": "JWT"}
    assert error.jwt_data["sub"] == "anna"
    assert error.jwt_data["type"] == "access"


def test_claims_alone() -> None:
    verifier = Rules().verifier()
    token = good(type=None, csrf="a")
    assert verifier.claims(token, NOW, "a") == verifier.decode(token, NOW, "a")[1]
    expired = good(exp=1)
    assert verifier.claims(expired, NOW, allow_expired=True)["exp"] == 1
    with pytest.raises(jwt.ExpiredSignatureError):
        verifier.claims(expired, NOW)
    with pytest.raises(CSRFError):
        verifier.claims(token, NOW, "b")
    with pytest.raises(Unsupported):
        verifier.claims(signed('{"alg":"HS256"}', '{"sub":"anna","n":1e999}'), NOW)


def test_keys_are_tried_in_order_on_a_wrong_signature_alone() -> None:
    others = [f"{n}{SECRET}" for n in range(7)]
    verifier = Rules(keys=(*others, SECRET)).verifier()
    assert verifier.decode(good(), NOW)[1]["sub"] == "anna"
    with pytest.raises(jwt.InvalidSignatureError):
        Rules(keys=others).verifier().decode(good(), NOW)
    with pytest.raises(jwt.InvalidAlgorithmError):
        verifier.decode(signed('{"alg":"HS512"}', claims({})), NOW)
    with pytest.raises(jwt.ExpiredSignatureError):
        verifier.decode(good(exp=1), NOW)


def test_managers() -> None:
    def decode(token: str, manager: str | None) -> str:
        verifier = Verifier(
            [SECRET],
            ["HS256"],
            audience=None,
            issuer=None,
            leeway=0,
            verify_sub=True,
            identity_claim="sub",
            manager=manager,
        )
        return str(verifier.decode(token, NOW)[1]["sub"])

    assert decode(good(mgr="partner"), "partner") == "anna"
    for token, manager in [(good(mgr="partner"), None), (good(), "partner"), (good(mgr="p"), "q")]:
        with pytest.raises(JWTDecodeError, match="not meant for this part"):
            decode(token, manager)


def test_what_is_decoded_belongs_to_the_caller() -> None:
    verifier = Rules().verifier()
    nested = signed('{"alg":"HS256","typ":"JWT","x":{"y":[]}}', claims({}))
    for token in (good(), nested, good()):
        for _ in range(3):
            header, payload = verifier.decode(token, NOW)
            header.setdefault("x", {}).setdefault("y", []).append(1)
            assert header["x"] == {"y": [1]}
            payload.clear()


def test_many_threads_share_one_verifier() -> None:
    verifiers = [
        Rules().verifier(),
        Rules(keys=(key("p256.pub"),), algorithms=("ES256",)).verifier(),
    ]
    payload = {"sub": "anna"}
    tokens = [good(), jwt.encode(payload, key("p256"), "ES256")]
    failures: list[BaseException] = []

    def work() -> None:
        try:
            for n in range(400):
                verifier, token = verifiers[n % 2], tokens[n % 2]
                assert verifier.decode(token, NOW)[1]["sub"] == "anna"
                with pytest.raises(jwt.InvalidTokenError):
                    verifier.decode(tokens[1 - n % 2], NOW)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_others_run_during_an_asymmetric_signature() -> None:
    signer = _engine.Signer(key("rsa"), "RS512")
    verifier = Rules(keys=(key("p521.pub"),), algorithms=("ES512",)).verifier()
    token = jwt.encode({"sub": "anna"}, key("p521"), "ES512")
    for call in (lambda: signer.encode({"sub": "anna"}), lambda: verifier.decode(token, NOW)):
        thread = threading.Thread(target=lambda call=call: [call() for _ in range(50)])
        interval, turns = sys.getswitchinterval(), 0
        # Nobody is made to give up the interpreter; who does it, does it by itself.
        sys.setswitchinterval(100)
        try:
            thread.start()
            while thread.is_alive():
                time.sleep(0)
                turns += 1
        finally:
            sys.setswitchinterval(interval)
        assert turns > 10


def test_nothing_shows_a_key() -> None:
    for value in (Rules().verifier(), _engine.Signer(SECRET, "HS256")):
        assert SECRET not in repr(value)
        assert SECRET not in str(vars(type(value)))
        with pytest.raises(AttributeError):
            value.key = 1  # type: ignore[union-attr]


def test_the_stub_names_what_there_is() -> None:
    assert {name for name in vars(_engine) if not name.startswith("__")} == {
        "OutsideKeys",
        "Signer",
        "Unsupported",
        "UnsupportedKey",
        "Verifier",
        "jwk_set",
        "unverified",
        "usual_token",
        "uuids",
    }
    assert CLAIMS["csrf"] == f'"{CSRF}"'
