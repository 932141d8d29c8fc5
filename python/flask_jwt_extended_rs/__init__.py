"""What `flask_jwt_extended` of this distribution has beyond upstream: the engine it is made on
(`_engine`), `authenticate` for tokens that come with no request, `jwks` for the public keys, `outside` for
tokens of others, a doctor for installations, and a pytest plugin.

A package of its own, so that it is still there when upstream's distribution has overwritten the
other one.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask_jwt_extended_rs.authentication import Authenticated as Authenticated
    from flask_jwt_extended_rs.authentication import authenticate as authenticate
    from flask_jwt_extended_rs.public_keys import jwks as jwks


def __getattr__(name: str) -> Any:
    # Only when asked for: the doctor has to run where `flask_jwt_extended` is broken, and does not
    # want it imported.
    if name in ("Authenticated", "authenticate"):
        from flask_jwt_extended_rs import authentication

        return getattr(authentication, name)
    if name == "jwks":
        from flask_jwt_extended_rs.public_keys import jwks

        return jwks
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
