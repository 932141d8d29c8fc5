"""Implicit refresh: a session in a cookie that lives as long as it is used, and no refresh tokens.

In another terminal:

    curl -s -X POST localhost:5000/login -c cookies.txt  # login successful
    curl -s localhost:5000/protected -b cookies.txt  # {"logged_in_as":"example_user"}
    curl -s -X POST localhost:5000/logout -c cookies.txt  # logout successful
    curl -s localhost:5000/protected -b cookies.txt  # Missing cookie
"""

import os
from datetime import datetime, timedelta, timezone

from flask import Flask, Response, jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    get_jwt,
    get_jwt_identity,
    jwt_required,
    set_access_cookies,
    unset_jwt_cookies,
)

HOUR = timedelta(hours=1)


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]  # openssl rand -base64 48
    app.config["JWT_TOKEN_LOCATION"] = ["cookies"]
    app.config["JWT_COOKIE_SECURE"] = True
    app.config["JWT_COOKIE_SAMESITE"] = "Lax"
    # Whoever is away for an hour is logged out.
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = HOUR
    JWTManager(app)

    # An answer brings a new cookie where the old one has less than half an hour left.
    @app.after_request
    def renew(response: Response) -> Response:
        ends = get_jwt().get("exp") if _is_logged_in() else None
        soon = datetime.now(timezone.utc) + HOUR / 2
        if ends is not None and ends < soon.timestamp() and not _sets_cookie(response):
            set_access_cookies(response, create_access_token(get_jwt_identity()))
        return response

    # A real application checks a password here.
    @app.post("/login")
    def login() -> ResponseReturnValue:
        response = jsonify(msg="login successful")
        set_access_cookies(response, create_access_token("example_user", fresh=True))
        return response

    # The token itself stays good until it expires; with a store, `revoke_token()` ends it.
    @app.post("/logout")
    def logout() -> ResponseReturnValue:
        response = jsonify(msg="logout successful")
        unset_jwt_cookies(response)
        return response

    @app.get("/protected")
    @jwt_required()
    def protected() -> ResponseReturnValue:
        return jsonify(logged_in_as=get_jwt_identity())

    return app


def _is_logged_in() -> bool:
    try:
        return bool(get_jwt())
    except RuntimeError:  # the view asked for no token
        return False


def _sets_cookie(response: Response) -> bool:
    return "Set-Cookie" in response.headers
