"""Requests as clients send them, above all the odd ones: what is absent, malformed, or refused."""

from __future__ import annotations

import logging
import warnings
from base64 import urlsafe_b64encode
from itertools import product
from typing import Any
from unittest.mock import patch

import jwt
import pytest

from apps import SECRET, access, get, make_app, refresh
from flask_jwt_extended import decode_token, verify_jwt_in_request, view_decorators
from flask_jwt_extended.exceptions import CSRFError, JWTDecodeError, JWTExtendedException
from flask_jwt_extended_rs import notices


def header(app: Any, value: str, path: str = "/who") -> tuple[int, Any]:
    response = app.test_client().get(path, headers={"Authorization": value})
    return response.status_code, response.get_json()["msg"] if response.status_code != 200 else None


def bad_header(status: int) -> tuple[int, str]:
    if status == 401:
        return (
            401,
            "Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'",
        )
    return 422, "Bad Authorization header. Expected 'Authorization: Bearer <JWT>'"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("", (401, "Missing Authorization Header")),
        (" , ", (401, "Missing Authorization Header")),
        (", ,", bad_header(401)),
        (", , ,", bad_header(401)),
        ("Basic x", bad_header(401)),
        ("bearer x.y.z", bad_header(401)),
        ("Bearer", bad_header(422)),
        ("Bearer x y", bad_header(422)),
        ("Basic x, Bearer", bad_header(422)),
        ("Bearer a.b.c, Bearer a.b.c", bad_header(401)),
        ("Bearer x", (422, "Not enough segments")),
    ],
)
def test_headers(value: str, expected: tuple[int, str]) -> None:
    app = make_app()
    assert header(app, value) == expected
    assert header(app, "Bearer \xe9.b.c")[0] == 422


def outcome(app: Any, value: str) -> Any:
    with app.test_request_context(headers={"Authorization": value}):
        try:
            return view_decorators._decode_jwt_from_request(None, False)
        except (JWTExtendedException, jwt.InvalidTokenError) as error:
            return type(error), str(error)


@pytest.mark.parametrize("kind", ["Bearer", "Be arer", "Be,arer", "B\xe9arer", ",", ""])
def test_the_usual_header_is_read_as_all_others_are(kind: str) -> None:
    app = make_app(HEADER_TYPE=kind)
    token = access(app)
    space = ["", " ", "  ", "\t", "\x0b", "\x1c", "\x85", "\xa0", ",", " ,", ", "]
    words = [kind, "Basic", token, "a.\xe9.c", '"']
    values = [
        first + between + second + after
        for first, between, second, after in product(words, space, ["", *words], ["", *space])
    ]
    found = [outcome(app, value) for value in values]
    is_good = found[values.index(f"{kind} {token}".strip())][-1] == "headers"
    assert is_good is (kind in ("Bearer", "B\xe9arer", ""))
    with patch("flask_jwt_extended_rs.places.usual_token", return_value=None):
        assert found == [outcome(app, value) for value in values]


def test_a_kind_of_header_that_is_no_text_fits_none() -> None:
    app = make_app(HEADER_TYPE=5)
    token = access(app)
    for value in (token, f"5 {token}", f"Bearer {token}"):
        assert header(app, value)[0] == 401
    with app.app_context():
        assert decode_token(token)["sub"] == "ada"


def test_places_in_another_order() -> None:
    app = make_app(TOKEN_LOCATION=["headers", "cookies"], COOKIE_CSRF_PROTECT=False)
    ada, bob = access(app), access(app, "bob")
    context = {
        "headers": {"Authorization": f"Bearer {ada}", "Cookie": f"access_token_cookie={bob}"}
    }

    def who() -> Any:
        with app.test_request_context(**context):
            return (verify_jwt_in_request() or ({}, {}))[1]["sub"]

    assert who() == "ada"
    app.config["JWT_TOKEN_LOCATION"].reverse()
    assert who() == "bob"
    app.config["JWT_TOKEN_LOCATION"] = {"headers"}
    assert who() == "ada"
    app.config["JWT_TOKEN_LOCATION"] = "cookies"
    assert who() == "bob"
    app.config["JWT_TOKEN_LOCATION"] = ["headers", "pocket"]
    with pytest.raises(RuntimeError, match="can only contain"):
        who()


@pytest.mark.parametrize(
    "form", ["Bearer {}", " Bearer   {} ", "Basic x, Bearer {}", ",Bearer {},"]
)
def test_headers_that_have_a_token(form: str) -> None:
    app = make_app()
    assert header(app, form.format(access(app)))[0] == 200


@pytest.mark.parametrize("name", ["X-Token", "x-token", "Content-Type"])
def test_names_of_headers(name: str) -> None:
    app = make_app(HEADER_NAME=name, HEADER_TYPE="")
    with app.test_request_context(headers={name: access(app)}):
        verified = verify_jwt_in_request()
    assert verified is not None
    assert verified[1]["sub"] == "ada"


