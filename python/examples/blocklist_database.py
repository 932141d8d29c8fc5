"""Logging out, remembered in SQLite (or PostgreSQL), with who revoked what, and why.

In another terminal:

    TOKEN=$(curl -s -X POST localhost:5000/login | cut -d'"' -f4)
    curl -s localhost:5000/protected -H "Authorization: Bearer $TOKEN"  # {"logged_in_as":"example_user"}
    curl -s -X DELETE localhost:5000/logout -H "Authorization: Bearer $TOKEN"  # {"msg":"Logged out"}
    curl -s localhost:5000/protected -H "Authorization: Bearer $TOKEN"  # "Token has been revoked"
    TOKEN=$(curl -s -X POST localhost:5000/login | cut -d'"' -f4)
    curl -s localhost:5000/logouts -H "Authorization: Bearer $TOKEN"  # {"reasons":["logout"]}
"""

import os
import time
from pathlib import Path

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    get_jwt_identity,
    get_store,
    jwt_required,
    revoke_token,
)
from flask_jwt_extended_rs.stores import Subject


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]  # openssl rand -base64 48
    # The store makes its tables itself, and forgets by itself what has expired.
    app.config["JWT_STORE_URL"] = os.environ.get(
        "DATABASE_URL", f"sqlite:///{Path.cwd()}/blocklist.db"
    )
    JWTManager(app)

    # A real application checks a password here.
    @app.post("/login")
    def login() -> ResponseReturnValue:
        return jsonify(access_token=create_access_token("example_user"))

    @app.delete("/logout")
    @jwt_required(verify_type=False)
    def logout() -> ResponseReturnValue:
        revoke_token(by=get_jwt_identity(), reason="logout")
        return jsonify(msg="Logged out")

    # What is revoked of one's own and has not ended. `get_store().restore` takes such a one back.
    @app.get("/logouts")
    @jwt_required()
    def logouts() -> ResponseReturnValue:
        records = get_store().list(Subject(get_jwt_identity()), time.time())
        return jsonify(reasons=[record.reason for record in records])

    # The database is asked before this is called. If it does not answer, that is 503.
    @app.get("/protected")
    @jwt_required()
    def protected() -> ResponseReturnValue:
        return jsonify(logged_in_as=get_jwt_identity())

    return app
