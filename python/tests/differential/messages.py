"""Requests, drawn by chance: a token in some place, told rightly or nearly so."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, quote_plus

from dice import Dice, json_value
from minting import CSRF, draw_token
from settings import LOCATIONS, Settings

Message = dict[str, Any]


def draw_request(dice: Dice, settings: Settings, route: int, guard: dict[str, Any]) -> Message:
    refresh = bool(guard.get("refresh")) != dice.often(0.08)
    message: Message = {
        "method": dice.among(
            ("GET", 8),
            ("POST", 5),
            ("PUT", 1),
            ("DELETE", 1),
            ("HEAD", 0.5),
            ("OPTIONS", 0.5),
        ),
        "path": f"/{route}",
        "headers": [],
        "body": None,
    }
    places = guard.get("locations") or settings.option("JWT_TOKEN_LOCATION", ["headers"])
    for place in drawn_places(dice, places):
        token = draw_token(dice, settings, refresh=refresh)
        PLACES[place](dice, settings, message, token, refresh)
    if dice.often(0.05):
        message["headers"].append(["X-Csrf-Token", dice.pick(CSRF, "", "é", {"latin1": "\xe9"})])
    return message


def drawn_places(dice: Dice, places: Any) -> list[str]:
    """Where tokens are put: mostly where they are looked for."""
    if isinstance(places, dict):
        places = next(iter(places.values()))
    if isinstance(places, str):
        places = [places]
    known = [place for place in places or () if place in LOCATIONS] if places != 7 else []
    if not known or dice.often(0.1):
        return dice.some(LOCATIONS)[:2]
    if dice.often(0.15):
        return dice.some(known)
    return [dice.choice(known)]


def in_headers(dice: Dice, settings: Settings, message: Message, token: str, refresh: bool) -> None:
    name = settings.option("JWT_HEADER_NAME", "Authorization") or "Authorization"
    kind = settings.option("JWT_HEADER_TYPE", "Bearer")
    right = f"{kind} {token}" if kind else token
    value = right
    if dice.often(0.25):
        value = dice.pick(
            token,
            f"Bearer {token}",
            f"bearer {token}",
            f"JWT {token}",
            f"{kind}  {token}",
            f"{kind}\t{token}",
            f" {right} ",
            f",{right}",
            f"{right},",
            f",,{right}",
            f"{right} extra",
            f"{right}, {right}",
            f"Basic YTpi, {right}",
            f"Basic YTpi,{right}",
            f"{right}, Basic YTpi",
            f"{right} , Basic YTpi",
            f'Digest a="b, c", {right}',
            f"{kind},{token}",
            f"{kind}{token}",
            f"{kind}:{token}",
            f"{kind} {token[:20]},{token[20:]}",
            f"{kind}",
            f"{kind} ",
            f"{kind} ,",
            "",
            ",",
            " , ",
            ", ,",
            ",, ,x",
            " ",
            "Basic YTpi",
            {"latin1": f"{kind}\xa0{token}"},
            {"latin1": f"\x85{kind} {token}"},
            {"latin1": f"{kind} {token}\x85"},
            {"latin1": f"\xe9, {right}"} if right.isascii() else right,
            f"{kind} é{token}",
            f"{kind}\x0b{token}",
            f"{kind} {token}\x1c",
            f"{kind} \u2003{token}",
            f"{kind} null",
        )
    if isinstance(value, dict) and max(map(ord, value["latin1"])) > 255:
        value = value["latin1"]
    message["headers"].append([name, value])
    if dice.often(0.03):
        message["headers"].append([name, dice.pick("Basic YTpi", right, "")])


def in_cookies(dice: Dice, settings: Settings, message: Message, token: str, refresh: bool) -> None:
    kind = "REFRESH" if refresh else "ACCESS"
    default = "refresh_token_cookie" if refresh else "access_token_cookie"
    name = settings.option(f"JWT_{kind}_COOKIE_NAME", default)
    value = token
    if dice.often(0.12):
        value = dice.pick(
            "",
            '""',
            f'"{token}"',
            f" {token} ",
            f"{token};{name}=second",
            "a=b",
            "é",
            '"',
        )
    message["headers"].append(["Cookie", f"other=1; {name}={value}; last=2"])

    csrf = CSRF
    if dice.often(0.2):
        csrf = dice.pick("", "wrong", "é", f" {CSRF} ", CSRF.upper(), "\u2603", "other", "None")
    header = settings.option(f"JWT_{kind}_CSRF_HEADER_NAME", "X-CSRF-TOKEN")
    field = settings.option(f"JWT_{kind}_CSRF_FIELD_NAME", "csrf_token")
    how = dice.among(("header", 6), ("form", 1.5), ("multipart", 0.7), ("nowhere", 1))
    if how == "header":
        message["headers"].append([header, csrf])
    elif how == "form":
        body = f"a=1&{quote_plus(field)}={quote_plus(csrf)}"
        with_body(message, body, "application/x-www-form-urlencoded")
    elif how == "multipart":
        part = f'--X\r\nContent-Disposition: form-data; name="{field}"\r\n\r\n{csrf}\r\n--X--\r\n'
        with_body(message, part, "multipart/form-data; boundary=X")


def in_query(dice: Dice, settings: Settings, message: Message, token: str, refresh: bool) -> None:
    name = quote(settings.option("JWT_QUERY_STRING_NAME", "jwt"))
    prefix = settings.option("JWT_QUERY_STRING_VALUE_PREFIX", "")
    value = quote(prefix + token)
    query = f"{name}={value}"
    if dice.often(0.15):
        query = dice.pick(
            name,
            f"{name}=",
            f"{name}=%20{value}",
            f"{name}={value}&{name}=second",
            f"{name}=&{name}={value}",
            f"{name}={quote(token)}",
            f"{name}={quote(prefix)}",
            f"{name.upper()}={value}",
            f"x=%zz&{name}={value}+",
            f"{name}=%ff",
            f"{name}={quote(prefix.lower())}{quote(token)}",
            f"a;{name}={value}",
            f"{name}[]={value}",
        )
    joint = "&" if "?" in message["path"] else "?"
    message["path"] += f"{joint}{query}"


def in_json(dice: Dice, settings: Settings, message: Message, token: str, refresh: bool) -> None:
    key = settings.option("JWT_REFRESH_JSON_KEY" if refresh else "JWT_JSON_KEY")
    key = ("refresh_token" if refresh else "access_token") if key is None else key
    body: Any = json.dumps({"a": [1], key: token})
    if dice.often(0.25):
        odd = json_value(dice, settings.now)
        body = dice.pick(
            json.dumps({key: odd}),
            json.dumps({key: f"{token}\ud800"}),
            json.dumps(odd),
            json.dumps([{key: token}]),
            json.dumps([key]),
            json.dumps(token),
            f'{{"{key}":"first","{key}":{json.dumps(token)}}}',
            f'{{"{key}":{json.dumps(token)}',
            f'{{"{key}":{json.dumps(token)},"x":NaN}}',
            "NaN",
            "\ufeff" + body,
            {"latin1": body.encode("utf-16").decode("latin-1")},
            {"latin1": '{"\xff":1}'},
            "",
            "{}",
            "not json",
        )
    content_type = "application/json"
    if dice.often(0.15):
        content_type = dice.pick(
            "application/json; charset=utf-8",
            "application/json;charset=latin-1",
            "APPLICATION/JSON",
            "application/vnd.api+json",
            "application/jsonp",
            "application/x-json",
            "text/json",
            "text/plain",
            "application/json, text/plain",
            "",
            None,
        )
    with_body(message, body, content_type)


def with_body(message: Message, body: Any, content_type: str | None) -> None:
    if message["body"] is None:
        message["body"] = body
        if content_type is not None:
            message["headers"].append(["Content-Type", content_type])


PLACES = {
    "headers": in_headers,
    "cookies": in_cookies,
    "query_string": in_query,
    "json": in_json,
}
