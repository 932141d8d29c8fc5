"""What is raised when a request is refused, beside the exceptions of PyJWT.

Where the token was good enough to be read, the exception has it: `jwt_header` and `jwt_data`.
"""

from typing import Any

from werkzeug.exceptions import ServiceUnavailable


class JWTExtendedException(Exception):
    """The class of which all exceptions of this package are."""


class JWTDecodeError(JWTExtendedException):
    """A claim that a token of ours has is missing."""


class InvalidHeaderError(JWTExtendedException):
    """The header that should hold the token has another form."""


class InvalidQueryParamError(JWTExtendedException):
    """The query parameter that should hold the token has another form."""


class NoAuthorizationError(JWTExtendedException):
    """There is no token where one was looked for."""


class CSRFError(JWTExtendedException):
    """The double submit value is missing, or is not the token's."""

    is_missing = False


class WrongTokenError(JWTExtendedException):
    """An access token where a refresh token is needed, or the other way round."""


class _WithToken(JWTExtendedException):
    """A refusal of a token that was verified."""

    def __init__(self, message: str, jwt_header: dict[str, Any], jwt_data: dict[str, Any]) -> None:
        super().__init__(message)
        self.jwt_header = jwt_header
        self.jwt_data = jwt_data


class RevokedTokenError(_WithToken):
    """The token has been revoked."""

    def __init__(self, jwt_header: dict[str, Any], jwt_data: dict[str, Any]) -> None:
        super().__init__("Token has been revoked", jwt_header, jwt_data)


class FreshTokenRequired(_WithToken):
    """The token is good, but not fresh."""


class UserLookupError(_WithToken):
    """The user lookup callback found no user for the token."""


class UserClaimsVerificationError(_WithToken):
    """The token verification callback did not accept the token's claims."""


class StoreUnavailable(JWTExtendedException, ServiceUnavailable):
    """The store of revocations did not answer, so that nobody knows whether the token is good.

    Its text is for logs, not for clients. It is an HTTPException too, since flask-restful and flask-restx
    ask no handlers of the app, and would answer 500 to anything else.
    """

    def __init__(self, message: str) -> None:
        super().__init__("The token cannot be checked at the moment", retry_after=1)
        self.args = (message,)

    def __str__(self) -> str:
        return str(self.args[0])