def test_options_that_change_within_a_request_before_it_is_verified() -> None:
    app = make_app()
    first, other = access(app), "another-secret-of-more-than-thirty-two-bytes"

    @app.before_request
    def change() -> None:
        verify_jwt_in_request()
        app.config.update(JWT_SECRET_KEY=other, JWT_HEADER_NAME="X-Token", JWT_HEADER_TYPE="")

    second = jwt.encode({"sub": "bob"}, other)
    headers = {"Authorization": f"Bearer {first}", "X-Token": second}
    answer = app.test_client().get("/who", headers=headers)
    assert answer.get_json()["who"] == "bob"


def test_optional_forgives_only_that_there_is_none() -> None:
    app = make_app()
    client = app.test_client()
    assert client.get("/maybe").json == {"who": None, "where": None}
    assert header(app, "Basic x", "/maybe")[0] == 200
    assert header(app, "Bearer", "/maybe") == bad_header(422)
    assert header(app, "Bearer a.b.c", "/maybe")[0] == 422
    assert get(app, access(app), "/maybe")[1]["who"] == "ada"


def test_a_bad_token_ends_the_search() -> None:
    app = make_app(TOKEN_LOCATION=["headers", "query_string"])
    good, client = access(app), app.test_client()
    assert client.get(f"/who?jwt={good}").status_code == 200
    bad = {"Authorization": "Bearer a.b.c"}
    assert client.get(f"/who?jwt={good}", headers=bad).status_code == 422
    assert client.get("/who").json["msg"] == (
        "Missing JWT in headers or query_string "
        "(Missing Authorization Header; Missing 'jwt' query paramater)"
    )
    app.config["JWT_TOKEN_LOCATION"] = ["query_string", "headers", "json"]
    assert (
        client.get("/who").json["msg"].startswith("Missing JWT in query_string, headers or json (")
    )


@pytest.mark.parametrize(
    "body", ['["access_token"]', '"access_token"', "7", "[]", "null", "{", "[" * 200_000]
)
def test_json_bodies_that_are_no_objects(body: str) -> None:
    app = make_app(TOKEN_LOCATION="json")
    client = app.test_client()
    for path, key in (("/who", "access_token"), ("/refresh", "refresh_token")):
        response = client.post(path, data=body, content_type="application/json")
        assert (response.status_code, response.json) == (
            401,
            {"msg": f'Missing "{key}" key in json data.'},
        )
    assert client.post("/maybe", data=body, content_type="application/json").status_code == 200


@pytest.mark.parametrize("token", [7, True, ["a.b.c"], {"a": 1}, "\ud800.b.c", "a.\ud800.c"])
def test_tokens_in_json_that_are_none(token: Any) -> None:
    app = make_app(TOKEN_LOCATION="json")
    response = app.test_client().post("/who", json={"access_token": token})
    assert response.status_code == 422
    assert response.json["msg"].startswith("Invalid ")


def test_json_bodies() -> None:
    app = make_app(TOKEN_LOCATION=["json"])
    client = app.test_client()
    assert client.post("/who", json={"access_token": access(app)}).json["where"] == "json"
    assert client.post("/refresh", json={"refresh_token": refresh(app)}).status_code == 200
    assert client.post("/who", data="{}").json == {
        "msg": "Invalid content-type. Must be application/json."
    }


@pytest.mark.parametrize(
    "value", ["yes", "9999999999", None, [], [9_999_999_999], {}, False, 1, 0.5]
)
def test_what_is_not_fresh(value: Any) -> None:
    app = make_app()
    token = jwt.encode({"sub": "ada", "fresh": value}, SECRET)
    assert get(app, token, "/fresh") == (401, {"msg": "Fresh token required"})


@pytest.mark.parametrize("value", [True, 9_999_999_999, 9_999_999_999.5])
def test_what_is_fresh(value: Any) -> None:
    app = make_app()
    assert get(app, jwt.encode({"sub": "ada", "fresh": value}, SECRET), "/fresh")[0] == 200


def cookies(app: Any, token: str) -> Any:
    # By a header, as the methods of clients differ between versions.
    client = app.test_client(use_cookies=False)
    client.environ_base["HTTP_COOKIE"] = (
        f"access_token_cookie={token}; refresh_token_cookie={token}"
    )
    return client


def test_a_missing_double_submit_value_is_explained_to_developers(
    caplog: pytest.LogCaptureFixture,
) -> None:
    app = make_app(TOKEN_LOCATION="cookies", ACCESS_CSRF_HEADER_NAME="X-Mine")
    client = cookies(app, access(app))
    with caplog.at_level(logging.WARNING, "flask_jwt_extended"):
        response = client.post("/who")
    assert (response.status_code, response.json) == (401, {"msg": "Missing CSRF token"})
    (record,) = caplog.records
    for said in (
        "POST /who",
        "cookie with the token alone is never enough",
        "header X-Mine",
        "JWT_ACCESS_CSRF_COOKIE_NAME",
    ):
        assert said in record.getMessage()
    forged = app.test_request_context(
        "/%0AForged: line", method="POST", headers={"Cookie": "access_token_cookie=x"}
    )
    with caplog.at_level(logging.WARNING, "flask_jwt_extended"), forged, pytest.raises(CSRFError):
        verify_jwt_in_request()
    assert "\n" not in caplog.records[-1].getMessage()
    assert client.get("/who").status_code == 200
    app.config["JWT_COOKIE_CSRF_PROTECT"] = False
    assert client.post("/who").status_code == 200


