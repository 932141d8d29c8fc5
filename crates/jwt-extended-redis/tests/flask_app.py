"""A Flask application with the blocklist in Redis of Flask-JWT-Extended's
documentation, for flask.rs: it prints where it listens.

    python flask_app.py SECRET REDIS_PORT
"""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import redis
from flask import Flask, Response, jsonify
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    get_jwt,
    get_jwt_identity,
    jwt_required,
)
from werkzeug.serving import make_server

LIFE = timedelta(hours=1)


def build(secret: str, blocklist: redis.Redis[str]) -> Flask:
    app = Flask("flask_app")
    app.config["JWT_SECRET_KEY"] = secret
    app.config["JWT_ACCESS_TOKEN_EXPIRES"] = LIFE
    jwt = JWTManager(app)

    @jwt.token_in_blocklist_loader
    def is_revoked(header: dict[str, Any], payload: dict[str, Any]) -> bool:
        return blocklist.get(payload["jti"]) is not None

    @app.post("/login")
    def login() -> Response:
        access, refresh = create_access_token("anna"), create_refresh_token("anna")
        return jsonify(access_token=access, refresh_token=refresh)

    @app.get("/profile")
    @jwt_required(verify_type=False)
    def profile() -> Response:
        return jsonify(identity=get_jwt_identity())

    @app.delete("/logout")
    @jwt_required(verify_type=False)
    def logout() -> Response:
        blocklist.set(get_jwt()["jti"], "", ex=LIFE)
        return jsonify()

    return app


if __name__ == "__main__":
    secret, port = sys.argv[1:]
    app = build(secret, redis.Redis(port=int(port), decode_responses=True))
    server = make_server("127.0.0.1", 0, app, threaded=True)
    print(f"http://127.0.0.1:{server.port}", flush=True)
    server.serve_forever()
