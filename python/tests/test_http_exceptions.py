"""JWT_HTTP_EXCEPTIONS: refusals that flask-restful and flask-restx hand on, without
PROPAGATE_EXCEPTIONS. The packages are the real ones."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Blueprint, Flask, Response, jsonify
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    jwt_required,
    revoke_token,
    verify_jwt_in_request,
)
from flask_jwt_extended.exceptions import NoAuthorizationError, StoreUnavailable
from flask_jwt_extended_rs.stores import MemoryStore

with warnings.catch_warnings():
    # What they import is deprecated, which is not for us to mend.
    warnings.simplefilter("ignore")
    import flask_restful
    import flask_restx

SECRET = "a-secret-of-at-least-32-random-bytes"


def protect(app: Flask, resource: type, add: Callable[..., Any]) -> None:
    """A resource that is protected in each of the usual ways."""

    class Decorated(resource):  # type: ignore[misc]
        @jwt_required()
        def get(self) -> dict[str, bool]:
            return {"in": True}

    class Inside(resource):  # type: ignore[misc]
        def get(self) -> dict[str, bool]:
            verify_jwt_in_request()
            return {"in": True}

    class AllMethods(resource):  # type: ignore[misc]
        method_decorators = [jwt_required()]  # noqa: RUF012, as their documentation has it

        def get(self) -> dict[str, bool]:
            return {"in": True}

    for one in (Decorated, Inside, AllMethods):
        add(one, f"/{one.__name__}")


def with_restful(app: Flask) -> None:
    api = flask_restful.Api(app)
    protect(app, flask_restful.Resource, api.add_resource)


def with_restful_on_a_blueprint(app: Flask) -> None:
    blueprint = Blueprint("api", __name__)
    protect(app, flask_restful.Resource, flask_restful.Api(blueprint).add_resource)
    app.register_blueprint(blueprint)


def with_restx(app: Flask) -> None:
    api = flask_restx.Api(app)
    protect(app, flask_restx.Resource, api.add_resource)


def with_restx_and_handlers_of_its_own(app: Flask) -> None:
    api = flask_restx.Api(app)
    # A line that many apps have.
    app.extensions["flask-jwt-extended"]._set_error_handler_callbacks(api)
    protect(app, flask_restx.Resource, api.add_resource)


def without_either(app: Flask) -> None:
    def view() -> dict[str, bool]:
        return {"in": True}

    app.add_url_rule("/Decorated", "decorated", jwt_required()(view))
    app.add_url_rule("/Inside", "inside", lambda: (verify_jwt_in_request(), view())[1])
    app.add_url_rule("/AllMethods", "all", jwt_required()(view))


KINDS = [
    with_restful,
    with_restful_on_a_blueprint,
    with_restx,
    with_restx_and_handlers_of_its_own,
    without_either,
]


@pytest.fixture(params=KINDS, ids=lambda kind: kind.__name__)
def app(request: pytest.FixtureRequest) -> Flask:
    app = Flask(__name__)
    app.config.update(JWT_SECRET_KEY=SECRET, JWT_HTTP_EXCEPTIONS=True)
    JWTManager(app)
    request.param(app)
    return app


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.mark.parametrize("path", ["/Decorated", "/Inside", "/AllMethods"])
@pytest.mark.parametrize("debug", [False, True])
def test_refusals_arrive(app: Flask, path: str, debug: bool) -> None:
    app.debug = debug
    client = app.test_client()
    with app.app_context():
        good = create_access_token("ada")
        expired = create_access_token("ada", expires_delta=timedelta(seconds=-1))

    answer = client.get(path)
    assert (answer.status_code, answer.json) == (401, {"msg": "Missing Authorization Header"})
    answer = client.get(path, headers=bearer(expired))
    assert (answer.status_code, answer.json) == (401, {"msg": "Token has expired"})
    answer = client.get(path, headers=bearer(f"{good}x"))
    assert answer.status_code == 422
    assert client.get(path, headers=bearer(good)).json == {"in": True}


def test_native_answers_keep_their_challenge(app: Flask, client: FlaskClient) -> None:
    app.config["JWT_ERROR_STYLE"] = "native"
    answer = client.get("/Decorated", headers=bearer("no token"))
    assert (answer.status_code, (answer.json or {})["error"]) == (400, "request_malformed")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer error="invalid_request"')
    assert answer.headers.getlist("Content-Type") == ["application/json"]


def test_callbacks_of_the_app_answer(app: Flask, client: FlaskClient) -> None:
    calls = []

    @app.extensions["flask-jwt-extended"].unauthorized_loader
    def own(reason: str) -> tuple[Response, int]:
        calls.append(reason)
        return jsonify(mine=reason), 409

    answer = client.get("/Decorated")
    assert (answer.status_code, answer.json) == (409, {"mine": "Missing Authorization Header"})
    assert len(calls) == 1


def test_handlers_of_the_app_answer() -> None:
    app = Flask("another")
    app.config.update(JWT_SECRET_KEY=SECRET, JWT_HTTP_EXCEPTIONS=True)
    JWTManager(app)
    with_restful(app)

    @app.errorhandler(NoAuthorizationError)
    def handled(error: NoAuthorizationError) -> tuple[str, int]:
        return f"handled: {error}", 410

    answer = app.test_client().get("/Decorated")
    assert (answer.status_code, answer.text) == (410, "handled: Missing Authorization Header")


def test_handlers_for_http_exceptions_come_second() -> None:
    app = Flask("another")
    app.config.update(JWT_SECRET_KEY=SECRET, JWT_HTTP_EXCEPTIONS=True)
    JWTManager(app)
    without_either(app)
    app.register_error_handler(HTTPException, lambda error: ("for all", 490))
    app.register_error_handler(401, lambda error: ("for 401", 491))
    assert app.test_client().get("/Decorated").json == {"msg": "Missing Authorization Header"}


def test_they_are_still_what_they_were(app: Flask) -> None:
    with app.test_request_context():
        with pytest.raises(NoAuthorizationError) as caught:
            verify_jwt_in_request()
        assert isinstance(caught.value, HTTPException)
        assert type(caught.value).__name__ == "NoAuthorizationError"
        assert str(caught.value) == "Missing Authorization Header"
        assert verify_jwt_in_request(optional=True) is None


def test_an_error_without_a_handler_stays_as_it_is(app: Flask) -> None:
    app.error_handler_spec.clear()
    with app.test_request_context():
        with pytest.raises(NoAuthorizationError) as caught:
            verify_jwt_in_request()
        assert not isinstance(caught.value, HTTPException)


@pytest.mark.parametrize("kind", KINDS)
def test_answers_that_are_no_json(kind: Callable[[Flask], None]) -> None:
    app = Flask(__name__)
    app.config.update(JWT_SECRET_KEY=SECRET, JWT_HTTP_EXCEPTIONS=True)
    JWTManager(app).unauthorized_loader(lambda reason: ("<p>Log in first</p>", 401))
    kind(app)
    answer = app.test_client().get("/Decorated")
    assert answer.status_code == 401
    if kind in (with_restx, with_restx_and_handlers_of_its_own):
        # It sends nothing but JSON.
        assert answer.json == {"message": "Missing Authorization Header"}
    else:
        assert answer.text == "<p>Log in first</p>"


def test_managers_with_names(app: Flask, client: FlaskClient) -> None:
    app.config["JWT_MANAGERS"] = {
        "partner": {
            "JWT_SECRET_KEY": SECRET,
            "JWT_ERROR_MESSAGE_KEY": "why",
            "JWT_HTTP_EXCEPTIONS": True,
        }
    }
    JWTManager(app, name="partner")
    with app.test_request_context():
        with pytest.raises(NoAuthorizationError) as caught:
            verify_jwt_in_request(manager="partner")
        assert isinstance(caught.value, HTTPException)
        assert caught.value.get_response().json == {"why": "Missing Authorization Header"}


def test_the_callbacks_of_the_manager_with_that_name_answer(app: Flask) -> None:
    app.config["JWT_MANAGERS"] = {
        "partner": {"JWT_SECRET_KEY": SECRET, "JWT_HTTP_EXCEPTIONS": True},
    }
    JWTManager(app, name="partner").unauthorized_loader(lambda reason: ("partner", 418))
    with app.test_request_context():
        with pytest.raises(NoAuthorizationError) as caught:
            verify_jwt_in_request(manager="partner")
        assert caught.value.response.status_code == 418  # type: ignore[attr-defined]


@pytest.mark.parametrize("kind", [with_restful, with_restx])
def test_without_the_option_they_are_lost(
    kind: Callable[[Flask], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL)
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = SECRET
    JWTManager(app)
    kind(app)
    assert app.test_client().get("/Decorated").status_code == 500


class Down(MemoryStore):
    def status(self, token: Any) -> Any:
        raise StoreUnavailable("the cable with the password hunter2 is cut")

    def revoke(self, revocation: Any) -> None:
        self.status(revocation)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("option", [False, True])
@pytest.mark.parametrize("is_json", [False, True])
def test_a_store_that_is_down_needs_no_option(
    kind: Callable[[Flask], None], option: bool, is_json: bool, caplog: pytest.LogCaptureFixture
) -> None:
    app = Flask(__name__)
    app.config.update(JWT_SECRET_KEY=SECRET, JWT_HTTP_EXCEPTIONS=option)
    manager = JWTManager(app, store=Down())
    if not is_json:
        manager.store_unavailable_loader(lambda reason: ("<p>Later</p>", 503, {"Retry-After": "1"}))
    kind(app)
    with app.app_context():
        token = create_access_token("ada")
    client = app.test_client()
    for path in ("/Decorated", "/Inside", "/AllMethods"):
        answer = client.get(path, headers=bearer(token))
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
        assert "hunter2" not in answer.text
        if is_json:
            assert "The token cannot be checked at the moment" in answer.text


@pytest.mark.parametrize(
    ("framework", "prefix"), [(flask_restful, "restful"), (flask_restx, "restx")]
)
def test_a_store_that_is_down_in_a_view(framework: Any, prefix: str) -> None:
    app = Flask(prefix)
    app.config["JWT_SECRET_KEY"] = SECRET
    JWTManager(app, store=Down())

    class Logout(framework.Resource):  # type: ignore[misc]
        @jwt_required(skip_revocation_check=True)
        def post(self) -> dict[str, bool]:
            revoke_token()
            return {"out": True}

    framework.Api(app).add_resource(Logout, "/logout")
    with app.app_context():
        token = create_access_token("ada")
    answer = app.test_client().post("/logout", headers=bearer(token))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "1")
    assert answer.json == {"message": "The token cannot be checked at the moment"}


@pytest.mark.parametrize("native", [False, True])
def test_handlers_that_were_set_in_flask_restx_need_no_option(native: bool) -> None:
    app = Flask(__name__)
    app.config.update(JWT_SECRET_KEY=SECRET, JWT_ERROR_STYLE="native" if native else "flask")
    JWTManager(app)
    with_restx_and_handlers_of_its_own(app)
    answer = app.test_client().get("/Decorated")
    assert answer.status_code == 401
    sentence = "Missing Authorization Header"
    # flask-restx adds a name of its own, unless ERROR_INCLUDE_MESSAGE is turned off.
    expected = {"msg": sentence, "message": sentence}
    assert answer.json == (expected | {"error": "token_missing"} if native else expected)
    assert ("WWW-Authenticate" in answer.headers) is native
    assert answer.headers.getlist("Content-Type") == ["application/json"]
