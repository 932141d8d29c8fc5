"""A decorator of one's own: a view that has it is for administrators.

In another terminal:

    ADMIN=$(curl -s -X POST localhost:5000/login/admin | cut -d'"' -f4)
    AUDITOR=$(curl -s -X POST localhost:5000/login/auditor | cut -d'"' -f4)
    curl -s localhost:5000/admin -H "Authorization: Bearer $ADMIN"  # {"administrator":"example_user"}
    curl -s localhost:5000/admin -H "Authorization: Bearer $AUDITOR"  # "Administrators only"
    curl -s localhost:5000/admin  # "Missing Authorization Header"
"""

import os
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    get_jwt,
    get_jwt_identity,
    verify_jwt_in_request,
)

P = ParamSpec("P")


def admin_required(view: Callable[P, ResponseReturnValue]) -> Callable[P, ResponseReturnValue]:
    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> ResponseReturnValue:
        verify_jwt_in_request()
        if get_jwt().get("role") != "admin":
            return jsonify(msg="Administrators only"), 403
        return view(*args, **kwargs)

    return guarded


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]  # openssl rand -base64 48
    JWTManager(app)

    # A real application checks a password here, and knows the roles of its users.
    @app.post("/login/<role>")
    def login(role: str) -> ResponseReturnValue:
        token = create_access_token("example_user", additional_claims={"role": role})
        return jsonify(access_token=token)

    @app.get("/admin")
    @admin_required
    def admin() -> ResponseReturnValue:
        return jsonify(administrator=get_jwt_identity())

    return app
