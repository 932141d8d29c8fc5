"""Answer scenarios with whichever `flask_jwt_extended` is installed.

Reads one scenario a line from the standard input and writes its answers as one line, both JSON.
`run.py` starts this file in two environments and compares.
"""

from __future__ import annotations

import datetime
import decimal
import enum
import json
import logging
import re
import sys
import uuid
import warnings
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any
from unittest import mock

import jwt
import time_machine
from cryptography.hazmat.primitives.serialization import (
    load_pem_private_key,
    load_pem_public_key,
)
from flask import Flask, current_app, g, jsonify, make_response, request
from flask.json.provider import DefaultJSONProvider
from werkzeug.test import run_wsgi_app

import flask_jwt_extended as fjx
from flask_jwt_extended import tokens as fjx_tokens
from flask_jwt_extended.exceptions import NoAuthorizationError
from wsgi import environ

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# A quarter of a microsecond, which keeps rounding from ending up a microsecond early.
ROUNDING = 2.5e-7
ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b")
RANDOM = re.compile(r'"(jti|csrf)":"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-\w{12}"')


class Role(str, enum.Enum):
    ADMIN = "admin"


class Text(str):
    """A text of a class of its own, as some libraries hand out."""


class SetsProvider(DefaultJSONProvider):
    """An application's own JSON: sets become sorted lists."""

    @staticmethod
    def default(o: Any) -> Any:
        if isinstance(o, (set, frozenset)):
            return sorted(o)
        return DefaultJSONProvider.default(o)


# What a scenario cannot say in JSON: {"$name": argument}.
MADE: dict[str, Callable[[Any], Any]] = {
    "$bytes": lambda text: text.encode("latin-1"),
    "$date": datetime.date.fromtimestamp,
    "$datetime": lambda s: datetime.datetime.fromtimestamp(s, datetime.timezone.utc),
    "$decimal": decimal.Decimal,
    "$naive": lambda s: datetime.datetime.fromtimestamp(s, datetime.timezone.utc).replace(
        tzinfo=None
    ),
    "$object": lambda name: object,
    "$pairs": dict,
    "$private": lambda pem: load_pem_private_key(pem.encode(), None),
    "$public": lambda pem: load_pem_public_key(pem.encode()),
    "$role": Role,
    "$set": set,
    "$text": Text,
    "$timedelta": lambda seconds: datetime.timedelta(seconds=seconds),
    "$tuple": tuple,
    "$uuid": uuid.UUID,
}
RAISED = {
    "KeyError": KeyError("missing"),
    "RuntimeError": RuntimeError("broken"),
    "InvalidTokenError": jwt.InvalidTokenError("refused by the application"),
    "NoAuthorizationError": NoAuthorizationError("nothing here, says the application"),
}


