"""The cookies that are set and deleted: names, paths, flags and lifetimes, by option and argument."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from apps import access, make_app, refresh
from flask_jwt_extended import (
    decode_token,
    get_csrf_token,
    set_access_cookies,
    set_refresh_cookies,
    unset_access_cookies,
    unset_jwt_cookies,
    unset_refresh_cookies,
)

SETTERS = {"access": (set_access_cookies, access), "refresh": (set_refresh_cookies, refresh)}


@pytest.fixture
def app() -> Flask:
    return make_app(TOKEN_LOCATION="cookies")


def lines(app: Flask, act: Any) -> list[str]:
    """The `Set-Cookie` lines of a response after `act`."""
    with app.test_request_context():
        response = app.make_response("")
        act(response)
    return response.headers.getlist("Set-Cookie")


@pytest.mark.parametrize("kind", SETTERS)
def test_setting(app: Flask, kind: str) -> None:
    setter, make = SETTERS[kind]
    token = make(app)
    with app.test_request_context():
        csrf = get_csrf_token(token)
    assert lines(app, lambda response: setter(response, token)) == [
        f"{kind}_token_cookie={token}; HttpOnly; Path=/",
        f"csrf_{kind}_token={csrf}; Path=/",
    ]


@pytest.mark.parametrize("kind", SETTERS)
def test_options(app: Flask, kind: str) -> None:
    setter, make = SETTERS[kind]
    name = kind.upper()
    app.config.update(
        {
            f"JWT_{name}_COOKIE_NAME": "t",
            f"JWT_{name}_COOKIE_PATH": "/t",
            f"JWT_{name}_CSRF_COOKIE_NAME": "c",
            f"JWT_{name}_CSRF_COOKIE_PATH": "/c",
        },
        JWT_COOKIE_SECURE=True,
        JWT_COOKIE_SAMESITE="Lax",
        JWT_COOKIE_DOMAIN="example.org",
        JWT_SESSION_COOKIE=False,
    )
    token = make(app)
    first, second = lines(app, lambda response: setter(response, token))
    for line, start, path in ((first, f"t={token};", "/t"), (second, "c=", "/c")):
        assert line.startswith(start)
        assert {"Secure", "SameSite=Lax", "Domain=example.org", f"Path={path}"} <= set(
            line.split("; ")
        )
        assert "Max-Age=31540000" in line
    assert (
        lines(app, lambda response: setter(response, token, 60, "other.org"))[0].count("Max-Age=60")
        == 1
    )
    assert (
        "Domain=other.org"
        in lines(app, lambda response: setter(response, token, domain="other.org"))[1]
    )

    for option in ("JWT_CSRF_IN_COOKIES", "JWT_COOKIE_CSRF_PROTECT"):
        app.config[option] = False
        assert len(lines(app, lambda response: setter(response, token))) == 1
        app.config[option] = True


def test_deleting(app: Flask) -> None:
    past = "Expires=Thu, 01 Jan 1970 00:00:00 GMT"
    expected = [
        f"{name}=; {past}; {flags}Path=/"
        for name, flags in (
            ("access_token_cookie", "HttpOnly; "),
            ("csrf_access_token", ""),
            ("refresh_token_cookie", "HttpOnly; "),
            ("csrf_refresh_token", ""),
        )
    ]
    assert lines(app, unset_jwt_cookies) == expected
    assert lines(app, unset_access_cookies) == expected[:2]
    assert lines(app, unset_refresh_cookies) == expected[2:]
    app.config["JWT_COOKIE_CSRF_PROTECT"] = False
    assert lines(app, unset_jwt_cookies) == expected[::2]
    app.config["JWT_COOKIE_DOMAIN"] = "example.org"
    assert all("Domain=example.org" in line for line in lines(app, unset_jwt_cookies))
    assert "Domain=other.org" in lines(app, lambda r: unset_jwt_cookies(r, "other.org"))[0]


def test_a_token_without_a_double_submit_value(app: Flask) -> None:
    app.config["JWT_COOKIE_CSRF_PROTECT"] = False
    token = access(app)
    app.config["JWT_COOKIE_CSRF_PROTECT"] = True
    with app.test_request_context():
        assert "csrf" not in decode_token(token)
        with pytest.raises(KeyError, match="csrf"):
            get_csrf_token(token)
