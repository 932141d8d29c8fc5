"""Options are read when a request is served: changed ones count, and each app has its own."""

from __future__ import annotations

from typing import Any

import jwt
import pytest

from apps import LONG_SECRET, SECRET, access, get, make_app, refresh
from flask_jwt_extended import JWTManager, decode_token, verify_jwt_in_request
from flask_jwt_extended.config import config

OTHER = "another-secret-of-thirty-two-bytes-or-more"


def test_a_changed_secret_counts_at_once() -> None:
    app = make_app()
    old = access(app)
    assert get(app, old)[0] == 200
    app.config["JWT_SECRET_KEY"] = OTHER
    assert get(app, old) == (422, {"msg": "Signature verification failed"})
    assert get(app, access(app))[0] == 200
    app.config["JWT_SECRET_KEY"] = SECRET
    assert get(app, old)[0] == 200


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("DECODE_ISSUER", "someone", 'Token is missing the "iss" claim'),
        ("DECODE_AUDIENCE", ["them"], 'Token is missing the "aud" claim'),
        ("DECODE_AUDIENCE", {"them"}, 'Token is missing the "aud" claim'),
        ("IDENTITY_CLAIM", "name", "Missing claim: name"),
        ("ALGORITHM", "HS512", "The specified alg value is not allowed"),
    ],
)
def test_rules_that_change_count_at_once(option: str, value: Any, message: str) -> None:
    app = make_app(SECRET_KEY=LONG_SECRET)
    token = access(app)
    assert get(app, token)[0] == 200
    app.config[f"JWT_{option}"] = value
    assert get(app, token) == (422, {"msg": message})


def test_a_list_that_is_changed_in_place_counts() -> None:
    app = make_app(SECRET_KEY=LONG_SECRET, DECODE_AUDIENCE=["us"], ENCODE_AUDIENCE="us")
    token = access(app)
    assert get(app, token)[0] == 200
    app.config["JWT_DECODE_AUDIENCE"][0] = "them"
    assert get(app, token)[1] == {"msg": "Audience doesn't match"}

    app = make_app(SECRET_KEY=LONG_SECRET, ALGORITHM="HS512", DECODE_ALGORITHMS=["HS512"])
    foreign = jwt.encode({"sub": "ada"}, LONG_SECRET, "HS256")
    assert get(app, foreign)[0] == 422
    app.config["JWT_DECODE_ALGORITHMS"].append("HS256")
    assert get(app, foreign)[0] == 200


def test_algorithms_are_not_written_into_the_apps_list() -> None:
    app = make_app(DECODE_ALGORITHMS=("HS512",))
    with app.test_request_context():
        assert config.decode_algorithms == ["HS512", "HS256"]
    app.config["JWT_DECODE_ALGORITHMS"] = "HS256"
    assert get(app, access(app))[0] == 200
    app.extensions["flask-jwt-extended"].decode_key_loader(lambda _header, _claims: SECRET)
    assert get(app, access(app))[0] == 200


def test_the_identity_is_in_the_claim_of_the_option() -> None:
    app = make_app(IDENTITY_CLAIM="name")
    assert get(app, access(app))[1]["who"] == "ada"
    assert "sub" not in get(app, access(app), "/claims")[1]


def test_one_manager_serves_several_apps() -> None:
    manager = JWTManager()
    one, other = make_app(manager), make_app(manager, SECRET_KEY=OTHER, ALGORITHM="HS384")
    other.config["JWT_SECRET_KEY"] = OTHER + OTHER
    for _ in range(3):
        for app, stranger in ((one, other), (other, one)):
            assert get(app, access(app))[0] == 200
            assert get(app, access(stranger))[0] == 422
    manager.unauthorized_loader(lambda reason: (reason, 418))
    assert get(one, None)[0] == get(other, None)[0] == 418


