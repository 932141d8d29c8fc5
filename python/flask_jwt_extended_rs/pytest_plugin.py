"""Fixtures for the tests of an application: tokens, headers and cookies that are ready to send.

The application makes them itself, with its own settings and loaders. It comes from the fixture
`app`, which pytest-flask users have already and which everybody else writes:

    @pytest.fixture
    def app():
        return create_app(testing=True)

    def test_profile(client, jwt_headers):
        assert client.get("/profile", headers=jwt_headers("ada", role="admin")).status_code == 200
"""

from __future__ import annotations

import inspect
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from flask_jwt_extended_rs import doctor

# pytest loads this module at every start, also for those who never use it: whatever takes time to
# import is imported where it is needed.
if TYPE_CHECKING:
    from flask import Flask
    from flask.testing import FlaskClient


class JwtTokens:
    """Makes tokens. What is not an argument here becomes a claim."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def access(
        self,
        identity: Any,
        *,
        fresh: bool | timedelta = False,
        expired: bool = False,
        manager: str | None = None,
        **claims: Any,
    ) -> str:
        """An access token, not fresh unless told so."""
        from flask_jwt_extended import create_access_token

        with inside(self.app, manager):
            lifetime = _past() if expired else None
            return create_access_token(identity, fresh, lifetime, additional_claims=claims)

    def refresh(
        self, identity: Any, *, expired: bool = False, manager: str | None = None, **claims: Any
    ) -> str:
        """A refresh token."""
        from flask_jwt_extended import create_refresh_token

        with inside(self.app, manager):
            lifetime = _past() if expired else None
            return create_refresh_token(identity, lifetime, additional_claims=claims)


class JwtHeaders:
    """Makes the headers that carry a token."""

    def __init__(self, tokens: JwtTokens) -> None:
        self.tokens = tokens

    def __call__(
        self,
        identity: Any,
        *,
        refresh: bool = False,
        manager: str | None = None,
        **arguments: Any,
    ) -> dict[str, str]:
        """Headers with a token for `identity`, made with the other arguments of `JwtTokens`."""
        from flask_jwt_extended.config import config

        make = self.tokens.refresh if refresh else self.tokens.access
        token = make(identity, manager=manager, **arguments)
        with inside(self.tokens.app, manager):
            return {config.header_name: f"{config.header_type} {token}".strip()}


class JwtCookies:
    """Puts tokens into a test client's cookies."""

    def __init__(self, tokens: JwtTokens) -> None:
        self.tokens = tokens

    def __call__(
        self,
        client: FlaskClient,
        identity: Any,
        *,
        refresh: bool = False,
        manager: str | None = None,
        **arguments: Any,
    ) -> dict[str, str]:
        """Gives `client` the cookies of a token, made with the other arguments of `JwtTokens`.

        Returns the headers that a request must have where the application asks for the CSRF value:

            client.post("/profile", headers=jwt_cookies(client, "ada"))
        """
        from flask_jwt_extended import decode_token
        from flask_jwt_extended.config import config

        app = self.tokens.app
        kind = "refresh" if refresh else "access"
        make = self.tokens.refresh if refresh else self.tokens.access
        token = make(identity, manager=manager, **arguments)
        headers = {}
        # Written out, since `set_access_cookies` takes no token that has expired.
        with inside(app, manager):
            if not config.jwt_in_cookies:
                # Not wrong: a route can ask for them itself.
                warnings.warn(
                    'JWT_TOKEN_LOCATION has no "cookies", so that only routes with '
                    'jwt_required(locations=["cookies"]) look at those of jwt_cookies',
                    stacklevel=2,
                )
            cookies = {f"{kind}_cookie": token}
            if config.cookie_csrf_protect:
                csrf = decode_token(token, allow_expired=True)["csrf"]
                headers[getattr(config, f"{kind}_csrf_header_name")] = csrf
                if config.csrf_in_cookies:
                    cookies[f"{kind}_csrf_cookie"] = csrf
            domain = config.cookie_domain or app.config["SERVER_NAME"] or "localhost"
            for cookie, value in cookies.items():
                name, path = (getattr(config, f"{cookie}_{what}") for what in ("name", "path"))
                _set_cookie(client, name, value, domain.lstrip(".").partition(":")[0], path)
        return headers


@pytest.fixture
def jwt_tokens(request: pytest.FixtureRequest) -> JwtTokens:
    """Makes tokens: `jwt_tokens.access("ada", fresh=True, role="admin")`, `jwt_tokens.refresh("ada")`."""
    return JwtTokens(_app(request))


@pytest.fixture
def jwt_headers(jwt_tokens: JwtTokens) -> JwtHeaders:
    """Makes headers: `jwt_headers("ada", expired=True, role="admin")`."""
    return JwtHeaders(jwt_tokens)


@pytest.fixture
def jwt_cookies(jwt_tokens: JwtTokens) -> JwtCookies:
    """Gives a client cookies and returns the CSRF headers: `jwt_cookies(client, "ada")`."""
    return JwtCookies(jwt_tokens)


def pytest_report_header() -> list[str]:
    """Says it where tests run, since nobody else notices that upstream has overwritten our files."""
    wrong = doctor.altered_files()
    return [f"{doctor.OURS}: {wrong[0].problem} Run `{doctor.COMMAND}`."] if wrong else []


@contextmanager
def inside(app: Flask, manager: str | None) -> Iterator[None]:
    """The application's context: the one that is open, since a database's session may hang on it."""
    from flask import current_app, has_app_context

    from flask_jwt_extended_rs import managers

    is_open = has_app_context() and current_app._get_current_object() is app  # type: ignore[attr-defined]
    with nullcontext() if is_open else app.app_context(), managers.using(manager):
        yield


def _app(request: pytest.FixtureRequest) -> Flask:
    from flask import Flask

    try:
        app = request.getfixturevalue("app")
    except pytest.FixtureLookupError as error:
        if error.argname != "app":
            raise
        app = None
        said = "there is none"
    else:
        said = f"it returns {type(app).__name__}"
    if not isinstance(app, Flask):
        pytest.fail(
            "jwt_tokens, jwt_headers and jwt_cookies need a fixture named `app` that returns your Flask "
            f"application, and {said}. Write one in conftest.py:\n\n"
            "    @pytest.fixture\n    def app():\n        return create_app()\n",
            pytrace=False,
        )
    return app


def _past() -> timedelta:
    """A lifetime that is over, however indulgent the application is."""
    from flask_jwt_extended.config import config

    leeway: Any = config.leeway
    return -timedelta(seconds=60) - (
        leeway if isinstance(leeway, timedelta) else timedelta(seconds=leeway)
    )


def _set_cookie(client: FlaskClient, name: str, value: str, domain: str, path: str) -> None:
    if "server_name" in inspect.signature(client.set_cookie).parameters:  # Werkzeug before 2.3
        client.set_cookie(domain, name, value, path=path)  # type: ignore[call-arg]
    else:
        client.set_cookie(name, value, domain=domain, path=path, origin_only=False)
