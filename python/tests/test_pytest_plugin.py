"""The pytest plugin, as an application's test suite uses it."""

from __future__ import annotations

from http.cookies import SimpleCookie
from typing import Any

import pytest

# Imported before pytester runs, which forgets what was imported meanwhile: the engine cannot be
# imported twice, and knows the exceptions of the first time.
import flask_jwt_extended  # noqa: F401
from flask_jwt_extended_rs import doctor, pytest_plugin

pytest_plugins = ["pytester"]

APP = """
import pytest
from datetime import timedelta
from flask import Flask, jsonify
from flask_jwt_extended import (
    JWTManager, current_user, decode_token, get_jwt, get_jwt_identity, jwt_required
)

def create_app(**options):
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = "a-secret-of-at-least-32-random-bytes"
    app.config["JWT_TOKEN_LOCATION"] = ["headers", "cookies"]
    app.config.update(options)
    jwt = JWTManager(app)

    @jwt.user_lookup_loader
    def load(header, claims):
        return {"name": claims["sub"]} if claims["sub"] != "ghost" else None

    @jwt.additional_claims_loader
    def claims(identity):
        return {"made_by": "the application"}

    @app.route("/", methods=["GET", "POST"])
    @jwt_required()
    def index():
        return jsonify(identity=get_jwt_identity(), user=current_user["name"], **{
            name: get_jwt().get(name) for name in ("role", "made_by", "fresh")
        })

    @app.route("/fresh")
    @jwt_required(fresh=True)
    def fresh():
        return "fresh"

    @app.route("/refresh", methods=["POST"])
    @jwt_required(refresh=True)
    def refresh():
        return "refreshed"

    return app
"""

FIXTURES = """
@pytest.fixture
def app():
    return create_app()

@pytest.fixture
def client(app):
    return app.test_client()
"""


def passes(pytester: pytest.Pytester, *sources: str) -> None:
    # No other test of ours has this name.
    pytester.makepyfile(test_an_application="\n".join(sources))
    result = pytester.runpytest_inprocess()
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}, outcomes


def test_headers(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        APP,
        FIXTURES,
        """
def test_headers(client, jwt_headers):
    answer = client.get("/", headers=jwt_headers("ada", role="admin")).json
    assert answer == {
        "identity": "ada", "user": "ada", "role": "admin", "made_by": "the application", "fresh": False
    }

def test_the_users_own_loaders(client, jwt_headers):
    assert client.get("/", headers=jwt_headers("ghost")).status_code == 401

def test_fresh(client, jwt_headers):
    assert client.get("/fresh", headers=jwt_headers("ada", fresh=True)).status_code == 200
    assert client.get("/fresh", headers=jwt_headers("ada", fresh=timedelta(minutes=1))).status_code == 200
    assert client.get("/fresh", headers=jwt_headers("ada")).status_code == 401

def test_refresh(client, jwt_headers):
    assert client.post("/refresh", headers=jwt_headers("ada", refresh=True)).status_code == 200
    assert client.post("/refresh", headers=jwt_headers("ada")).status_code == 422

@pytest.mark.parametrize("leeway", [0, 300, timedelta(days=1)])
@pytest.mark.parametrize("path,refresh", [("/", False), ("/refresh", True)])
def test_expired(app, client, jwt_headers, leeway, path, refresh):
    app.config["JWT_DECODE_LEEWAY"] = leeway
    answer = client.post(path, headers=jwt_headers("ada", refresh=refresh, expired=True))
    assert answer.json == {"msg": "Token has expired"}

def test_names_of_ones_own(app, client, jwt_headers):
    app.config.update(JWT_HEADER_NAME="X-Token", JWT_HEADER_TYPE="")
    headers = jwt_headers("ada")
    assert list(headers) == ["X-Token"]
    assert client.get("/", headers=headers).status_code == 200
""",
    )


def test_tokens(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        APP,
        FIXTURES,
        """
def test_tokens(app, jwt_tokens):
    with app.app_context():
        access = decode_token(jwt_tokens.access("ada", fresh=True, role="admin"))
        refresh = decode_token(jwt_tokens.refresh("ada", role="admin"))
    assert (access["type"], access["sub"], access["fresh"], access["role"]) == ("access", "ada", True, "admin")
    assert (refresh["type"], refresh["sub"], refresh["role"]) == ("refresh", "ada", "admin")

def test_the_open_context_is_used(app, jwt_tokens):
    from flask import g
    seen = []
    app.extensions["flask-jwt-extended"].user_identity_loader(lambda user: seen.append(g.mark) or user)
    with app.app_context():
        g.mark = "mine"
        jwt_tokens.access("ada")
    assert seen == ["mine"]

def test_two_applications(app, client, jwt_headers):
    with create_app(JWT_SECRET_KEY="a-secret-of-another-application-altogether").app_context():
        headers = jwt_headers("ada")
    assert client.get("/", headers=headers).status_code == 200
""",
    )


