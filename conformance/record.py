"""Record what Flask-JWT-Extended answers to the cases in cases/*.json.

    python conformance/record.py            write recorded.json
    python conformance/record.py --check    fail if recorded.json is out of date
    python conformance/record.py --show ID  print one case as it is recorded

The formats are described in README.md.
"""

from __future__ import annotations

import argparse
import copy
import difflib
import io
import json
import re
import sys
import warnings
from collections.abc import Callable
from importlib.metadata import version
from typing import Any
from unittest import mock
from urllib.parse import urlencode

import flask_jwt_extended as upstream
from flask import make_response
from jwt import ExpiredSignatureError
from werkzeug.test import run_wsgi_app

from guarded_app import GUARD, RecordingApp, build_app
from mint import (
    HERE,
    CaseError,
    Uuids,
    base64_text,
    claims_of,
    create,
    frozen,
    key_text,
    mint,
    only,
    repeatable_signatures,
    segment_json,
)

RECORDED = HERE / "recorded.json"
PACKAGES = ("flask-jwt-extended", "flask", "werkzeug", "pyjwt", "cryptography")
CASE = {"id", "kind", "config", "now", "tokens", "note"}
KINDS = {
    "request": {"route", "request", "blocklist"},
    "encode": {"create"},
    "decode": {"token", "csrf", "allow_expired"},
    "cookies": {"call", "token", "max_age", "domain"},
}
DEVIATION = {
    "status",
    "body",
    "fails",
    "config_may_be_refused",
    "adapter",
    "reason",
}
REQUEST = {
    "method",
    "query",
    "headers",
    "cookies",
    "json",
    "form",
    "body",
    "content_type",
}
COOKIE_CALLS = {
    "set_access_cookies",
    "set_refresh_cookies",
    "unset_jwt_cookies",
    "unset_access_cookies",
    "unset_refresh_cookies",
}


# --- the case files ----------------------------------------------------------


