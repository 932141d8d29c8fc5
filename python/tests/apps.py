"""A small app with a view of each kind, as users write them, for the tests beside this file."""

from __future__ import annotations

from typing import Any

from flask import Flask, jsonify

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt,
    get_jwt_identity,
    get_jwt_request_location,
    jwt_required,
)

SECRET = "a-secret-of-more-than-thirty-two-bytes"
# For HS512, whose hash is longer.
LONG_SECRET = SECRET * 2


def make_app(manager: JWTManager | None = None, **options: Any) -> Flask:
    """The app. Options are given without the `JWT_` before their names."""
    app = Flask("app")
    app.config["JWT_SECRET_KEY"] = SECRET
    app.config.update({f"JWT_{name}": value for name, value in options.items()})
    (manager or JWTManager()).init_app(app)

    @app.route("/who", methods=["GET", "POST"])
    @jwt_required()
    def who() -> Any:
        return jsonify(who=get_jwt_identity(), where=get_jwt_request_location())

    @app.route("/claims")
    @jwt_required()
    def claims() -> Any:
        return jsonify(get_jwt())

    @app.route("/maybe", methods=["GET", "POST"])
    @jwt_required(optional=True)
    def maybe() -> Any:
        return jsonify(who=get_jwt_identity(), where=get_jwt_request_location())

    @app.route("/fresh", methods=["GET", "POST"])
    @jwt_required(fresh=True)
    def fresh() -> Any:
        return jsonify(who=get_jwt_identity())

    @app.route("/refresh", methods=["GET", "POST"])
    @jwt_required(refresh=True)
    def refresh() -> Any:
        return jsonify(who=get_jwt_identity())

    return app


def access(app: Flask, identity: Any = "ada", **arguments: Any) -> str:
    """An access token of the app."""
    with app.test_request_context():
        return create_access_token(identity, **arguments)


def refresh(app: Flask, identity: Any = "ada", **arguments: Any) -> str:
    """A refresh token of the app."""
    with app.test_request_context():
        return create_refresh_token(identity, **arguments)


def get(app: Flask, token: str | None, path: str = "/who") -> tuple[int, Any]:
    """Status and JSON of a GET, with the token in the usual header."""
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    response = app.test_client().get(path, headers=headers)
    return response.status_code, response.get_json()
