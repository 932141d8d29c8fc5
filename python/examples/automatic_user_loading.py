"""The user of a token, loaded before the view and there as `current_user`.

In another terminal:

    TOKEN=$(curl -s -X POST localhost:5000/login/anna | cut -d'"' -f4)
    curl -s localhost:5000/who_am_i -H "Authorization: Bearer $TOKEN"  # {"full_name":"Anna Karenina","id":1}
    curl -s -X DELETE localhost:5000/account -H "Authorization: Bearer $TOKEN"  # "Deleted"
    curl -s localhost:5000/who_am_i -H "Authorization: Bearer $TOKEN"  # "Error loading the user 1"
"""

import os
from dataclasses import dataclass
from typing import Any

from flask import Flask, abort, jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended import JWTManager, create_access_token, current_user, jwt_required


@dataclass
class User:
    id: int
    name: str
    full_name: str


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]  # openssl rand -base64 48
    jwt = JWTManager(app)
    # A real application has a database.
    users = {1: User(1, "anna", "Anna Karenina"), 2: User(2, "konstantin", "Konstantin Levin")}

    # What a token says about whom it is for. Say it as a string: RFC 7519 wants one.
    @jwt.user_identity_loader
    def identity_of(user: User) -> str:
        return str(user.id)

    # Called after a token was found to be good. `None` refuses it.
    @jwt.user_lookup_loader
    def load_user(header: dict[str, Any], claims: dict[str, Any]) -> User | None:
        return users.get(int(claims["sub"]))

    # A real application checks a password here.
    @app.post("/login/<name>")
    def login(name: str) -> ResponseReturnValue:
        user = next((user for user in users.values() if user.name == name), None)
        if user is None:
            abort(401)
        return jsonify(access_token=create_access_token(user))

    @app.get("/who_am_i")
    @jwt_required()
    def who_am_i() -> ResponseReturnValue:
        return jsonify(id=current_user.id, full_name=current_user.full_name)

    @app.delete("/account")
    @jwt_required()
    def delete_account() -> ResponseReturnValue:
        del users[current_user.id]
        return jsonify(msg="Deleted")

    return app
