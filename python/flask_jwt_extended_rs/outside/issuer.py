"""What is said of an issuer before anything is fetched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import KW_ONLY, dataclass
from datetime import timedelta
from threading import TIMEOUT_MAX
from typing import Any, Generic, TypeVar
from urllib.parse import urlsplit

from flask_jwt_extended.exceptions import StoreUnavailable
from flask_jwt_extended_rs._engine import OutsideKeys

Seconds = float | timedelta
Given = TypeVar("Given")
Held = TypeVar("Held")


class IssuerUnavailable(StoreUnavailable):
    """An issuer's keys could not be had, so that nobody knows whether its tokens are good.

    Its text is for logs, not for clients.
    """


class _Parsed(Generic[Given, Held]):
    """A setting that is read when it is set, so that what cannot be used is known at once."""

    def __init__(self, parse: Callable[[str, Given], Held], default: Given) -> None:
        self._parse = parse
        self._default = default

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    def __get__(self, issuer: Any, _: type | None = None) -> Held:
        if issuer is None:
            return self._parse(self._name, self._default)
        held: Held = issuer.__dict__[self._name]
        return held

    def __set__(self, issuer: Any, value: Given) -> None:
        issuer.__dict__[self._name] = self._parse(self._name, value)


def _seconds(name: str, value: Seconds) -> float:
    if isinstance(value, timedelta):
        value = value.total_seconds()
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"{name} is in seconds, or a timedelta, and not {value!r}")
    if not 0 <= value <= TIMEOUT_MAX:
        raise ValueError(f"{name} cannot be {value!r} seconds")
    return float(value)


def _two_times(name: str, value: Sequence[Seconds]) -> tuple[float, float]:
    if not isinstance(value, (tuple, list)) or len(value) != 2:
        raise TypeError(f"{name} is two times, the shortest and the longest, and not {value!r}")
    return _seconds(name, value[0]), _seconds(name, value[1])


@dataclass(frozen=True)
class Issuer:
    """An outside issuer: who it is, where its keys are, and what its tokens must be to be taken.

    :param name: the issuer as it stands in the claim `iss` of its tokens, to the letter.
    :param audience: what it calls this API in the claim `aud`; one of them is enough. Not the client's
        id, which is the audience of ID tokens: they tell a client who has logged in, and are no permission
        to call an API.
    :param jwks_url: where its keys are. None: its metadata say it (OpenID Connect Discovery 1.0).
    :param metadata_url: where these are. None: at `/.well-known/openid-configuration` below the name.
    :param algorithms: of which one must have signed. None: those that each key is for by its own kind.
        Symmetric ones are no choice.
    :param token_type: the `typ` that a header must have: `at+jwt` for access tokens by RFC 9068. None: this
        one, `JWT`, or none at all.
    :param keep_keys: the shortest and the longest time, in seconds, that keys are kept without asking again.
        Between them, it is what the issuer's `Cache-Control` says.
    :param keep_stale_keys: for how many seconds more they serve while the issuer does not answer.
    :param cool_down: how many seconds lie between two searches for keys that are not known.
    :param retry_after: how many seconds an issuer is left alone that has not answered.
    :param timeout: how many seconds a request waits for keys, at most.
    :param ca_certs: a file with the certificates of authorities to trust, instead of the usual ones.
    :param insecure_http: whether keys may come without TLS. Whoever is on the way can then put in keys of
        his own, and make any token: for tests, and for an issuer on the same machine.

    Times are seconds or a `timedelta`.
    """

    name: str
    audience: str | Sequence[str]
    _: KW_ONLY
    jwks_url: str | None = None
    metadata_url: str | None = None
    algorithms: Sequence[str] | None = None
    token_type: str | None = None
    keep_keys: _Parsed[Sequence[Seconds], tuple[float, float]] = _Parsed(_two_times, (60, 3600))
    keep_stale_keys: _Parsed[Seconds, float] = _Parsed(_seconds, 3600)
    cool_down: _Parsed[Seconds, float] = _Parsed(_seconds, 30)
    retry_after: _Parsed[Seconds, float] = _Parsed(_seconds, 5)
    timeout: _Parsed[Seconds, float] = _Parsed(_seconds, 5)
    ca_certs: str | None = None
    insecure_http: bool = False

    def __post_init__(self) -> None:
        if not self.name:
            raise ValueError("An issuer needs a name: what its tokens have in the claim iss")
        if not self._audiences or not all(self._audiences):
            raise ValueError(
                f"The issuer {self.name!r} needs an audience: what its tokens have in the claim aud for "
                f"this service. A token for any other service must not be good here"
            )
        shortest, longest = self.keep_keys
        if not shortest <= longest or longest == 0 or self.timeout <= 0:
            raise ValueError(f"The issuer {self.name!r} has times in which nothing can be done")
        self.checked_url(self.jwks_url or self.metadata_address)
        # What is wrong with the rest, the engine knows.
        self.keys_of('{"keys": []}', may_be_empty=True)

    @property
    def _audiences(self) -> tuple[str, ...]:
        return (self.audience,) if isinstance(self.audience, str) else tuple(self.audience)

    @property
    def metadata_address(self) -> str:
        # OpenID Connect Discovery 1.0, 4: a slash at the end of the name is left out.
        below = self.name.removesuffix("/")
        return self.metadata_url or f"{below}/.well-known/openid-configuration"

    def checked_url(self, url: str) -> str:
        """`url`. ValueError: it may not be asked."""
        scheme = urlsplit(url).scheme
        if scheme != "https" and not (scheme == "http" and self.insecure_http):
            raise ValueError(
                f"{url!r} is no https address: whoever is on the way could put in keys of his own (for "
                f"tests there is insecure_http=True)"
            )
        return url

    def keys_of(self, jwks: str, *, may_be_empty: bool = False) -> OutsideKeys:
        """The keys of a JWK Set, for this issuer's tokens. ValueError: none of them can be used."""
        return OutsideKeys(
            jwks,
            issuer=self.name,
            audiences=self._audiences,
            algorithms=self.algorithms,
            token_type=self.token_type,
            may_be_empty=may_be_empty,
        )
