"""Tokens of an identity provider: Keycloak, Auth0, Entra ID, or whoever speaks OpenID Connect.

It wants OIDC_ISSUER, the claim `iss` of that issuer's tokens to the letter, and OIDC_AUDIENCE, what the
issuer calls this API in `aud`. TOKEN is an access token of that issuer's, here of anna's with the scope
`orders:read`.

In another terminal:

    curl -s localhost:5000/  # Hello stranger
    curl -s localhost:5000/orders  # "Missing Authorization Header"
    curl -s localhost:5000/orders -H "Authorization: Bearer $TOKEN"  # "of":"anna"
    curl -s localhost:5000/ -H "Authorization: Bearer $TOKEN"  # Hello anna
"""

import os

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

from flask_jwt_extended import get_jwt, get_jwt_identity, jwt_required
from flask_jwt_extended_rs.outside import Issuer, OutsideJWTManager


def create_app(issuer: Issuer | None = None) -> Flask:
    app = Flask(__name__)
    issuer = issuer or Issuer(os.environ["OIDC_ISSUER"], os.environ["OIDC_AUDIENCE"])
    OutsideJWTManager(app, issuers=[issuer])

    @app.get("/orders")
    @jwt_required()
    def orders() -> ResponseReturnValue:
        claims = get_jwt()
        if "orders:read" not in claims.get("scope", "").split():
            return jsonify(msg="This needs the scope orders:read"), 403
        return jsonify(orders=[], of=get_jwt_identity(), email=claims.get("email"))

    # No token is fine; a bad one is refused.
    @app.get("/")
    @jwt_required(optional=True)
    def front_page() -> ResponseReturnValue:
        return f"Hello {get_jwt_identity() or 'stranger'}"

    return app
