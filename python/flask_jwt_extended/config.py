"""The options, as `current_app.config` has them at the moment of each look."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from json import JSONEncoder
from typing import Any, cast

from flask import current_app
from jwt.algorithms import requires_cryptography

from flask_jwt_extended.internal_utils import get_json_encoder
from flask_jwt_extended.typing import ExpiresDelta
from flask_jwt_extended_rs import managers

LOCATIONS = ("headers", "cookies", "query_string", "json")
ONE_YEAR = 31540000

# What `JWTManager.init_app` sets where the app has set nothing.
DEFAULTS: dict[str, Any] = {
    "JWT_ACCESS_TOKEN_EXPIRES": timedelta(minutes=15),
    "JWT_ACCESS_COOKIE_NAME": "access_token_cookie",
    "JWT_ACCESS_COOKIE_PATH": "/",
    "JWT_ACCESS_CSRF_COOKIE_NAME": "csrf_access_token",
    "JWT_ACCESS_CSRF_COOKIE_PATH": "/",
    "JWT_ACCESS_CSRF_FIELD_NAME": "csrf_token",
    "JWT_ACCESS_CSRF_HEADER_NAME": "X-CSRF-TOKEN",
    "JWT_ALGORITHM": "HS256",
    "JWT_COOKIE_CSRF_PROTECT": True,
    "JWT_COOKIE_DOMAIN": None,
    "JWT_COOKIE_SAMESITE": None,
    "JWT_COOKIE_SECURE": False,
    "JWT_CSRF_CHECK_FORM": False,
    "JWT_CSRF_IN_COOKIES": True,
    "JWT_CSRF_METHODS": ["POST", "PUT", "PATCH", "DELETE"],
    "JWT_DECODE_ALGORITHMS": None,
    "JWT_DECODE_AUDIENCE": None,
    "JWT_DECODE_ISSUER": None,
    "JWT_DECODE_LEEWAY": 0,
    "JWT_ENCODE_AUDIENCE": None,
    "JWT_ENCODE_ISSUER": None,
    "JWT_ENCODE_NBF": True,
    "JWT_ERROR_MESSAGE_KEY": "msg",
    "JWT_ERROR_STYLE": "flask",
    "JWT_HEADER_NAME": "Authorization",
    "JWT_HEADER_TYPE": "Bearer",
    "JWT_HTTP_EXCEPTIONS": False,
    "JWT_IDENTITY_CLAIM": "sub",
    "JWT_JSON_KEY": "access_token",
    "JWT_KEY_ID": None,
    "JWT_PRIVATE_KEY": None,
    "JWT_PUBLIC_KEY": None,
    "JWT_PUBLIC_KEY_FALLBACKS": (),
    "JWT_QUERY_STRING_NAME": "jwt",
    "JWT_QUERY_STRING_VALUE_PREFIX": "",
    "JWT_REFRESH_COOKIE_NAME": "refresh_token_cookie",
    "JWT_REFRESH_COOKIE_PATH": "/",
    "JWT_REFRESH_CSRF_COOKIE_NAME": "csrf_refresh_token",
    "JWT_REFRESH_CSRF_COOKIE_PATH": "/",
    "JWT_REFRESH_CSRF_FIELD_NAME": "csrf_token",
    "JWT_REFRESH_CSRF_HEADER_NAME": "X-CSRF-TOKEN",
    "JWT_REFRESH_JSON_KEY": "refresh_token",
    "JWT_REFRESH_ROTATION": False,
    "JWT_REFRESH_ROTATION_GRACE": timedelta(seconds=10),
    "JWT_REFRESH_TOKEN_EXPIRES": timedelta(days=30),
    "JWT_SECRET_KEY": None,
    "JWT_SECRET_KEY_FALLBACKS": (),
    "JWT_SESSION_CLAIMS": False,
    "JWT_SESSION_COOKIE": True,
    "JWT_SESSION_LIFETIME": None,
    "JWT_STORE_PREFIX": None,
    "JWT_STORE_SUBJECT_KEY": None,
    "JWT_STORE_TIMEOUT": 1,
    "JWT_STORE_URL": None,
    "JWT_TOKEN_LOCATION": ("headers",),
    "JWT_VERIFY_SUB": True,
}


class _Watched(type):
    """Knows whether a property of the class was replaced, as `mock.patch.object` does."""

    untouched = True

    def __setattr__(cls, name: str, value: object) -> None:
        super().__setattr__(name, value)
        if name != "untouched":
            cls.untouched = all(vars(cls).get(name) is shipped for name, shipped in _SHIPPED)


def _option(name: str) -> Any:
    return property(lambda self: self._options[name], doc=f"The option {name}, as it is set.")


class _Config(metaclass=_Watched):
    """Reads and checks the options of the current app. RuntimeError: an option cannot be used.

    To change an option, write to `app.config`, before or after the manager was made.
    """

    _options: Mapping[str, Any] = cast(Any, property(lambda self: current_options()))

    header_type: str = _option("JWT_HEADER_TYPE")
    query_string_name: str = _option("JWT_QUERY_STRING_NAME")
    query_string_value_prefix: str = _option("JWT_QUERY_STRING_VALUE_PREFIX")
    json_key: str = _option("JWT_JSON_KEY")
    refresh_json_key: str = _option("JWT_REFRESH_JSON_KEY")

    access_cookie_name: str = _option("JWT_ACCESS_COOKIE_NAME")
    access_cookie_path: str = _option("JWT_ACCESS_COOKIE_PATH")
    refresh_cookie_name: str = _option("JWT_REFRESH_COOKIE_NAME")
    refresh_cookie_path: str = _option("JWT_REFRESH_COOKIE_PATH")
    cookie_secure: bool = _option("JWT_COOKIE_SECURE")
    cookie_domain: str | None = _option("JWT_COOKIE_DOMAIN")
    cookie_samesite: str | None = _option("JWT_COOKIE_SAMESITE")
    session_cookie: bool = _option("JWT_SESSION_COOKIE")

    cookie_csrf_protect: bool = _option("JWT_COOKIE_CSRF_PROTECT")
    csrf_request_methods: Iterable[str] = _option("JWT_CSRF_METHODS")
    csrf_in_cookies: bool = _option("JWT_CSRF_IN_COOKIES")
    csrf_check_form: bool = _option("JWT_CSRF_CHECK_FORM")
    access_csrf_cookie_name: str = _option("JWT_ACCESS_CSRF_COOKIE_NAME")
    access_csrf_cookie_path: str = _option("JWT_ACCESS_CSRF_COOKIE_PATH")
    access_csrf_header_name: str = _option("JWT_ACCESS_CSRF_HEADER_NAME")
    access_csrf_field_name: str = _option("JWT_ACCESS_CSRF_FIELD_NAME")
    refresh_csrf_cookie_name: str = _option("JWT_REFRESH_CSRF_COOKIE_NAME")
    refresh_csrf_cookie_path: str = _option("JWT_REFRESH_CSRF_COOKIE_PATH")
    refresh_csrf_header_name: str = _option("JWT_REFRESH_CSRF_HEADER_NAME")
    refresh_csrf_field_name: str = _option("JWT_REFRESH_CSRF_FIELD_NAME")

    algorithm: str = _option("JWT_ALGORITHM")
    identity_claim_key: str = _option("JWT_IDENTITY_CLAIM")
    decode_audience: str | Iterable[str] | None = _option("JWT_DECODE_AUDIENCE")
    encode_audience: str | Iterable[str] | None = _option("JWT_ENCODE_AUDIENCE")
    decode_issuer: str | None = _option("JWT_DECODE_ISSUER")
    encode_issuer: str | None = _option("JWT_ENCODE_ISSUER")
    leeway: float = _option("JWT_DECODE_LEEWAY")
    verify_sub: bool = _option("JWT_VERIFY_SUB")
    encode_nbf: bool = _option("JWT_ENCODE_NBF")
    error_msg_key: str = _option("JWT_ERROR_MESSAGE_KEY")

    @property
    def is_asymmetric(self) -> bool:
        """Whether the algorithm needs a pair of keys."""
        return self.algorithm in requires_cryptography

    @property
    def encode_key(self) -> Any:
        """What new tokens are signed with."""
        return self._private_key if self.is_asymmetric else self._secret_key

    @property
    def decode_key(self) -> Any:
        """What tokens are verified with."""
        return self._public_key if self.is_asymmetric else self._secret_key

    @property
    def token_location(self) -> Sequence[str]:
        """Where tokens are looked for, in this order. What is set as a set stays a set."""
        locations: Any = self._options["JWT_TOKEN_LOCATION"]
        if isinstance(locations, str):
            locations = (locations,)
        elif not isinstance(locations, (tuple, list, Iterable)):
            raise RuntimeError("JWT_TOKEN_LOCATION must be a sequence or a set")  # noqa: TRY004
        elif not locations:
            raise RuntimeError(f"JWT_TOKEN_LOCATION must contain at least one of {_known()}")
        for location in locations:
            if location not in LOCATIONS:
                raise RuntimeError(
                    f"JWT_TOKEN_LOCATION can only contain {_known()}, and it contains {location!r}"
                )
        return locations  # type: ignore[no-any-return]

    @property
    def jwt_in_cookies(self) -> bool:
        """Whether tokens are looked for in cookies."""
        return "cookies" in self.token_location

    @property
    def jwt_in_headers(self) -> bool:
        """Whether tokens are looked for in a header."""
        return "headers" in self.token_location

    @property
    def jwt_in_query_string(self) -> bool:
        """Whether tokens are looked for in the query string."""
        return "query_string" in self.token_location

    @property
    def jwt_in_json(self) -> bool:
        """Whether tokens are looked for in JSON bodies."""
        return "json" in self.token_location

    @property
    def header_name(self) -> str:
        """The header that holds the token."""
        name: str = self._options["JWT_HEADER_NAME"]
        if not name:
            raise RuntimeError("JWT_HEADER_NAME cannot be empty")
        return name

    @property
    def access_expires(self) -> ExpiresDelta:
        """How long an access token lives; set as seconds, a timedelta, a relativedelta, or False."""
        return self._lifetime("JWT_ACCESS_TOKEN_EXPIRES")

    @property
    def refresh_expires(self) -> ExpiresDelta:
        """How long a refresh token lives; set as `access_expires` is."""
        return self._lifetime("JWT_REFRESH_TOKEN_EXPIRES")

    def _lifetime(self, name: str) -> ExpiresDelta:
        lifetime: Any = self._options[name]
        if type(lifetime) is int:
            lifetime = timedelta(seconds=lifetime)
        if lifetime is not False and type(lifetime) is not timedelta:
            try:
                lifetime + datetime.now(timezone.utc)
            except TypeError as error:
                raise RuntimeError(
                    f"must be able to add {name} to datetime.datetime; "
                    f"a timedelta, seconds as an int, or False are good, and it is {lifetime!r}"
                ) from error
        return lifetime  # type: ignore[no-any-return]

    @property
    def decode_algorithms(self) -> list[str]:
        """The algorithms that a token may name: the signing one is always among them."""
        algorithms = self._options["JWT_DECODE_ALGORITHMS"]
        if not algorithms:
            return [self.algorithm]
        if isinstance(algorithms, str):
            algorithms = [algorithms]
        if self.algorithm not in algorithms:
            return [*algorithms, self.algorithm]
        return algorithms  # type: ignore[no-any-return]

    @property
    def _secret_key(self) -> Any:
        key = self._options["JWT_SECRET_KEY"] or self._options.get("SECRET_KEY")
        if not key:
            raise RuntimeError(
                "JWT_SECRET_KEY or flask SECRET_KEY must be set when using symmetric "
                f'algorithm "{self.algorithm}"'
            )
        return key

    @property
    def _public_key(self) -> Any:
        return self._key_of_a_pair("JWT_PUBLIC_KEY")

    @property
    def _private_key(self) -> Any:
        return self._key_of_a_pair("JWT_PRIVATE_KEY")

    def _key_of_a_pair(self, name: str) -> Any:
        key = self._options[name]
        if not key:
            raise RuntimeError(
                f'{name} must be set to use asymmetric cryptography algorithm "{self.algorithm}"'
            )
        return key

    @property
    def cookie_max_age(self) -> int | None:
        """Seconds for `set_cookie`; None for a cookie that ends with the browser's session."""
        return None if self.session_cookie else ONE_YEAR

    @property
    def exempt_methods(self) -> Iterable[str]:
        """Methods of requests that need no token."""
        return {"OPTIONS"}

    @property
    def json_encoder(self) -> type[JSONEncoder]:
        """Encodes claims that json does not know."""
        return get_json_encoder(current_app)


class _Bound(_Config):
    """Reads one mapping, found once, instead of looking for the current app at each option."""

    __slots__ = ("_options",)

    def __init__(self, options: Mapping[str, Any]) -> None:
        self._options = options


def bound(options: _Config) -> _Config:
    """The options of the current app for the length of one call.

    An object that was put in the place of `config` is left as it is.
    """
    return _Bound(current_options()) if type(options) is _Config else options


def current_options(known: _Config | None = None) -> Mapping[str, Any]:
    """The options of the manager that the call is about, see `flask_jwt_extended_rs.managers`.

    :param known: what `bound` gave in the same call, so that they need not be looked for again.
    """
    if type(known) is _Bound:
        return known._options
    # Past the proxy, whose attributes take several times as long.
    options: Mapping[str, Any] = current_app._get_current_object().config  # type: ignore[attr-defined]
    name = managers.current.get()
    return options if name is None else managers.options(options, name, DEFAULTS)


def _known() -> str:
    return ", ".join(f'"{location}"' for location in LOCATIONS)


_SHIPPED = [(name, value) for name, value in vars(_Config).items() if isinstance(value, property)]

config = _Config()
