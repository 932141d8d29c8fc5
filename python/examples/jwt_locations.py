r"""All four places for a token: the `Authorization` header, cookies, JSON bodies, the query string.

In another terminal:

    TOKEN=$(curl -s -X POST localhost:5000/login | cut -d'"' -f4)
    curl -s localhost:5000/protected -H "Authorization: Bearer $TOKEN"  # "found_in":"headers"
    curl -s -X POST localhost:5000/protected --json "{\"access_token\":\"$TOKEN\"}"  # "found_in":"json"
    curl -s "localhost:5000/protected?jwt=$TOKEN"  # "found_in":"query_string"
    curl -s "localhost:5000/only_headers?jwt=$TOKEN"  # "Missing Authorization Header"
    curl -s -X POST localhost:5000/login_with_cookies -c cookies.txt  # login successful
    curl -s localhost:5000/protected -b cookies.txt  # "found_in":"cookies"
    curl -s -X POST localhost:5000/protected -b cookies.txt  # Missing CSRF token
    CSRF=$(grep csrf_access_token cookies.txt | cut -f7)
    curl -s -X POST localhost:5000/protected -b cookies.txt -H "X-CSRF-TOKEN: $CSRF"  # "found_in":"cookies"
    curl -s -X POST localhost:5000/logout_with_cookies -c cookies.txt  # logout successful
    curl -s localhost:5000/only_cookies -b cookies.txt  # Missing cookie
"""

import os

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    get_jwt_identity,
    get_jwt_request_location,
    jwt_required,
    set_access_cookies,
    unset_jwt_cookies,
)


def create_app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = os.environ["JWT_SECRET_KEY"]  # openssl rand -base64 48
    # Places are asked in this order. What is in a query string ends up in logs and histories.
    app.config["JWT_TOKEN_LOCATION"] = ["headers", "cookies", "json", "query_string"]
    # Cookies over HTTPS only; `localhost` is an exception for browsers, and for curl as well.
    app.config["JWT_COOKIE_SECURE"] = True
    app.config["JWT_COOKIE_SAMESITE"] = "Lax"
    JWTManager(app)

    # A real application checks a password in both of these.
    @app.post("/login")
    def login() -> ResponseReturnValue:
        return jsonify(access_token=create_access_token("example_user"))

    @app.post("/login_with_cookies")
    def login_with_cookies() -> ResponseReturnValue:
        response = jsonify(msg="login successful")
        set_access_cookies(response, create_access_token("example_user"))
        return response

    @app.post("/logout_with_cookies")
    def logout_with_cookies() -> ResponseReturnValue:
        response = jsonify(msg="logout successful")
        unset_jwt_cookies(response)
        return response

    # With a cookie, what changes something wants the CSRF value too, in the header X-CSRF-TOKEN.
    @app.route("/protected", methods=["GET", "POST"])
    @jwt_required()
    def protected() -> ResponseReturnValue:
        return jsonify(logged_in_as=get_jwt_identity(), found_in=get_jwt_request_location())

    @app.get("/only_headers")
    @jwt_required(locations=["headers"])
    def only_headers() -> ResponseReturnValue:
        return jsonify(logged_in_as=get_jwt_identity())

    @app.get("/only_cookies")
    @jwt_required(locations=["cookies"])
    def only_cookies() -> ResponseReturnValue:
        return jsonify(logged_in_as=get_jwt_identity())

    return app