@pytest.mark.parametrize(
    "value", ["other", "\xe9\xff", "\u20ac".encode().decode("latin-1"), "a" * 5000]
)
def test_double_submit_values_that_differ(value: str) -> None:
    app = make_app(TOKEN_LOCATION="cookies")
    response = cookies(app, access(app)).post("/who", headers={"X-CSRF-TOKEN": value})
    assert (response.status_code, response.json) == (
        401,
        {"msg": "CSRF double submit tokens do not match"},
    )


@pytest.mark.parametrize("claim", [7, None, ["x"], {"x": 1}, True, "", "\u00e9"])
def test_double_submit_claims_that_are_no_text(claim: Any) -> None:
    app = make_app(TOKEN_LOCATION="cookies")
    token = jwt.encode({"sub": "ada", "csrf": claim}, SECRET)
    response = cookies(app, token).post("/who", headers={"X-CSRF-TOKEN": "x"})
    assert (response.status_code, response.json["msg"]) == (
        401,
        "CSRF double submit tokens do not match",
    )


@pytest.mark.parametrize("by_pyjwt", [False, True])
def test_double_submit_values_given_to_decode_token(
    by_pyjwt: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app()
    if by_pyjwt:
        original = jwt.decode
        monkeypatch.setattr("jwt.decode", lambda *args, **kwargs: original(*args, **kwargs))
    with app.test_request_context():
        good = jwt.encode({"sub": "ada", "csrf": "e"}, SECRET)
        assert decode_token(good, csrf_value="e")["type"] == "access"
        assert decode_token(good, csrf_value="")["fresh"] is False
        for value in ("f", "\u00e9", "\ud800"):
            with pytest.raises(CSRFError, match="do not match"):
                decode_token(good, csrf_value=value)
        with pytest.raises(CSRFError, match="do not match"):
            decode_token(jwt.encode({"sub": "ada", "csrf": 7}, SECRET), csrf_value="7")
        with pytest.raises(JWTDecodeError, match=r"^Missing claim: csrf$"):
            decode_token(jwt.encode({"sub": "ada"}, SECRET), csrf_value="x")
        with pytest.raises(JWTDecodeError, match=r"^Missing claim: sub$"):
            decode_token(jwt.encode({"jti": "x"}, SECRET))
        expired = jwt.encode({"sub": "ada", "csrf": "x", "exp": 1}, SECRET)
        with pytest.raises(CSRFError):
            decode_token(expired, csrf_value="y")
        with pytest.raises(jwt.ExpiredSignatureError):
            decode_token(expired, csrf_value="x")


def test_double_submit_values_in_forms() -> None:
    app = make_app(TOKEN_LOCATION="cookies", CSRF_CHECK_FORM=True, REFRESH_CSRF_FIELD_NAME="mine")
    with app.test_request_context():
        token = access(app)
        value = decode_token(token)["csrf"]
        second = refresh(app)
        other = decode_token(second)["csrf"]
    assert cookies(app, token).post("/who", data={"csrf_token": value}).status_code == 200
    assert cookies(app, second).post("/refresh", data={"mine": other}).status_code == 200
    assert cookies(app, token).post("/who", data={"mine": value}).status_code == 401


def test_a_short_secret_warns_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(notices, "_short_secret_seen", False)
    app = make_app(SECRET_KEY="short and new")
    with pytest.warns(jwt.InsecureKeyLengthWarning, match="13 bytes.*32.*token_hex") as seen:
        token = access(app)
    assert len(seen) == 1
    assert seen[0].filename.endswith("apps.py")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert get(app, token)[0] == 200
        app.config["JWT_SECRET_KEY"] = "another short"
        assert get(app, access(app))[0] == 200


def test_a_short_secret_warns_where_tokens_are_only_verified(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(notices, "_short_secret_seen", False)
    app = make_app(SECRET_KEY=b"a short one in bytes")
    with pytest.warns(jwt.InsecureKeyLengthWarning, match="20 bytes"):
        assert get(app, "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhZGEifQ.AAAA")[0] == 422


def test_a_token_that_is_nested_too_deep() -> None:
    """Older releases of PyJWT leave it to whoever calls."""
    app = make_app()
    deep = urlsafe_b64encode(b'{"a":' + b"[" * 5000 + b"]" * 5000 + b"}").decode().rstrip("=")
    plain = access(app).split(".")
    for token in (f"{plain[0]}.{deep}.AAAA", f"{deep}.{plain[1]}.AAAA"):
        assert get(app, token)[0] == 422
        with patch("jwt.api_jwt.decode_complete", side_effect=RecursionError):
            assert get(app, token) == (422, {"msg": "Invalid token: it is nested too deep"})