def made(value: Any) -> Any:
    """`value` with what JSON cannot say put in."""
    if isinstance(value, list):
        return [made(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (name := next(iter(value))) in MADE:
        return MADE[name](made(value[name]))
    return {key: made(item) for key, item in value.items()}


def told(value: Any) -> str:
    """A value as a text that shows types and order."""
    return json.dumps(value, default=repr)


def failure(error: BaseException) -> str:
    kind = type(error)
    text = f"{kind.__module__}.{kind.__qualname__}: {ADDRESS.sub('0x', str(error))}"
    for name in ("jwt_header", "jwt_data"):
        if hasattr(error, name):
            text += f" {name}={told(getattr(error, name))}"
    return text


class Uuids:
    """Stands in for uuid.uuid4: the same sequence in both environments."""

    def __init__(self) -> None:
        self.count = 0

    def __call__(self) -> uuid.UUID:
        self.count += 1
        return uuid.UUID(int=self.count, version=4)


# --- the application ----------------------------------------------------------------------------


class Scenario:
    """An application, and what is asked of it in turn."""

    def __init__(self, scenario: dict[str, Any], clock: time_machine.Traveller) -> None:
        self.clock = clock
        self.calls: list[Any] = []
        self.seen: BaseException | None = None
        self.state: dict[str, Any] = {}
        scenario_self = self

        class App(Flask):
            def handle_user_exception(self, e: Exception) -> Any:
                scenario_self.seen = scenario_self.seen or e
                return super().handle_user_exception(e)

        if scenario.get("provider"):
            App.json_provider_class = SetsProvider
        self.app = App("differential")
        self.app.config.update(made(scenario["config"]), PROPAGATE_EXCEPTIONS=False)
        self.manager = fjx.JWTManager(self.app)
        for name, loader in scenario["loaders"].items():
            self.install(name, made(loader))
        for index, guard in enumerate(scenario["guards"]):
            self.route(f"/{index}", made(guard))
        self.app.after_request(self.remember)

    def remember(self, response: Any) -> Any:
        self.state = {name: getattr(g, name) for name in g if name.startswith("_jwt")}
        return response

    def route(self, path: str, guard: dict[str, Any]) -> None:
        called = guard.pop("called", False)

        def view() -> Any:
            result = fjx.verify_jwt_in_request(**guard) if called else None
            answer: dict[str, Any] = {"result": result}
            for name in ("identity", "claims", "header", "location", "user"):
                try:
                    answer[name] = GETTERS[name]()
                except RuntimeError as error:
                    answer[name] = failure(error)
            return current_app.response_class(told(answer), mimetype="application/json")

        self.app.add_url_rule(
            path,
            endpoint=path,
            view_func=view if called else fjx.jwt_required(**guard)(view),
            methods=METHODS,
            provide_automatic_options=False,
        )

    def install(self, name: str, loader: dict[str, Any]) -> None:
        """One loader of the manager. What it is called with is part of the answer."""

        def callback(*arguments: Any) -> Any:
            self.calls.append([name, told(arguments)])
            if "raises" in loader:
                raise RAISED[loader["raises"]]
            if "status" in loader:
                return jsonify(by=name, about=[told(a) for a in arguments]), loader["status"]
            return BEHAVIOUR[name](loader, *arguments)

        getattr(self.manager, f"{name}_loader")(callback)

    def answer(self, step: dict[str, Any]) -> dict[str, Any]:
        self.calls, self.seen, self.state = [], None, {}
        answer: dict[str, Any] = {}
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                answer["got"] = getattr(self, step["do"])(step)
        except Exception as error:
            answer["failed"] = failure(error)
        if self.seen:
            answer["exception"] = failure(self.seen)
        if self.calls:
            answer["calls"] = self.calls
        if self.state:
            answer["g"] = told(self.state)
        return answer

    # --- steps ----------------------------------------------------------------------------------

    def request(self, step: dict[str, Any]) -> dict[str, Any]:
        chunks, status, headers = run_wsgi_app(self.app, environ(step["request"]))
        return {
            "status": int(status.split()[0]),
            "body": b"".join(chunks).decode("utf-8", "backslashreplace"),
            "headers": sorted([k, v] for k, v in headers if k != "Content-Length"),
        }

    def create(self, step: dict[str, Any]) -> dict[str, Any]:
        call = getattr(fjx, step["call"])
        with self.app.app_context():
            token = call(**made(step["arguments"]))
        header, payload, signature = token.split(".")
        texts = [jwt.utils.base64url_decode(part).decode() for part in (header, payload)]
        return {
            "header": texts[0],
            "payload": RANDOM.sub(r'"\1":"random"', texts[1]),
            "signature": len(signature),
            "token": token,
        }

    def decode(self, step: dict[str, Any]) -> str:
        call = getattr(fjx, step.get("call", "decode_token"))
        with self.app.app_context():
            return told(call(made(step["token"]), **step.get("arguments", {})))

    def cookies(self, step: dict[str, Any]) -> list[str]:
        with self.app.test_request_context():
            response = make_response("")
            getattr(fjx, step["call"])(response, *step["tokens"], **step["arguments"])
        return response.headers.getlist("Set-Cookie")

    def set(self, step: dict[str, Any]) -> None:
        self.app.config[step["option"]] = made(step["value"])

    def travel(self, step: dict[str, Any]) -> None:
        self.clock.move_to(step["now"] + ROUNDING)

    def option(self, step: dict[str, Any]) -> str:
        """Reading the configuration may change it, as for the list of algorithms."""
        return told(self.app.config[step["option"]])


GETTERS: dict[str, Callable[[], Any]] = {
    "identity": fjx.get_jwt_identity,
    "claims": fjx.get_jwt,
    "header": fjx.get_jwt_header,
    "location": fjx.get_jwt_request_location,
    "user": lambda: [fjx.get_current_user(), bool(fjx.current_user), request.method],
}


def user(loader: dict[str, Any], header: Any, claims: Any) -> Any:
    identity = claims[current_app.config["JWT_IDENTITY_CLAIM"]]
    return {"user": identity} if identity in loader["known"] else None


BEHAVIOUR: dict[str, Callable[..., Any]] = {
    "token_in_blocklist": lambda loader, header, claims: claims["jti"] in loader["revoked"],
    "user_lookup": user,
    "token_verification": lambda loader, header, claims: loader["returns"],
    "additional_claims": lambda loader, identity: dict(loader["adds"]),
    "additional_headers": lambda loader, identity: dict(loader["adds"]),
    "user_identity": lambda loader, identity: (
        identity[loader["key"]] if "key" in loader else str(identity)
    ),
    "decode_key": lambda loader, header, claims: loader["by_kid"].get(
        str(header.get("kid")), loader["key"]
    ),
    "encode_key": lambda loader, identity: loader["key"],
}


def answers(scenario: dict[str, Any]) -> list[dict[str, Any]]:
    with ExitStack() as stack:
        travel = time_machine.travel(scenario["now"] + ROUNDING, tick=False)
        clock = stack.enter_context(travel)
        if scenario.get("uuids"):
            stack.enter_context(mock.patch.object(fjx_tokens.uuid, "uuid4", Uuids()))
        subject = Scenario(scenario, clock)
        return [subject.answer(step) for step in scenario["steps"]]


def main() -> None:
    warnings.simplefilter("ignore")
    logging.disable()
    for line in sys.stdin:
        print(json.dumps(answers(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
