"""Loaders: answers of one's own, a check of the claims, a blocklist of one's own.

In another terminal:

    curl -s localhost:5000/protected  # /protected is for guests who are logged in
    TOKEN=$(curl -s -X POST localhost:5000/login/anna | cut -d'"' -f4)
    curl -s localhost:5000/protected -H "Authorization: Bearer $TOKEN"  # {"logged_in_as":"anna"}
    curl -s -X DELETE localhost:5000/logout -H "Authorization: Bearer $TOKEN"  # Goodbye
    curl -s localhost:5000/protected -H "Authorization: Bearer $TOKEN"  # You have left
    TOKEN=$(curl -s -X POST localhost:5000/login/mallory | cut -d'"' -f4)
    curl -s localhost:5000/protected -H "Authorization: Bearer $TOKEN"  # "User claims verification failed"
"""

import os
from typing import Any

from flask import Flask, jsonify, request
from flask.typing import ResponseReturnValue

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    get_jwt,
    get_jwt_identity,
    jwt_required,
)


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]  # openssl rand -base64 48
    jwt = JWTManager(app)
    # The identifiers of tokens that were revoked; a real application has a table of them.
    blocklist: set[str] = set()

    # There is such a loader for every refusal. Most of them may stay as they are.
    @jwt.unauthorized_loader
    def without_token(reason: str) -> ResponseReturnValue:
        return f"{request.path} is for guests who are logged in", 401

    @jwt.revoked_token_loader
    def with_revoked_token(header: dict[str, Any], claims: dict[str, Any]) -> ResponseReturnValue:
        return "You have left", 401

    @jwt.token_verification_loader
    def is_welcome(header: dict[str, Any], claims: dict[str, Any]) -> bool:
        return claims.get("banned") is not True

    @jwt.token_in_blocklist_loader
    def is_revoked(header: dict[str, Any], claims: dict[str, Any]) -> bool:
        return claims["jti"] in blocklist

    # A real application checks a password here.
    @app.post("/login/<name>")
    def login(name: str) -> ResponseReturnValue:
        claims = {"banned": name == "mallory"}
        return jsonify(access_token=create_access_token(name, additional_claims=claims))

    @app.delete("/logout")
    @jwt_required()
    def logout() -> ResponseReturnValue:
        blocklist.add(get_jwt()["jti"])
        return "Goodbye"

    @app.get("/protected")
    @jwt_required()
    def protected() -> ResponseReturnValue:
        return jsonify(logged_in_as=get_jwt_identity())

    return app
