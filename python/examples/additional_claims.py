"""Claims of one's own: for one token, or for all of them by a loader. Everybody can read them.

In another terminal:

    TOKEN=$(curl -s -X POST localhost:5000/login | cut -d'"' -f4)
    curl -s localhost:5000/protected -H "Authorization: Bearer $TOKEN"  # {"plan":"free","role":"editor"}
"""

import os
from typing import Any

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended import JWTManager, create_access_token, get_jwt, jwt_required


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]  # openssl rand -base64 48
    jwt = JWTManager(app)

    # Called for every token that is made, with what it is made for.
    @jwt.additional_claims_loader
    def add_claims(identity: str) -> dict[str, Any]:
        return {"plan": "free"}

    # A real application checks a password here. For the same name, these claims win.
    @app.post("/login")
    def login() -> ResponseReturnValue:
        token = create_access_token("example_user", additional_claims={"role": "editor"})
        return jsonify(access_token=token)

    @app.get("/protected")
    @jwt_required()
    def protected() -> ResponseReturnValue:
        claims = get_jwt()
        return jsonify(plan=claims["plan"], role=claims["role"])

    return app
