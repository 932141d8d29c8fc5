"""One call of each library's, in this process and in turn: prints microseconds as JSON.

    python calls.py ROUNDS

Everybody checks the same token in full, and signs the same claims with a key that was read before.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import platform
import sys
from collections.abc import Callable
from importlib.metadata import version
from statistics import median
from time import process_time_ns, time

import jwt
import oxyjwt
import ryjwt
from flask_jwt_extended_rs._engine import Signer, Verifier

SECRET = "a-secret-of-at-least-32-random-bytes"
AUDIENCE = "api"
ISSUER = "https://issuer.example"
ROUND_NANOSECONDS = 5_000_000
NOW = int(time())
CLAIMS = {
    "fresh": False,
    "iat": NOW,
    "jti": "0f6a5a0c-7d43-4a05-8bb9-1fd6ff1a8ea3",
    "type": "access",
    "sub": "8f14e45f-ceea-467f",
    "nbf": NOW,
    "aud": AUDIENCE,
    "iss": ISSUER,
    "exp": NOW + 24 * 3600,
    "role": "admin",
}
TOKEN = jwt.encode(CLAIMS, SECRET, "HS256")

Call = Callable[[], object]


def main() -> None:
    rounds = int(sys.argv[1])
    cases = {"decode": decoding(), "encode": encoding()}
    results = {
        "rounds": rounds,
        "versions": {name: version(name) for name in ("PyJWT", "ryjwt", "oxyjwt")}
        | {"Python": platform.python_version()},
        "calls": {name: race(calls, rounds) for name, calls in cases.items()},
    }
    print(json.dumps(results))


def decoding() -> dict[str, Call]:
    ours = Verifier(
        [SECRET],
        ("HS256",),
        audience=(AUDIENCE,),
        issuer=(ISSUER,),
        leeway=0.0,
        verify_sub=True,
        identity_claim="sub",
    )
    ry = ryjwt.SecretKey(SECRET, algorithms=["HS256"], audience=AUDIENCE, issuer=ISSUER)
    expected = {"audience": AUDIENCE, "issuer": ISSUER}
    oxy = oxyjwt.DecodingKey.from_secret(SECRET.encode())
    message, _, _ = TOKEN.rpartition(".")
    calls: dict[str, Call] = {
        "flask-jwt-extended-rs": lambda: ours.claims(TOKEN, time()),
        "ryjwt": lambda: ry.decode(TOKEN),
        "oxyjwt": lambda: oxyjwt.decode(TOKEN, oxy, algorithms=["HS256"], **expected),
        "PyJWT": lambda: jwt.decode(TOKEN, SECRET, algorithms=["HS256"], **expected),
    }
    for name, call in calls.items():
        if call() != CLAIMS:
            raise SystemExit(f"{name} reads {call()}")
    key, octets = SECRET.encode(), message.encode()
    return calls | {
        "the HMAC alone, by `hmac`": lambda: hmac.digest(key, octets, hashlib.sha256)
    }


def encoding() -> dict[str, Call]:
    ours = Signer(SECRET, "HS256")
    ry = ryjwt.SecretKey(SECRET, algorithms=["HS256"])
    oxy = oxyjwt.EncodingKey.from_secret(SECRET.encode())
    calls: dict[str, Call] = {
        "flask-jwt-extended-rs": lambda: ours.encode(CLAIMS),
        "ryjwt": lambda: ry.encode(CLAIMS),
        "oxyjwt": lambda: oxyjwt.encode(CLAIMS, oxy, algorithm="HS256"),
        "PyJWT": lambda: jwt.encode(CLAIMS, SECRET, "HS256"),
    }
    for name, call in calls.items():
        if jwt.decode(call(), SECRET, ["HS256"], audience=AUDIENCE) != CLAIMS:
            raise SystemExit(f"{name} signs something else")
    return calls


def race(calls: dict[str, Call], rounds: int) -> dict[str, float]:
    """The median of each one's rounds, of the processor's time."""
    counts = {name: _per_round(call) for name, call in calls.items()}
    times: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            times[name].append(_time(call, counts[name]) / counts[name] / 1000)
    return {name: median(seen) for name, seen in times.items()}


def _per_round(call: Call) -> int:
    count = 10
    while (spent := _time(call, count)) < ROUND_NANOSECONDS // 4:
        count *= 2
    return max(10, count * ROUND_NANOSECONDS // spent)


def _time(call: Call, count: int) -> int:
    begin = process_time_ns()
    for _ in range(count):
        call()
    return process_time_ns() - begin


if __name__ == "__main__":
    main()
