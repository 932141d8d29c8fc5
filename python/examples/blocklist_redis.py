"""Logging out, remembered in Redis: for services of more than one process or machine.

It wants JWT_STORE_SUBJECT_KEY, a secret under which users' names are hashed in Redis:
`openssl rand -base64 32`.

In another terminal:

    PAIR=$(curl -s -X POST localhost:5000/login)
    ACCESS=$(echo "$PAIR" | cut -d'"' -f4)
    REFRESH=$(echo "$PAIR" | cut -d'"' -f8)
    curl -s localhost:5000/protected -H "Authorization: Bearer $ACCESS"  # {"logged_in_as":"example_user"}
    curl -s -X DELETE localhost:5000/logout -H "Authorization: Bearer $REFRESH"  # {"msg":"Logged out"}
    curl -s localhost:5000/protected -H "Authorization: Bearer $ACCESS"  # "Token has been revoked"
    ACCESS=$(curl -s -X POST localhost:5000/login | cut -d'"' -f4)
    curl -s -X DELETE localhost:5000/sessions -H "Authorization: Bearer $ACCESS"  # {"msg":"Logged out everywhere"}
    curl -s localhost:5000/protected -H "Authorization: Bearer $ACCESS"  # "Token has been revoked"
"""

import os

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended import (
    JWTManager,
    create_token_pair,
    get_jwt,
    get_jwt_identity,
    jwt_required,
    revoke_all_for,
    revoke_session,
)


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]  # openssl rand -base64 48
    app.config["JWT_STORE_URL"] = os.environ.get("REDIS_URL", "redis://localhost:6379/0")
    app.config["JWT_STORE_SUBJECT_KEY"] = os.environ["JWT_STORE_SUBJECT_KEY"]
    JWTManager(app)

    # A real application checks a password here.
    @app.post("/login")
    def login() -> ResponseReturnValue:
        return jsonify(create_token_pair("example_user")._asdict())

    # Ends both tokens of the login, whichever of them was sent.
    @app.delete("/logout")
    @jwt_required(verify_type=False)
    def logout() -> ResponseReturnValue:
        revoke_session()
        return jsonify(msg="Logged out")

    @app.delete("/sessions")
    @jwt_required()
    def log_out_everywhere() -> ResponseReturnValue:
        revoke_all_for(token=get_jwt(), reason="asked for it")
        return jsonify(msg="Logged out everywhere")

    # Redis is asked before this is called. If it does not answer, the answer is 503, never "let in".
    @app.get("/protected")
    @jwt_required()
    def protected() -> ResponseReturnValue:
        return jsonify(logged_in_as=get_jwt_identity())

    return app
