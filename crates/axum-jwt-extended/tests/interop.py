"""A Flask service with the original library, for interop.rs: a JSON request on
each line of the input, a JSON answer on each line of the output.

The service has the routes that interop.rs gives its own.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, jsonify
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    decode_token,
    get_jwt,
    get_jwt_identity,
    jwt_required,
    set_access_cookies,
    set_refresh_cookies,
)

METHODS = ["GET", "POST"]


def build(options: dict[str, Any]) -> Flask:
    app = Flask("interop")
    app.config.update(options)
    JWTManager(app)

    @app.post("/login")
    def login() -> Response:
        claims = {"role": "admin"}
        access = create_access_token("anna", fresh=True, additional_claims=claims)
        refresh = create_refresh_token("anna", additional_claims=claims)
        response = jsonify(access_token=access, refresh_token=refresh)
        set_access_cookies(response, access)
        set_refresh_cookies(response, refresh)
        return response

    def who() -> Response:
        return jsonify(identity=get_jwt_identity(), role=get_jwt()["role"])

    def next_access_token() -> Response:
        claims = {"role": get_jwt()["role"]}
        token = create_access_token(get_jwt_identity(), additional_claims=claims)
        return jsonify(access_token=token)

    def route(path: str, view: Callable[[], Response], **guard: bool) -> None:
        guarded = jwt_required(**guard)(view)
        app.add_url_rule(path, endpoint=path, view_func=guarded, methods=METHODS)

    route("/protected", who)
    route("/fresh", who, fresh=True)
    route("/refresh", next_access_token, refresh=True)
    return app


def answer(app: Flask, question: dict[str, Any]) -> dict[str, Any]:
    if "decode" in question:
        with app.app_context():
            try:
                return {"claims": decode_token(question["decode"])}
            except Exception as error:  # noqa: BLE001 - whatever it is, it is a refusal
                return {"refused": type(error).__name__}
    response = app.test_client(use_cookies=False).open(
        question["path"], method=question["method"], headers=question["headers"]
    )
    return {
        "status": response.status_code,
        "json": response.get_json(silent=True),
        "set_cookie": response.headers.getlist("Set-Cookie"),
    }


def main() -> None:
    app = build(json.loads(sys.stdin.readline()))
    for line in sys.stdin:
        print(json.dumps(answer(app, json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
