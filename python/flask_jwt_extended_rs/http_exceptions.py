"""Refusals that are HTTPExceptions with their answer in them, for JWT_HTTP_EXCEPTIONS.

flask-restful and flask-restx answer 500 to any exception that is none, unless PROPAGATE_EXCEPTIONS
is set, and never ask the handlers of the app. Of an HTTPException they take the answer. StoreUnavailable
is one without the option, since the original has no such refusal that could be expected to be another.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from flask import Flask, current_app
from werkzeug.exceptions import HTTPException


def convert(error: Exception) -> None:
    """Makes `error` an HTTPException, without being less of what it is.

    Its answer is that of the app's handler for it. An error without a handler stays as it is.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    # The class's method: those frameworks put others over that of the app.
    answer: Any = type(app).handle_user_exception(app, error)
    response = current_app.make_response(answer)
    # It stays the object that others may hold already, and is caught as what it was, too.
    kind: Any = type(error)
    error.__class__ = _http_class(kind)
    error.response = response  # type: ignore[attr-defined]
    error.description = _sentence(error)  # type: ignore[attr-defined]
    if response.is_json:
        # What flask-restx sends instead of the body of the response.
        error.data = response.get_json()  # type: ignore[attr-defined]


def handler_for(target: Any, handler: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """The handler in the form that `target` can use: an Api of flask-restx wants data, not responses."""
    frameworks = {cls.__module__.partition(".")[0] for cls in type(target).__mro__}
    if frameworks.isdisjoint(("flask_restx", "flask_restplus")):
        return handler

    def answer(error: Exception) -> tuple[Any, int, Any]:
        # It has its answer already where it is an HTTPException.
        response = getattr(error, "response", None) or current_app.make_response(handler(error))
        message = {"message": _sentence(error)}
        data = response.get_json() if response.is_json else message
        if current_app.config.get("ERROR_INCLUDE_MESSAGE", True):
            # Or flask-restx adds the text of the exception.
            data = message | data
        return data, response.status_code, response.headers

    return answer


def _sentence(error: Exception) -> str:
    """What clients may read. The text of some is for logs alone."""
    return getattr(error, "description", None) or str(error)


@lru_cache
def _http_class(kind: Any) -> Any:
    # Without a code, it is one that only hands on its response.
    members = {"code": None, "__str__": Exception.__str__, "__module__": kind.__module__}
    return type(kind.__name__, (kind, HTTPException), members)
