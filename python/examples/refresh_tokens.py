"""Refresh tokens, sent by the client itself: a short-lived access token for every request, and a
long-lived refresh token that is only good for getting the next access token.

In another terminal:

    PAIR=$(curl -s -X POST localhost:5000/login)
    ACCESS=$(echo "$PAIR" | cut -d'"' -f4)
    REFRESH=$(echo "$PAIR" | cut -d'"' -f8)
    curl -s localhost:5000/protected -H "Authorization: Bearer $ACCESS"  # {"logged_in_as":"example_user"}
    curl -s localhost:5000/protected -H "Authorization: Bearer $REFRESH"  # "Only non-refresh tokens are allowed"
    curl -s -X POST localhost:5000/refresh -H "Authorization: Bearer $ACCESS"  # "Only refresh tokens are allowed"
    ACCESS=$(curl -s -X POST localhost:5000/refresh -H "Authorization: Bearer $REFRESH" | cut -d'"' -f4)
    curl -s localhost:5000/protected -H "Authorization: Bearer $ACCESS"  # {"logged_in_as":"example_user"}
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
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = timedelta(minutes=15)
    app.config["JWT_REFRESH_TOKEN_EXPIRES"] = timedelta(days=30)
    JWTManager(app)

    # A real application checks a password here.
    @app.post("/login")
    def login() -> ResponseReturnValue:
        return jsonify(
            access_token=create_access_token("example_user", fresh=True),
            refresh_token=create_refresh_token("example_user"),
        )

    # Only a refresh token is good here; an access token is refused, and the other way round.
    @app.post("/refresh")
    @jwt_required(refresh=True)
    def refresh() -> ResponseReturnValue:
        return jsonify(access_token=create_access_token(get_jwt_identity(), fresh=False))

    @app.get("/protected")
    @jwt_required()
    def protected() -> ResponseReturnValue:
        return jsonify(logged_in_as=get_jwt_identity())

    return app
