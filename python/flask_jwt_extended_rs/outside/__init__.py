"""Tokens of outside issuers: OpenID Connect providers, or whoever publishes a JWK Set.

`OutsideJWTManager` verifies them in the place of a `JWTManager`, by what an `Issuer` says of each of
them. It needs `requests`: `pip install 'flask-jwt-extended-rs[oidc]'`.
"""

from flask_jwt_extended_rs.outside.issuer import Issuer as Issuer
from flask_jwt_extended_rs.outside.issuer import IssuerUnavailable as IssuerUnavailable
from flask_jwt_extended_rs.outside.manager import OutsideJWTManager as OutsideJWTManager

__all__ = ["Issuer", "IssuerUnavailable", "OutsideJWTManager"]
