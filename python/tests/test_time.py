"""Whoever stops a clock in a test stops ours: freezegun, time-machine, and patched modules."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any
from unittest.mock import patch

import jwt
import pytest
import time_machine
from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from apps import SECRET, access, get, make_app, refresh
from flask_jwt_extended import decode_token

THEN = datetime(2030, 6, 1, 12, 0, 0, tzinfo=timezone.utc)
SECONDS = int(THEN.timestamp())


def clock(moment: datetime) -> type[datetime]:
    """The class `datetime` as tests put it in its place."""

    class Stopped(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return moment

    return Stopped


def frozen(moment: datetime) -> Any:
    return freeze_time(moment)


def travelled(moment: datetime) -> Any:
    return time_machine.travel(moment, tick=False)


@pytest.mark.parametrize("stop", [frozen, travelled])
def test_a_stopped_clock(stop: Any) -> None:
    app = make_app()
    with stop(THEN):
        token = access(app, fresh=timedelta(minutes=5))
        assert get(app, token, "/fresh")[0] == 200
        claims = get(app, token, "/claims")[1]
        assert (claims["iat"], claims["nbf"], claims["exp"]) == (SECONDS, SECONDS, SECONDS + 900)
        assert claims["fresh"] == SECONDS + 300
    with stop(THEN - timedelta(seconds=1)):
        assert get(app, token) == (422, {"msg": "The token is not yet valid (iat)"})
    with stop(THEN + timedelta(seconds=301)):
        assert get(app, token)[0] == 200
        assert get(app, token, "/fresh") == (401, {"msg": "Fresh token required"})
    with stop(THEN + timedelta(seconds=899, microseconds=999_999)):
        assert get(app, token)[0] == 200
    with stop(THEN + timedelta(seconds=900)):
        assert get(app, token) == (401, {"msg": "Token has expired"})


def test_a_clock_that_ticks_in_a_test() -> None:
    app = make_app()
    with freeze_time(THEN) as time:
        token = access(app)
        time.tick(899)
        assert get(app, token)[0] == 200
        time.tick(2)
        assert get(app, token)[0] == 401


@pytest.mark.parametrize("leeway", [10, 10.0, timedelta(seconds=10)])
def test_leeway(leeway: Any) -> None:
    app = make_app(DECODE_LEEWAY=leeway)
    with frozen(THEN):
        token = access(app)
    with frozen(THEN + timedelta(seconds=909)):
        assert get(app, token)[0] == 200
    with frozen(THEN + timedelta(seconds=910)):
        assert get(app, token)[0] == 401
    with frozen(THEN - timedelta(seconds=10)):
        assert get(app, token)[0] == 200


def test_patched_modules() -> None:
    app = make_app()
    with patch("flask_jwt_extended.tokens.datetime", clock(THEN)):
        token = access(app, fresh=timedelta(minutes=5))
    assert jwt.decode(token, options={"verify_signature": False})["iat"] == SECONDS
    assert get(app, token)[0] == 422
    with patch("jwt.api_jwt.datetime", clock(THEN)):
        assert get(app, token)[0] == 200
        assert get(app, token, "/fresh")[0] == 200
        later = clock(THEN + timedelta(minutes=6))
        with patch("flask_jwt_extended.view_decorators.datetime", later):
            assert get(app, token, "/fresh")[0] == 401
    with patch("jwt.api_jwt.datetime", clock(THEN + timedelta(hours=1))):
        assert get(app, token) == (401, {"msg": "Token has expired"})


@pytest.mark.parametrize(
    ("delta", "lifetime"),
    [
        (timedelta(days=1), 86_400),
        (relativedelta(days=+1), 86_400),
        (False, None),
        (None, 900),
    ],
)
def test_lifetimes(delta: Any, lifetime: int | None) -> None:
    app = make_app()
    for make, usual in ((access, 900), (refresh, 30 * 86_400)):
        with app.test_request_context():
            claims = decode_token(make(app, expires_delta=delta))
        expected = usual if delta is None else lifetime
        assert claims.get("exp") == (expected and claims["iat"] + expected)


def test_expired_tokens_tell_what_was_in_them() -> None:
    app = make_app()
    token = access(app, expires_delta=timedelta(seconds=-1), additional_headers={"kid": "k"})
    with app.test_request_context():
        with pytest.raises(jwt.ExpiredSignatureError, match=r"^Signature has expired$") as caught:
            decode_token(token)
        assert caught.value.jwt_header["kid"] == "k"  # type: ignore[attr-defined]
        assert caught.value.jwt_data == decode_token(token, allow_expired=True)  # type: ignore[attr-defined]
        with pytest.raises(jwt.ExpiredSignatureError), patch("jwt.get_unverified_header"):
            decode_token(jwt.encode({"sub": "ada", "exp": 1}, SECRET))


def test_expired_tokens_by_way_of_pyjwt() -> None:
    app = make_app()
    token = access(app, expires_delta=timedelta(seconds=-1))
    pyjwt_decode = jwt.decode
    with (
        app.test_request_context(),
        patch("jwt.decode", lambda *args, **kwargs: pyjwt_decode(*args, **kwargs)),
        pytest.raises(jwt.ExpiredSignatureError) as caught,
    ):
        decode_token(token)
    assert caught.value.jwt_header["alg"] == "HS256"  # type: ignore[attr-defined]
    assert caught.value.jwt_data["sub"] == "ada"  # type: ignore[attr-defined]


def test_dates_among_the_claims() -> None:
    app = make_app()
    naive = THEN.replace(tzinfo=None)
    elsewhere = THEN.astimezone(timezone(timedelta(hours=5)))
    for date in (THEN, naive, elsewhere, clock(THEN).now()):
        token = access(app, additional_claims={"exp": date, "nbf": datetime(1969, 1, 1)})
        claims = get(app, token, "/claims")[1]
        assert (claims["exp"], claims["nbf"]) == (SECONDS, -31_536_000)
