"""A scenario: an application, and what is asked of it in turn."""

from __future__ import annotations

from typing import Any

from dice import Dice, json_value
from messages import draw_request
from minting import CSRF, draw_token
from settings import (
    LOCATIONS,
    OTHER_SECRET,
    Settings,
    draw_additions,
    draw_claims,
    draw_expiry,
    draw_headers,
    draw_places,
    draw_settings,
)

Step = dict[str, Any]


def draw_scenario(seed: str) -> dict[str, Any]:
    dice = Dice(seed)
    settings = draw_settings(dice)
    guards = [draw_guard(dice) for _ in range(3)]
    scenario: dict[str, Any] = {
        "now": settings.now,
        "config": dict(settings.config),
        "loaders": settings.loaders,
        "guards": guards,
        "steps": [],
    }
    if dice.often(0.1):
        scenario["provider"] = True
    if dice.often(0.2):
        scenario["uuids"] = True
    # The steps are drawn for the configuration that they find: `change` alters `settings`.
    for _ in range(dice.randrange(4, 9)):
        draw = dice.among(
            (request, 10),
            (create, 2),
            (decode, 2),
            (read, 1),
            (cookies, 1),
            (change, 1),
        )
        scenario["steps"].append(draw(dice, settings, guards))
    scenario["steps"].append({"do": "option", "option": "JWT_DECODE_ALGORITHMS"})
    return scenario


def draw_guard(dice: Dice) -> dict[str, Any]:
    guard: dict[str, Any] = {}
    for name, probability in {
        "optional": 0.2,
        "fresh": 0.2,
        "refresh": 0.2,
        "skip_revocation_check": 0.1,
        "called": 0.2,
    }.items():
        if dice.often(probability):
            guard[name] = True
    if dice.often(0.1):
        guard["verify_type"] = False
    if dice.often(0.2):
        places = dice.some(LOCATIONS, at_least=1)
        wrong = dice.pick("body", ["headers", "body"], [], "")
        guard["locations"] = dice.among(
            (places, 6), ({"$tuple": places}, 1), (places[0], 2), (wrong, 1)
        )
    return guard


# --- steps --------------------------------------------------------------------------------------


def request(dice: Dice, settings: Settings, guards: list[dict[str, Any]]) -> Step:
    route = dice.randrange(len(guards))
    return {
        "do": "request",
        "request": draw_request(dice, settings, route, guards[route]),
    }


def create(dice: Dice, settings: Settings, guards: list[dict[str, Any]]) -> Step:
    arguments: dict[str, Any] = {"identity": dice.pick("ann", "ann", draw_identity(dice, settings))}
    call = dice.pick("create_access_token", "create_access_token", "create_refresh_token")
    if call == "create_access_token" and dice.often(0.4):
        arguments["fresh"] = dice.pick(
            True, {"$timedelta": 60}, {"$timedelta": -0.25}, 1, None, "yes", 5.5
        )
    if dice.often(0.3):
        arguments["expires_delta"] = dice.pick(
            {"$timedelta": 60},
            {"$timedelta": 0.5},
            {"$timedelta": -5},
            False,
            True,
            60,
            None,
            0,
        )
    if dice.often(0.4):
        arguments["additional_claims"] = dice.pick(
            draw_additions(dice, settings.now),
            {dice.pick("x", "exp"): draw_python_value(dice)},
        )
    if dice.often(0.2):
        arguments["additional_headers"] = draw_headers(dice)
    return {"do": "create", "call": call, "arguments": arguments}


def draw_identity(dice: Dice, settings: Settings) -> Any:
    return dice.pick(
        json_value(dice, settings.now),
        draw_python_value(dice),
        {"id": "ann"},
        {"id": 7},
        "bob",
    )


