"""A login and a protected route.

In another terminal:

    TOKEN=$(curl -s -X POST localhost:5000/login | cut -d'"' -f4)
    curl -s localhost:5000/protected -H "Authorization: Bearer $TOKEN"  # {"logged_in_as":"example_user"}
    curl -s localhost:5000/protected  # "Missing Authorization Header"
"""

import os

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended import JWTManager, create_access_token, get_jwt_identity, jwt_required


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]  # openssl rand -base64 48
    JWTManager(app)

    # A real application checks a password here.
    @app.post("/login")
    def login() -> ResponseReturnValue:
        return jsonify(access_token=create_access_token("example_user"))

    @app.get("/protected")
    @jwt_required()
    def protected() -> ResponseReturnValue:
        return jsonify(logged_in_as=get_jwt_identity())

    return app