def test_managers(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        APP,
        FIXTURES,
        """
@pytest.fixture(autouse=True)
def partner(app):
    app.config["JWT_MANAGERS"] = {"partner": {
        "JWT_SECRET_KEY": "another-secret-of-at-least-32-bytes",
        "JWT_TOKEN_LOCATION": ["headers", "cookies"],
        "JWT_HEADER_NAME": "X-Partner",
    }}
    JWTManager(app, name="partner")
    app.add_url_rule("/partner", view_func=jwt_required(manager="partner")(get_jwt), methods=["POST"])

def test_headers(client, jwt_headers):
    headers = jwt_headers("acme", manager="partner")
    assert list(headers) == ["X-Partner"]
    assert client.post("/partner", headers=headers).json["mgr"] == "partner"

def test_cookies(client, jwt_cookies):
    headers = jwt_cookies(client, "acme", manager="partner", role="buyer")
    assert client.post("/partner", headers=headers).json["role"] == "buyer"
    assert client.post("/", headers=headers).status_code == 401
""",
    )


def test_cookies(pytester: pytest.Pytester) -> None:
    passes(
        pytester,
        APP,
        FIXTURES,
        """
def test_cookies(client, jwt_cookies):
    headers = jwt_cookies(client, "ada", role="admin")
    assert client.get("/").json["role"] == "admin"
    assert client.post("/").json == {"msg": "Missing CSRF token"}
    assert client.post("/", headers=headers).status_code == 200

def test_the_csrf_cookie(client, jwt_cookies):
    headers = jwt_cookies(client, "ada")
    assert client.get_cookie("csrf_access_token").value == headers["X-CSRF-TOKEN"]

def test_without_csrf_cookies(app, client, jwt_cookies):
    app.config["JWT_CSRF_IN_COOKIES"] = False
    headers = jwt_cookies(client, "ada")
    assert client.get_cookie("csrf_access_token") is None
    assert client.post("/", headers=headers).status_code == 200

def test_without_csrf(app, client, jwt_cookies):
    app.config["JWT_COOKIE_CSRF_PROTECT"] = False
    assert jwt_cookies(client, "ada") == {}
    assert client.post("/").status_code == 200

def test_refresh(app, client, jwt_cookies):
    app.config.update(JWT_REFRESH_COOKIE_PATH="/refresh", JWT_REFRESH_CSRF_HEADER_NAME="X-Refresh")
    headers = jwt_cookies(client, "ada", refresh=True)
    assert list(headers) == ["X-Refresh"]
    assert client.post("/refresh", headers=headers).status_code == 200
    assert client.post("/", headers=headers).status_code == 401

def test_locations_without_cookies(app, client, jwt_cookies):
    app.config["JWT_TOKEN_LOCATION"] = ["headers"]
    with pytest.warns(UserWarning, match="JWT_TOKEN_LOCATION"):
        jwt_cookies(client, "ada")
    assert client.post("/").status_code == 401

def test_expired(client, jwt_cookies):
    headers = jwt_cookies(client, "ada", expired=True)
    assert client.post("/", headers=headers).json == {"msg": "Token has expired"}

def test_fresh(client, jwt_cookies):
    jwt_cookies(client, "ada", fresh=True)
    assert client.get("/fresh").status_code == 200

@pytest.mark.parametrize("options", [
    {"SERVER_NAME": "shop.example:8080"},
    {"SERVER_NAME": "shop.example", "JWT_COOKIE_DOMAIN": ".example"},
])
def test_domains(options, jwt_cookies, app):
    app.config.update(options)
    client = app.test_client()
    jwt_cookies(client, "ada")
    assert client.get("/").status_code == 200
""",
    )


def test_without_an_app_fixture(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_an_application="def test_it(jwt_headers): pass")
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*need a fixture named `app`*, and there is none. Write one in conftest.py:"]
    )


def test_an_app_fixture_that_is_something_else(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_an_application="""
import pytest

@pytest.fixture
def app():
    return "no application"

def test_it(jwt_headers): pass
"""
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*need a fixture named `app`*, and it returns str. Write one*"])


def test_an_app_fixture_that_lacks_something(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_an_application="""
import pytest

@pytest.fixture
def app(database):
    return None

def test_it(jwt_headers): pass
"""
    )
    result = pytester.runpytest_inprocess()
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*fixture 'database' not found*"])


def test_the_header_tells_of_overwritten_files(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pytest_plugin.pytest_report_header() == []
    finding = doctor.Finding("Upstream was here.", "mend it")
    monkeypatch.setattr(doctor, "altered_files", lambda: [finding])
    (line,) = pytest_plugin.pytest_report_header()
    assert line.endswith("Upstream was here. Run `python -m flask_jwt_extended_rs doctor`.")


def test_clients_of_werkzeug_before_2_3() -> None:
    class Client:
        def __init__(self) -> None:
            self.sent = SimpleCookie()

        def set_cookie(self, server_name: str, key: str, value: str = "", path: str = "/") -> None:
            self.sent[key] = value
            self.sent[key].update({"domain": server_name, "path": path})

    client: Any = Client()
    pytest_plugin._set_cookie(client, "token", "text", "localhost", "/api")
    assert client.sent.output(header="") == " token=text; Domain=localhost; Path=/api"
