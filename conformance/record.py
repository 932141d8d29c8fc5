"""Record what Flask-JWT-Extended answers to the cases in cases/*.json.

    python conformance/record.py            write recorded.json
    python conformance/record.py --check    fail if recorded.json is out of date
    python conformance/record.py --show ID  print one case as it is recorded

The formats are described in README.md.
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
import warnings
from importlib.metadata import version
from typing import Any
from unittest import mock
from urllib.parse import urlencode

from answers import answer
from guarded_app import GUARD, RecordingApp, build_app
from mint import (
    HERE,
    CaseError,
    Uuids,
    key_text,
    mint,
    only,
    repeatable_signatures,
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

    def app(self, name: str) -> tuple[RecordingApp, dict[str, Any]]:
        """The app that mints, and its options."""
        config = self.table["configs"][name]
        app = build_app(config, {}, {})
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
            getattr(self, row["kind"])(out)
            try:
                out["answer"] = answer(self.table, out, self.uuids)
            except CaseError as mistake:
                raise CaseError(f"{row['id']}: {mistake}") from None
        return out

    # What the case says, by kind.

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
        if "blocklist" in self.row:
            out["blocklist"] = self.fill(self.row["blocklist"])
        out["request"] = self.message()

    def encode(self, out: dict[str, Any]) -> None:
        out["create"] = json.loads(text_of(self.row["create"]))

    def decode(self, out: dict[str, Any]) -> None:
        out["decode"] = {
            "encoded_token": self.fill(self.row["token"]),
            "csrf_value": self.fill(self.row.get("csrf")),
            "allow_expired": self.row.get("allow_expired", False),
        }

    def cookies(self, out: dict[str, Any]) -> None:
        out["call"] = self.row["call"]
        out["arguments"] = {
            key: self.row[key] for key in ("max_age", "domain") if key in self.row
        }
        if "token" in self.row:
            out["token"] = self.fill(self.row["token"])


# --- the command -------------------------------------------------------------


def record() -> dict[str, Any]:
    repeatable_signatures()
    table = load_cases()
    # In the order of the file written, so that it alone is enough to ask again.
    table["configs"] = json.loads(text_of(table["configs"]))
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
    listed = {name.partition("@")[0] for name in deviations}
    mistakes = [
        f"deviations.json: there is no case {name!r}"
        for name in sorted(listed - set(recorded["cases"]))
    ]
    for name, case in recorded["cases"].items():
        if case["answer"].get("status") == 500 and name not in listed:
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
