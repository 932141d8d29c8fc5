"""What needs a recent login. Tokens are fresh when they come from a password, and no longer when they
come from a refresh token.

In another terminal:

    PAIR=$(curl -s -X POST localhost:5000/login)
    ACCESS=$(echo "$PAIR" | cut -d'"' -f4)
    REFRESH=$(echo "$PAIR" | cut -d'"' -f8)
    curl -s -X POST localhost:5000/password -H "Authorization: Bearer $ACCESS"  # "Password changed"
    ACCESS=$(curl -s -X POST localhost:5000/refresh -H "Authorization: Bearer $REFRESH" | cut -d'"' -f4)
    curl -s localhost:5000/protected -H "Authorization: Bearer $ACCESS"  # {"logged_in_as":"example_user"}
    curl -s -X POST localhost:5000/password -H "Authorization: Bearer $ACCESS"  # "Fresh token required"
"""

import os
from datetime import timedelta

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt_identity,
    jwt_required,
)


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]  # openssl rand -base64 48
    JWTManager(app)

    # A real application checks a password here. `fresh=True` would be fresh for as long as it lives.
    @app.post("/login")
    def login() -> ResponseReturnValue:
        return jsonify(
            access_token=create_access_token("example_user", fresh=timedelta(minutes=10)),
            refresh_token=create_refresh_token("example_user"),
        )

    @app.post("/refresh")
    @jwt_required(refresh=True)
    def refresh() -> ResponseReturnValue:
        return jsonify(access_token=create_access_token(get_jwt_identity(), fresh=False))

    # Whoever has a token that is not fresh is asked for the password again.
    @app.post("/password")
    @jwt_required(fresh=True)
    def change_password() -> ResponseReturnValue:
        return jsonify(msg="Password changed")

    @app.get("/protected")
    @jwt_required()
    def protected() -> ResponseReturnValue:
        return jsonify(logged_in_as=get_jwt_identity())

    return app
