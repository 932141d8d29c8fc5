"""Several managers in one app, each with keys, options, cookies and callbacks of its own.

The app's main manager has no name. A named one is made with `JWTManager(app, name="partner")`, takes
its options from `app.config["JWT_MANAGERS"]["partner"]`, and is meant by `manager="partner"`. Its
tokens carry the name in the claim `mgr`, and no other manager accepts them.

While a call is about a named manager, its name is in `current`: `get_jwt_manager` and the options
look there, so that everything that builds on these two need not know of names.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from contextvars import ContextVar
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from flask import current_app

if TYPE_CHECKING:
    from flask import Flask

    from flask_jwt_extended.jwt_manager import JWTManager

CLAIM = "mgr"
EXTENSION = "flask-jwt-extended-rs"

current: ContextVar[str | None] = ContextVar("flask_jwt_extended_manager", default=None)

# What two managers must not share in one browser, unless somebody names it.
_COOKIES = (
    "JWT_ACCESS_COOKIE_NAME",
    "JWT_REFRESH_COOKIE_NAME",
    "JWT_ACCESS_CSRF_COOKIE_NAME",
    "JWT_REFRESH_CSRF_COOKIE_NAME",
)


def using(name: str | None) -> AbstractContextManager[None]:
    """Whatever is called inside is about the manager `name`; what is raised knows it, too.

    None: about the one that it is about already.
    """
    return _UNCHANGED if name is None else _Using(name)


def register(app: Flask, manager: JWTManager, name: str, defaults: Mapping[str, Any]) -> None:
    """Makes a named manager known to its app."""
    app.extensions.setdefault(EXTENSION, {})[name] = manager
    own = app.config.get("JWT_MANAGERS", {}).get(name, {})
    for option in own.keys() - defaults.keys():
        near = get_close_matches(option, defaults, n=1)
        meant = f"; did you mean {near[0]}?" if near else ""
        warnings.warn(f'JWT_MANAGERS["{name}"]: {option} is not an option{meant}', stacklevel=4)


def find(app: Flask, name: str) -> JWTManager:
    """The manager of this name. RuntimeError: the app has none."""
    named: dict[str, JWTManager] = app.extensions.get(EXTENSION, {})
    if name not in named:
        known = ", ".join(map(repr, named)) or "none"
        raise RuntimeError(
            f"This app has no manager of the name {name!r} (named ones: {known}). "
            f"Make it with JWTManager(app, name={name!r})."
        )
    return named[name]


def is_meant(name: str | None, claims: Mapping[str, Any]) -> bool:
    """Whether a token is for the manager of this name."""
    return (CLAIM in claims) is (name is not None) and claims.get(CLAIM) == name


def of_claims(claims: Mapping[str, Any]) -> str | None:
    """The name of the app's manager that a verified token is for; None: its main one's."""
    name = claims[CLAIM]
    return name if name in current_app.extensions.get(EXTENSION, {}) else None


def concerned(error: Exception, asked: JWTManager) -> JWTManager:
    """The manager that is to answer `error`, where `asked` is told of it."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    # An answer can be wanted while the call that was refused still runs.
    name = getattr(error, "jwt_manager", None) or current.get()
    if name is not None:
        return find(app, name)
    if asked.name is None:
        return asked
    # It was not about a named one.
    main: JWTManager = app.extensions.get("flask-jwt-extended", asked)
    return main


def options(config: Mapping[str, Any], name: str, defaults: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a named manager: its own and the defaults, and nothing of the app's main one."""
    own = config.get("JWT_MANAGERS", {}).get(name)
    if own is None:
        raise RuntimeError(
            f'The manager "{name}" has no options: set app.config["JWT_MANAGERS"]["{name}"] to a dict '
            f"that has at least its key, JWT_SECRET_KEY."
        )
    merged = {**defaults, "SECRET_KEY": None, **own}
    for option in _COOKIES:
        if merged[option] == defaults[option]:
            merged[option] = f"{name}_{defaults[option]}"
    return merged


def checked_name(name: str) -> str:
    """`name`. ValueError: it cannot be part of a cookie's name."""
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        raise ValueError(f"A manager's name is made of letters, digits, - and _, and not {name!r}")
    return name


class _Using:
    __slots__ = ("_before", "_name")

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._before = current.set(self._name)

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        current.reset(self._before)
        if error is not None and not hasattr(error, "jwt_manager"):
            error.jwt_manager = self._name  # type: ignore[attr-defined]


_UNCHANGED = nullcontext()
