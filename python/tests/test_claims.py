"""What goes into tokens: identities, claims and headers of any kind, through the app's own JSON."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from typing import Any
from unittest.mock import patch
from uuid import UUID

import jwt
import pytest
from flask import Flask

from apps import LONG_SECRET, SECRET, access, get, make_app, refresh
from flask_jwt_extended import JWTManager, create_access_token, decode_token, tokens
from flask_jwt_extended.config import config

ID = UUID("11111111-2222-4333-8444-555555555555")


def payload(token: str) -> dict[str, Any]:
    return jwt.decode(token, options={"verify_signature": False})


def test_the_claims_of_a_token_and_their_order() -> None:
    app = make_app(ENCODE_AUDIENCE=["us", "them"], ENCODE_ISSUER="me")
    token = access(app, fresh=True, additional_claims={"role": "admin"})
    names = ["fresh", "iat", "jti", "type", "sub", "nbf", "csrf", "aud", "iss", "exp", "role"]
    assert list(payload(token)) == names
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "typ": "JWT"}
    app.config.update(JWT_ENCODE_NBF=False, JWT_COOKIE_CSRF_PROTECT=False)
    assert not {"nbf", "csrf"} & payload(refresh(app)).keys()
    assert payload(refresh(app))["type"] == "refresh"


def test_what_json_does_not_know_goes_through_the_apps_provider() -> None:
    claims = {"day": date(2030, 6, 1), "id": ID, "price": Decimal("1.50")}
    told = payload(access(make_app(), additional_claims=claims))
    assert told["day"] == "Sat, 01 Jun 2030 00:00:00 GMT"
    assert (told["id"], told["price"]) == (str(ID), "1.50")


def test_a_provider_of_the_apps_own() -> None:
    # Flask has them since 2.2.
    provider: Any = pytest.importorskip("flask.json.provider")

    class Own(provider.DefaultJSONProvider):
        @staticmethod
        def default(o: Any) -> Any:
            return o.isoformat() if isinstance(o, date) else provider.DefaultJSONProvider.default(o)

    class WithoutDefault(provider.JSONProvider):
        def dumps(self, obj: Any, **kwargs: Any) -> str:
            return json.dumps(obj)

        def loads(self, s: str | bytes, **kwargs: Any) -> Any:
            return json.loads(s)

    app = make_app()
    app.json_provider_class = Own
    assert payload(access(app, additional_claims={"day": date(2030, 6, 1)}))["day"] == "2030-06-01"
    app.json_provider_class = WithoutDefault
    assert payload(access(app, additional_claims={"id": ID}))["id"] == str(ID)


def test_encoder_classes() -> None:
    class Sorted(json.JSONEncoder):
        def encode(self, o: Any) -> str:
            return super().encode({name: o[name] for name in sorted(o)})

    class Sets(json.JSONEncoder):
        def default(self, o: Any) -> Any:
            return sorted(o)

    arguments: dict[str, Any] = {
        "algorithm": "HS256",
        "audience": None,
        "claim_overrides": {"roles": {"b", "a"}},
        "csrf": False,
        "expires_delta": False,
        "fresh": False,
        "header_overrides": {},
        "identity": "ada",
        "identity_claim_key": "sub",
        "issuer": None,
        "secret": SECRET,
        "token_type": "access",
        "nbf": True,
    }
    assert payload(tokens._encode_jwt(**arguments, json_encoder=Sets))["roles"] == ["a", "b"]
    arguments["claim_overrides"] = {}
    token = tokens._encode_jwt(**arguments, json_encoder=Sorted)
    assert list(payload(token)) == sorted(payload(token))
    with patch.object(type(config), "json_encoder", Sorted), make_app().test_request_context():
        token = create_access_token("ada")
        assert list(payload(token)) == sorted(payload(token))


def test_claims_that_are_no_json() -> None:
    with pytest.raises(TypeError, match="not JSON serializable"):
        access(make_app(), additional_claims={"x": object()})
    with pytest.raises(TypeError, match=r"Issuer \(iss\) must be a string"):
        access(make_app(ENCODE_ISSUER=["me"]))


@pytest.mark.parametrize(
    "value",
    [
        10**40,
        -(2**63),
        1.5,
        1e300,
        float("inf"),
        "\U0001f600 \u00e9 \x00 \u2028 </script>",
        "\ud800",
        [1, [None, True, {"a": ()}]],
        {"": 0, "1": {}},
    ],
)
def test_values_come_back_as_json_has_them(value: Any) -> None:
    app = make_app()
    token = access(app, additional_claims={"value": value})
    with app.test_request_context():
        assert decode_token(token)["value"] == json.loads(json.dumps(value))


def test_claims_win_over_everything() -> None:
    app = make_app()
    told = {"jti": "mine", "iat": 1, "exp": 9_999_999_999, "sub": "bob", "type": "other", "csrf": 7}
    with app.test_request_context():
        claims = decode_token(create_access_token("ada", additional_claims=told))
    assert {name: claims[name] for name in told} == told


def test_callbacks_get_the_raw_identity_and_their_results_are_left_alone() -> None:
    manager = JWTManager()
    app = make_app(manager)
    user, same_claims, same_headers, seen = object(), {"role": "user"}, {"kid": "k"}, []

    @manager.additional_headers_loader
    def headers(identity: object) -> dict[str, str]:
        seen.append(("headers", identity))
        return same_headers

    @manager.additional_claims_loader
    def claims(identity: object) -> dict[str, str]:
        seen.append(("claims", identity))
        return same_claims

    @manager.user_identity_loader
    def identity(identity: object) -> str:
        return "ada"

    @manager.encode_key_loader
    def key(identity: object) -> str:
        seen.append(("key", identity))
        return SECRET

    more = {"role": "admin", "x": 1}
    token = access(app, user, additional_claims=more, additional_headers={"kid": "j", "v": 2})
    assert seen == [("headers", user), ("claims", user), ("key", user)]
    assert payload(token)["role"] == "admin"
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "kid": "j", "typ": "JWT", "v": 2}
    assert (same_claims, same_headers) == ({"role": "user"}, {"kid": "k"})
    assert payload(access(app, user))["role"] == "user"


def test_callbacks_may_return_nothing() -> None:
    manager = JWTManager()
    manager.additional_claims_loader(lambda _: None)
    manager.additional_headers_loader(lambda _: None)
    app = make_app(manager)
    assert get(app, access(app))[0] == 200
    assert payload(access(app, additional_claims={"a": 1}))["a"] == 1


def test_headers() -> None:
    app = make_app(SECRET_KEY=LONG_SECRET, DECODE_ALGORITHMS=["HS512", "HS256"])
    token = access(app, additional_headers={"typ": None, "n": 1})
    assert jwt.get_unverified_header(token) == {"alg": "HS256", "n": 1}
    with pytest.raises(jwt.InvalidTokenError, match="Key ID header parameter must be a string"):
        access(app, additional_headers={"kid": 7})
    other = access(app, additional_headers={"alg": "HS512"})
    assert jwt.get_unverified_header(other)["alg"] == "HS512"
    assert get(app, other)[0] == 200


@pytest.mark.parametrize("identity", [7, None, ["ada"], {"name": "ada"}, True])
def test_identities_that_are_no_strings(identity: Any) -> None:
    app = make_app()
    with pytest.warns(
        UserWarning, match=f'"sub".*{type(identity).__name__}.*JWT_VERIFY_SUB'
    ) as seen:
        token = access(app, identity)
    assert seen[0].filename.endswith("apps.py")
    assert get(app, token) == (422, {"msg": "Subject must be a string"})
    app.config["JWT_VERIFY_SUB"] = False
    assert access(app, identity)
    assert get(app, token)[1]["who"] == identity


def test_an_identity_that_ends_up_as_a_string_is_no_reason_to_warn() -> None:
    app = make_app()
    assert get(app, access(app, 7, additional_claims={"sub": "seven"}))[1]["who"] == "seven"
    app.config["JWT_IDENTITY_CLAIM"] = "id"
    assert get(app, access(app, 7))[1]["who"] == 7
    with pytest.warns(UserWarning, match="int"):
        access(make_app(), "seven", additional_claims={"sub": 7})


def test_tokens_of_others_get_what_ours_have() -> None:
    app = make_app()
    claims = get(app, jwt.encode({"sub": "ada"}, SECRET), "/claims")[1]
    assert claims == {"sub": "ada", "type": "access", "fresh": False, "jti": None}
    # A number that is too large for most: PyJWT reads it.
    token = jwt.encode({"sub": "ada", "iat": 10**40, "n": 10**40}, SECRET)
    assert get(app, token) == (422, {"msg": "The token is not yet valid (iat)"})
    token = jwt.encode({"sub": "ada", "exp": "9" * 12}, SECRET)
    assert get(app, token)[0] == 200


@pytest.mark.parametrize("kind", ["access", "other", "", None, 7, ["refresh"]])
def test_every_type_but_refresh_is_an_access_token(kind: Any) -> None:
    app: Flask = make_app()
    token = jwt.encode({"sub": "ada", "type": kind}, SECRET)
    assert get(app, token)[0] == 200
    assert get(app, token, "/refresh") == (422, {"msg": "Only refresh tokens are allowed"})
    assert get(app, refresh(app)) == (422, {"msg": "Only non-refresh tokens are allowed"})