def test_flasks_secret_key_is_used_where_there_is_no_other() -> None:
    app = make_app(SECRET_KEY=None)
    app.secret_key = OTHER
    token = access(app)
    assert jwt.decode(token, OTHER, ["HS256"])["sub"] == "ada"
    assert get(app, token)[0] == 200


@pytest.mark.parametrize(
    ("algorithm", "option"),
    [("HS256", "JWT_SECRET_KEY or flask SECRET_KEY"), ("RS256", "JWT_P")],
)
def test_a_missing_key_is_named(algorithm: str, option: str) -> None:
    token = access(make_app())
    app = make_app(SECRET_KEY=None, ALGORITHM=algorithm)
    with app.test_request_context():
        for act in (lambda: access(app), lambda: decode_token(token)):
            with pytest.raises(RuntimeError, match=option):
                act()
        # A token that is none is told so, whatever the app lacks.
        with pytest.raises(jwt.DecodeError, match="Not enough segments"):
            decode_token("a")


def test_an_option_that_was_taken_away_is_missed() -> None:
    app = make_app()
    token = access(app)
    del app.config["JWT_DECODE_LEEWAY"]
    with app.test_request_context(), pytest.raises(KeyError, match="JWT_DECODE_LEEWAY"):
        decode_token(token)


@pytest.mark.parametrize("kind", [str, list, tuple, set, frozenset])
def test_locations_may_be_of_many_types(kind: Any) -> None:
    app = make_app(TOKEN_LOCATION="headers" if kind is str else kind(["headers"]))
    assert get(app, access(app)) == (200, {"who": "ada", "where": "headers"})
    if kind is not str:
        app.config["JWT_TOKEN_LOCATION"] = kind(["headers", "cookies"])
        message = get(app, None)[1]["msg"]
        assert message.startswith("Missing JWT in ")
        assert "Missing Authorization Header" in message


@pytest.mark.parametrize(("value", "problem"), [(7, "sequence"), ([], "one of"), (["x"], "'x'")])
def test_locations_that_are_none(value: Any, problem: str) -> None:
    app = make_app(TOKEN_LOCATION=value)
    with app.test_request_context(), pytest.raises(RuntimeError, match=problem):
        verify_jwt_in_request()


def test_locations_of_a_view() -> None:
    app = make_app()
    token = access(app)
    with app.test_request_context(f"/?jwt={token}"):
        assert verify_jwt_in_request(locations="query_string") is not None
        assert verify_jwt_in_request(locations=["headers", "query_string"]) is not None
        with pytest.raises(RuntimeError, match="'moon' is not a valid location"):
            verify_jwt_in_request(locations=["query_string", "moon"])
    with app.test_request_context(headers={"Authorization": f"Bearer {token}"}):
        assert verify_jwt_in_request(locations=[]) is not None
        with pytest.raises(RuntimeError, match="'' is not a valid location"):
            verify_jwt_in_request(locations="")


def test_names_of_places() -> None:
    app = make_app(
        TOKEN_LOCATION=["headers", "query_string", "json"],
        HEADER_NAME="X-Token",
        HEADER_TYPE="",
        QUERY_STRING_NAME="t",
        QUERY_STRING_VALUE_PREFIX="v1:",
        JSON_KEY="at",
        REFRESH_JSON_KEY="rt",
    )
    token, client = access(app), app.test_client()
    assert client.get("/who", headers={"X-Token": token}).json["where"] == "headers"
    assert client.get(f"/who?t=v1:{token}").json["where"] == "query_string"
    assert client.get(f"/who?t={token}").status_code == 422
    assert client.post("/who", json={"at": token}).json["where"] == "json"
    assert client.post("/refresh", json={"rt": refresh(app)}).json == {"who": "ada"}
    assert client.get("/who", headers={"X-Token": f"Bearer {token}"}).status_code == 422
    assert client.options("/who").status_code == 200
    app.config["JWT_HEADER_NAME"] = ""
    with app.test_request_context(), pytest.raises(RuntimeError, match="JWT_HEADER_NAME"):
        verify_jwt_in_request()
