"""What the installed `flask_jwt_extended` answers to a case of recorded.json.

The recorder asks upstream with this, and a replay asks whatever stands in for it.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import flask_jwt_extended as library
from flask import Flask, make_response
from jwt import ExpiredSignatureError
from werkzeug.test import run_wsgi_app

from guarded_app import RecordingApp, build_app
from mint import CaseError, Uuids, base64_text, claims_of, create, frozen, segment_json
from wsgi import environ

COOKIE_CALLS = {
    "set_access_cookies",
    "set_refresh_cookies",
    "unset_jwt_cookies",
    "unset_access_cookies",
    "unset_refresh_cookies",
}


def answer(table: dict[str, Any], case: dict[str, Any], uuids: Uuids) -> dict[str, Any]:
    """The answer to a case of `table`, in which everything is filled in."""
    routes, override = {}, {}
    if "route" in case:
        routes = {case["route"]: table["routes"][case["route"]]}
    if "blocklist" in case:
        override = {"blocklist": case["blocklist"]}
    with frozen(case["now"]):
        app = build_app(table["configs"][case["config"]], routes, override)
        return ANSWERS[case["kind"]](app, case, uuids)


def request(app: RecordingApp, case: dict[str, Any], uuids: Uuids) -> dict[str, Any]:
    chunks, status, headers = run_wsgi_app(app, environ(case["request"]))
    body = b"".join(chunks)
    answer: dict[str, Any] = {"status": int(status.split()[0]), "json": None}
    if headers.get("Content-Type") == "application/json" and body:
        if strict_json(body.decode("ascii")):
            answer["json"] = json.loads(body)
        else:
            answer["body_base64"] = base64_text(body)
    cookies = [parse_cookie(line) for line in headers.getlist("Set-Cookie")]
    if cookies:
        answer["set_cookie"] = cookies
    answer["exception"] = type(app.seen).__name__ if app.seen else None
    # The answer to an expired token has a text of upstream's own.
    own_text = from_library(app.seen) or isinstance(app.seen, ExpiredSignatureError)
    answer["from"] = "upstream" if own_text else "parser"
    return answer


def encode(app: Flask, case: dict[str, Any], uuids: Uuids) -> dict[str, Any]:
    token, failure = attempt(lambda: create(app, copy.deepcopy(case["create"])))
    if failure:
        return failure
    # "b64": false leaves the payload out of the token.
    payload = segment_json(token, 1) if token.split(".")[1] else {}
    return {
        "token": token,
        "header": segment_json(token, 0),
        "payload": payload,
        "random_claims": sorted(
            name
            for name, value in payload.items()
            if isinstance(value, str) and value in uuids.made
        ),
    }


def decode(app: Flask, case: dict[str, Any], uuids: Uuids) -> dict[str, Any]:
    with app.app_context():
        claims, failure = attempt(lambda: library.decode_token(**case["decode"]))
    if failure:
        return failure
    if not strict_json(json.dumps(claims)):
        raise CaseError("claims that JSON cannot state")
    return {"claims": claims}


def cookies(app: Flask, case: dict[str, Any], uuids: Uuids) -> dict[str, Any]:
    if case["call"] not in COOKIE_CALLS:
        raise CaseError(f"unknown call {case['call']!r}")
    tokens = [case["token"]] if "token" in case else []
    with app.test_request_context():
        response = make_response("")
        call = getattr(library, case["call"])
        _, failure = attempt(lambda: call(response, *tokens, **case["arguments"]))
    if failure:
        return failure
    lines = response.headers.getlist("Set-Cookie")
    answer: dict[str, Any] = {"set_cookie": [parse_cookie(line) for line in lines]}
    if tokens:
        answer["csrf"] = claims_of(tokens[0]).get("csrf")
    return answer


ANSWERS: dict[str, Callable[[Any, dict[str, Any], Uuids], dict[str, Any]]] = {
    "request": request,
    "encode": encode,
    "decode": decode,
    "cookies": cookies,
}


def strict_json(text: str) -> bool:
    """Whether every JSON reader understands this text: no NaN, no halves of
    surrogate pairs, no nesting deeper than 64."""

    def depth(value: Any) -> int:
        inner = value.values() if isinstance(value, dict) else value
        if not isinstance(value, (dict, list)):
            return 0
        return 1 + max((depth(item) for item in inner), default=0)

    try:
        value = json.loads(text, parse_constant=lambda name: 1 / 0)
        json.dumps(value, ensure_ascii=False).encode("utf-8")
        return depth(value) <= 64
    except (ValueError, ZeroDivisionError, RecursionError):
        return False


def from_library(error: Exception | None) -> bool:
    return error is None or type(error).__module__.startswith("flask_jwt_extended")


def attempt(call: Callable[[], Any]) -> tuple[Any, dict[str, Any] | None]:
    """What a call returns, or how it fails."""
    try:
        return call(), None
    except CaseError:
        raise
    except Exception as error:  # noqa: BLE001 - every failure is an answer
        return None, {
            "exception": type(error).__name__,
            "text": str(error),
            "from": "upstream" if from_library(error) else "parser",
        }


def parse_cookie(line: str) -> dict[str, Any]:
    """A Set-Cookie line as name, value and attributes (true: no value)."""
    pair, *parts = line.split("; ")
    name, _, value = pair.partition("=")
    attributes: dict[str, Any] = {}
    for part in parts:
        key, equals, text = part.partition("=")
        attributes[key] = text if equals else True
    return {"name": name, "value": value, "attributes": attributes}