def draw_python_value(dice: Dice) -> Any:
    """What the worker makes Python objects of."""
    return dice.pick(
        {"$date": 1_600_000_000},
        {"$datetime": 1_600_000_000.5},
        {"$datetime": 1_800_000_000},
        {"$naive": 1_800_000_000},
        {"$decimal": "1.50"},
        {"$uuid": "12345678-1234-4234-8234-1234567890ab"},
        {"$bytes": "bytes"},
        {"$set": ["b", "a"]},
        {"$tuple": [1, "a", {"$tuple": []}]},
        {"$role": "admin"},
        {"$text": "text"},
        {"$timedelta": 5},
        {"$object": None},
        {"$pairs": [[1, "int"], [None, "none"], [True, "true"], [1.5, "float"]]},
        {"$pairs": [["2", {"$role": "admin"}], ["1", {"$uuid": "1" * 32}]]},
        {"$pairs": [[{"$tuple": [1]}, "no name"]]},
        float("nan"),
        float("inf"),
        1e16,
        1e-7,
        123456789.125,
        5e-324,
        1e22,
        -1.0,
        {"text": '"\\/\b\f\n\r\t\x00\x1f\x7f\x80\u2028\ud83d\ude00'},
        ["\udc00", "\U0001f600", "ÿ"],
        {"b": 1, "a": {"d": None, "c": []}},
    )


def decode(dice: Dice, settings: Settings, guards: list[dict[str, Any]]) -> Step:
    arguments: dict[str, Any] = {}
    if dice.often(0.3):
        arguments["csrf_value"] = dice.pick(CSRF, "wrong", "", "é", None)
    if dice.often(0.3):
        arguments["allow_expired"] = dice.pick(True, False)
    token = draw_token(dice, settings, refresh=dice.often(0.2))
    return {"do": "decode", "token": as_given(dice, token), "arguments": arguments}


def read(dice: Dice, settings: Settings, guards: list[dict[str, Any]]) -> Step:
    call = dice.pick("get_jti", "get_csrf_token", "get_unverified_jwt_headers")
    return {
        "do": "decode",
        "call": call,
        "token": as_given(dice, draw_token(dice, settings)),
    }


def as_given(dice: Dice, token: str) -> Any:
    """A token mostly as the text that it is."""
    if dice.often(0.1):
        octets = token.encode("utf-8", "replace").decode("latin-1")
        return dice.pick({"$bytes": octets}, {"$text": token}, None, 5, [token], "")
    return token


def cookies(dice: Dice, settings: Settings, guards: list[dict[str, Any]]) -> Step:
    kind = dice.pick("access", "refresh")
    call = dice.pick(f"set_{kind}_cookies", f"unset_{kind}_cookies", "unset_jwt_cookies")
    arguments: dict[str, Any] = {}
    tokens = []
    if call.startswith("set"):
        tokens = [draw_token(dice, settings, refresh=kind == "refresh")]
        if dice.often(0.3):
            arguments["max_age"] = dice.pick(0, 60, -1, None)
    if dice.often(0.3):
        arguments["domain"] = dice.pick("example.org", ".example.org", "", None)
    return {"do": "cookies", "call": call, "tokens": tokens, "arguments": arguments}


def change(dice: Dice, settings: Settings, guards: list[dict[str, Any]]) -> Step:
    """An option gets another value while the application runs."""
    drawn: dict[str, Any] = {}
    while not drawn:
        dice.pick(draw_claims, draw_places, draw_expiry)(dice, drawn)
        if settings.family == "HS" and dice.often(0.4):
            settings.key = OTHER_SECRET
            drawn = {"JWT_SECRET_KEY": OTHER_SECRET}
    option = dice.choice(list(drawn))
    settings.config[option] = drawn[option]
    return {"do": "set", "option": option, "value": drawn[option]}


def travel(dice: Dice, settings: Settings, guards: list[dict[str, Any]]) -> Step:
    """Time passes, sometimes backwards."""
    settings.now += dice.pick(0.5, 1, 60, 899, 900, 901, 3600, 86400 * 31, -1, -60)
    return {"do": "travel", "now": settings.now}
