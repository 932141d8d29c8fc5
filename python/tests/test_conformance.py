"""Replays what upstream was recorded to answer. `conformance/README.md` describes the recording.

1. Each case is set up as it was recorded: options, hooks, route, clock, uuids.
2. The answer is the recorded one: status, body, cookies, exception, and the token to the byte where
   its signature is not random.
3. Where `deviations.json` has a row for the case, the answer is that row's instead, and not the
   recorded one: a row that is not needed any more fails.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import jwt
import pytest

CONFORMANCE = Path(__file__).resolve().parents[2] / "conformance"
sys.path.insert(0, str(CONFORMANCE))

from answers import answer
from mint import Uuids, key_text


def loaded(name: str) -> Any:
    return json.loads((CONFORMANCE / name).read_text(encoding="utf-8"))


RECORDED = loaded("recorded.json")
DEVIATIONS = {
    name.partition("@")[0]: row
    for name, row in loaded("deviations.json").items()
    if row.get("adapter", "flask") == "flask"
}
# How many cases there are, and how many are answered as upstream does, that none gets lost.
CASES = 1254
AS_UPSTREAM = 1219
RANDOM_SIGNATURES = ("ES", "PS")

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.mark.parametrize("name", RECORDED["cases"])
def test_answers_as_recorded(name: str) -> None:
    case = RECORDED["cases"][name]
    uuids = Uuids(name)
    with mock.patch("uuid.uuid4", uuids):
        got = answer(RECORDED, case, uuids)
    recorded = case["answer"]
    if "token" in got and "token" in recorded and has_random_signature(case):
        assert_is_signed(case, got["token"])
        recorded = {**recorded, "token": got["token"]}
    if name not in DEVIATIONS:
        assert got == recorded
        assert as_text(got) == as_text(recorded)
        return
    assert as_text(got) != as_text(recorded), "the row in deviations.json can be dropped"
    assert_deviates(DEVIATIONS[name], got)


def test_no_case_got_lost() -> None:
    assert len(RECORDED["cases"]) == CASES
    assert len(RECORDED["cases"].keys() - DEVIATIONS.keys()) >= AS_UPSTREAM


def assert_deviates(row: dict[str, Any], got: dict[str, Any]) -> None:
    if "fails" in row:
        assert ("exception" in got) == row["fails"]
        return
    assert got["status"] == row["status"]
    if "body" in row:
        assert got["json"] == row["body"]


def as_text(value: Any) -> str:
    """Tells 60 from 60.0, and true from 1."""
    return json.dumps(value, sort_keys=True)


def has_random_signature(case: dict[str, Any]) -> bool:
    config = RECORDED["configs"][case["config"]]
    return config.get("JWT_ALGORITHM", "HS256").startswith(RANDOM_SIGNATURES)


def assert_is_signed(case: dict[str, Any], token: str) -> None:
    config = RECORDED["configs"][case["config"]]
    key = key_text(config["JWT_PUBLIC_KEY"])
    jwt.api_jws.decode_complete(token, key, algorithms=[config["JWT_ALGORITHM"]])