def load_cases() -> dict[str, Any]:
    """All the case files as one: configs, routes and cases by name."""
    all_: dict[str, Any] = {"configs": {}, "routes": {}, "cases": {}}
    for path in sorted((HERE / "cases").glob("*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        only(set(all_), content, path.name)
        for part in ("configs", "routes"):
            for name, value in content.get(part, {}).items():
                if name in all_[part]:
                    raise CaseError(f"{path.name}: a second {part} entry {name!r}")
                all_[part][name] = value
        for case in content.get("cases", []):
            if case["id"] in all_["cases"]:
                raise CaseError(f"{path.name}: a second case {case['id']!r}")
            only(CASE | KINDS[case["kind"]], case, case["id"])
            all_["cases"][case["id"]] = {**case, "file": path.stem}
    for name, guard in all_["routes"].items():
        only(GUARD, guard, f"route {name}")
    return all_


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


# --- one case ----------------------------------------------------------------


class Case:
    """One row of a case file, resolved and run."""

    def __init__(self, row: dict[str, Any], table: dict[str, Any]) -> None:
        self.row = row
        self.table = table
        self.uuids = Uuids(row["id"])
        self.now = row.get("now", 1700000000)
        self.tokens: dict[str, str] = {}
        self.claims: dict[str, dict[str, Any]] = {}

    def app(self, name: str, **override: Any) -> tuple[RecordingApp, dict[str, Any]]:
        config = self.table["configs"][name]
        routes = {}
        if "route" in self.row:
            routes = {self.row["route"]: self.table["routes"][self.row["route"]]}
        app = build_app(config, routes, override)
        return app, {key: key_text(value) for key, value in config.items()}

    def fill(self, value: Any) -> Any:
        """`value` with every ${token}, ${token.csrf}, ${token.jti} filled in."""
        if isinstance(value, dict):
            return {self.fill(key): self.fill(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self.fill(item) for item in value]
        if not isinstance(value, str):
            return value

        def text_of(match: re.Match[str]) -> str:
            name, claim = match.groups()
            return str(self.claims[name][claim]) if claim else self.tokens[name]

        return re.sub(r"\$\{(\w+)(?:\.(csrf|jti))?\}", text_of, value)

    def record(self) -> dict[str, Any]:
        row = self.row
        with mock.patch("uuid.uuid4", self.uuids):
            for name, recipe in row.get("tokens", {}).items():
                self.tokens[name], self.claims[name] = mint(
                    recipe, self.app, row["config"], self.now
                )
            out = {"file": row["file"], "kind": row["kind"], "config": row["config"]}
            out["now"] = self.now
            if "note" in row:
                out["note"] = row["note"]
            # A very long token is only written where it is used.
            short = {n: t for n, t in self.tokens.items() if len(t) < 4096}
            if short:
                out["tokens"] = short
            with frozen(self.now):
                getattr(self, row["kind"])(out)
        return out

    # kind "request"

    def message(self) -> dict[str, Any]:
        """The request exactly as it is to be sent."""
        spec = self.fill(self.row.get("request", {}))
        only(REQUEST, spec, self.row["id"])
        path = f"/{self.row['route']}"
        query = spec.get("query", "")
        if query:
            path += "?" + (query if isinstance(query, str) else urlencode(query))
        headers = list(spec.get("headers", []))
        cookies = spec.get("cookies", {})
        if cookies:
            pairs = cookies.items() if isinstance(cookies, dict) else cookies
            value = "; ".join(f"{name}={value}" for name, value in pairs)
            headers.append(["Cookie", value])
        body, content_type = spec.get("body"), None
        if "json" in spec:
            body, content_type = json.dumps(spec["json"]), "application/json"
        elif "form" in spec:
            body = urlencode(spec["form"])
            content_type = "application/x-www-form-urlencoded"
        content_type = spec.get("content_type", content_type)
        if content_type is not None:
            headers.append(["Content-Type", content_type])
        method = spec.get("method", "GET")
        return {"method": method, "path": path, "headers": headers, "body": body}

    def request(self, out: dict[str, Any]) -> None:
        out["route"] = self.row["route"]
        override = {}
        if "blocklist" in self.row:
            override["blocklist"] = out["blocklist"] = self.fill(self.row["blocklist"])
        out["request"] = self.message()
        app, _ = self.app(self.row["config"], **override)
        chunks, status, headers = run_wsgi_app(app, environ(out["request"]))
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
        # Upstream answers an expired token with a text of its own.
        by_upstream = from_upstream(app.seen) or isinstance(
            app.seen, ExpiredSignatureError
        )
        answer["from"] = "upstream" if by_upstream else "parser"
        out["answer"] = answer

    # kind "encode"

    def encode(self, out: dict[str, Any]) -> None:
        app, _ = self.app(self.row["config"])
        out["create"] = self.row["create"]
        token, failure = attempt(lambda: create(app, copy.deepcopy(out["create"])))
        if failure:
            out["answer"] = failure
            return
        # "b64": false leaves the payload out of the token.
        payload = segment_json(token, 1) if token.split(".")[1] else {}
        out["answer"] = {
            "token": token,
            "header": segment_json(token, 0),
            "payload": payload,
            "random_claims": sorted(
                name
                for name, value in payload.items()
                if isinstance(value, str) and value in self.uuids.made
            ),
        }

    # kind "decode"

    def decode(self, out: dict[str, Any]) -> None:
        app, _ = self.app(self.row["config"])
        arguments = {
            "encoded_token": self.fill(self.row["token"]),
            "csrf_value": self.fill(self.row.get("csrf")),
            "allow_expired": self.row.get("allow_expired", False),
        }
        out["decode"] = arguments
        with app.app_context():
            claims, failure = attempt(lambda: upstream.decode_token(**arguments))
        if failure:
            out["answer"] = failure
            return
        if not strict_json(json.dumps(claims)):
            raise CaseError(f"{self.row['id']}: claims that JSON cannot state")
        out["answer"] = {"claims": claims}

    # kind "cookies"

    def cookies(self, out: dict[str, Any]) -> None:
        app, _ = self.app(self.row["config"])
        call = self.row["call"]
        if call not in COOKIE_CALLS:
            raise CaseError(f"{self.row['id']}: unknown call {call!r}")
        arguments = {k: self.row[k] for k in ("max_age", "domain") if k in self.row}
        out.update(call=call, arguments=arguments)
        tokens = []
        if "token" in self.row:
            tokens = [self.fill(self.row["token"])]
            out["token"] = tokens[0]
        with app.test_request_context():
            response = make_response("")
            set_them = getattr(upstream, call)
            _, failure = attempt(lambda: set_them(response, *tokens, **arguments))
        if failure:
            out["answer"] = failure
            return
        lines = response.headers.getlist("Set-Cookie")
        out["answer"] = {"set_cookie": [parse_cookie(line) for line in lines]}
        if "token" in self.row:
            out["answer"]["csrf"] = claims_of(tokens[0]).get("csrf")


def from_upstream(error: Exception | None) -> bool:
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
            "from": "upstream" if from_upstream(error) else "parser",
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


def environ(message: dict[str, Any]) -> dict[str, Any]:
    """The WSGI environment of a request, as a server would hand it over."""
    path, _, query = message["path"].partition("?")
    body = (message["body"] or "").encode("utf-8")
    env: dict[str, Any] = {
        "REQUEST_METHOD": message["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in message["headers"]:
        key = name.upper().replace("-", "_")
        if key != "CONTENT_TYPE":
            key = f"HTTP_{key}"
        # Header bytes: UTF-8, or one byte a character for {"latin1": text}.
        if isinstance(value, dict):
            text = value["latin1"]
        else:
            text = value.encode("utf-8").decode("latin-1")
        # Repeated lines arrive as one, joined by commas.
        env[key] = f"{env[key]},{text}" if key in env else text
    return env


# --- the command -------------------------------------------------------------


def record() -> dict[str, Any]:
    repeatable_signatures()
    table = load_cases()
    cases = {name: Case(row, table).record() for name, row in table["cases"].items()}
    return {
        "versions": {name: version(name) for name in PACKAGES},
        "configs": table["configs"],
        "routes": table["routes"],
        "cases": cases,
    }


def text_of(recorded: Any) -> str:
    return json.dumps(recorded, indent=1, sort_keys=True, allow_nan=False) + "\n"


def deviation_mistakes(recorded: dict[str, Any]) -> list[str]:
    """What deviations.json and the recording do not agree about."""
    deviations = json.loads((HERE / "deviations.json").read_text(encoding="utf-8"))
    for name, deviation in deviations.items():
        only(DEVIATION, deviation, f"deviations.json: {name}")
    mistakes = [
        f"deviations.json: there is no case {name!r}"
        for name in sorted(set(deviations) - set(recorded["cases"]))
    ]
    for name, case in recorded["cases"].items():
        if case["answer"].get("status") == 500 and name not in deviations:
            mistakes.append(f"deviations.json: {name!r} crashes upstream, not listed")
    return mistakes


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--show", metavar="ID")
    options = parser.parse_args()
    warnings.simplefilter("ignore")  # short keys and large cookies, on purpose
    recorded = record()
    if options.show:
        print(text_of(recorded["cases"][options.show]), end="")
        return 0
    mistakes = deviation_mistakes(recorded)
    text = text_of(recorded)
    if options.check:
        before = RECORDED.read_text(encoding="utf-8")
        if before != text:
            lines = difflib.unified_diff(
                before.splitlines(), text.splitlines(), "recorded.json", "now", n=6
            )
            mistakes += [line[:200] for line in lines]
    else:
        RECORDED.write_text(text, encoding="utf-8")
        print(f"{len(recorded['cases'])} cases recorded")
    print("\n".join(mistakes), end="\n" if mistakes else "", file=sys.stderr)
    return 1 if mistakes else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except CaseError as mistake:
        sys.exit(f"error: {mistake}")
