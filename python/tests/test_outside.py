"""Tokens of outside issuers: a real HTTP server is the issuer, and joserfc makes its keys and tokens."""

from __future__ import annotations

import importlib
import json
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from unittest.mock import patch

import jwt as pyjwt
import pytest
import time_machine
from flask import Flask, jsonify
from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, OKPKey, RSAKey

from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    current_user,
    decode_token,
    get_jwt,
    get_jwt_identity,
    jwt_required,
    revoke_token,
)
from flask_jwt_extended.exceptions import CSRFError, JWTDecodeError, WrongTokenError
from flask_jwt_extended_rs.outside import Issuer, IssuerUnavailable, OutsideJWTManager, cache, fetch

API = "orders-api"
SECRET = "the-app-s-own-secret-of-32-bytes-and-more"
METADATA = "/.well-known/openid-configuration"

Answer = tuple[int, dict[str, str], bytes]


class FakeIssuer:
    """An issuer on this machine. `answers` replaces what it says under a path."""

    def __init__(self) -> None:
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake.asked.append(self.path)
                status, headers, body = fake.answer(self.path.partition("?")[0])
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.asked: list[str] = []
        self.answers: dict[str, Callable[[], Answer]] = {}
        self.cache_control = "max-age=300"
        self.keys: list[Key] = [new_key("first")]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, path: str) -> Answer:
        if path in self.answers:
            return self.answers[path]()
        if path == METADATA:
            return ok({"issuer": self.url, "jwks_uri": self.url + "/keys"})
        status, headers, body = ok({"keys": [key.as_dict(private=False) for key in self.keys]})
        return status, {**headers, "Cache-Control": self.cache_control}, body

    def fail(self) -> None:
        self.answers[METADATA] = lambda: (500, {}, b"")

    def recover(self) -> None:
        self.answers.clear()

    @property
    def fetches(self) -> int:
        return self.asked.count("/keys")

    def token(
        self, header: dict[str, Any] | None = None, key: Key | None = None, **claims: Any
    ) -> str:
        """A token of this issuer. A claim or a member of the header that is None is left out."""
        key = key or self.keys[-1]
        now = int(time.time())
        usual = {"iss": self.url, "aud": API, "sub": "anna", "iat": now, "exp": now + 300}
        parts = [
            {"alg": algorithm_of(key), "kid": key.kid, "typ": "at+jwt", **(header or {})},
            {**usual, **claims},
        ]
        head, payload = ({k: v for k, v in part.items() if v is not None} for part in parts)
        return jws.serialize_compact(
            head, json.dumps(payload), key, algorithms=["ES256", "RS256", "EdDSA", "HS256"]
        )

    def issuer(self, **settings: Any) -> Issuer:
        return Issuer(self.url, API, insecure_http=True, **settings)


def slowly(seconds: float, answer: Answer) -> Callable[[], Answer]:
    def later() -> Answer:
        time.sleep(seconds)
        return answer

    return later


def ok(value: Any) -> Answer:
    return 200, {"Content-Type": "application/json"}, json.dumps(value).encode()


def new_key(kid: str) -> Key:
    return ECKey.generate_key("P-256", {"kid": kid, "use": "sig"})


def algorithm_of(key: Key) -> str:
    return {"EC": "ES256", "RSA": "RS256", "OKP": "EdDSA", "oct": "HS256"}[key.key_type]


@pytest.fixture
def login() -> Iterator[FakeIssuer]:
    login = FakeIssuer()
    yield login
    login.server.shutdown()
    login.server.server_close()


def make_app(*issuers: Issuer, **options: Any) -> Flask:
    app = Flask(__name__)
    app.config.update(options)
    app.config["JWT_ERROR_STYLE"] = "native"
    OutsideJWTManager(app, issuers=issuers)

    @app.get("/who")
    @jwt_required()
    def who() -> Any:
        return jsonify(get_jwt_identity())

    @app.get("/claims")
    @jwt_required()
    def claims() -> Any:
        return jsonify(get_jwt())

    return app


def get(app: Flask, token: str, path: str = "/who") -> tuple[int, Any]:
    response = app.test_client().get(path, headers={"Authorization": f"Bearer {token}"})
    return response.status_code, response.json


def refused(app: Flask, token: str) -> tuple[int, str]:
    status, body = get(app, token)
    return status, body["error"]


INVALID = (401, "token_invalid")
UNAVAILABLE = (503, "store_unavailable")


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
@pytest.mark.parametrize(
    "key",
    [
        new_key("ec"),
        RSAKey.generate_key(2048, {"kid": "rsa"}),
        OKPKey.generate_key("Ed25519", {"kid": "okp"}),
    ],
    ids=algorithm_of,
)
def test_a_token_of_a_discovered_issuer_is_taken(login: FakeIssuer, key: Key) -> None:
    login.keys = [key]
    app = make_app(login.issuer())
    assert get(app, login.token()) == (200, "anna")
    _, claims = get(app, login.token(scope="orders:read", mgr="forged"), "/claims")
    assert claims["scope"] == "orders:read"
    assert (claims["type"], claims["fresh"], claims["jti"]) == ("access", False, None)
    assert "mgr" not in claims
    assert login.fetches == 1


def test_what_is_not_for_this_service_is_refused(login: FakeIssuer) -> None:
    app = make_app(login.issuer())
    for bad in (
        login.token(aud="the-client"),
        login.token(aud=None),
        login.token(iss=login.url + "/"),
        login.token(iss=login.url[:-1]),
        login.token(iss=None),
        login.token(iss=[login.url]),
        login.token(exp=None),
        login.token(iat=4_000_000_000),
        login.token(sub=7),
        login.token(sub=None),
        login.token(header={"kid": None}, key=new_key("first")),
        login.token(key=new_key("first")),
        "a.b.c",
        "x" * 20_000,
    ):
        assert refused(app, bad) == INVALID
    assert refused(app, login.token(exp=1)) == (401, "token_expired")
    assert refused(app, login.token(header={"typ": "logout+jwt"})) == (401, "wrong_token_type")
    strict = make_app(login.issuer(token_type="at+jwt"))
    assert get(strict, login.token())[0] == 200
    assert refused(strict, login.token(header={"typ": "JWT"})) == (401, "wrong_token_type")
    several = make_app(Issuer(login.url, ["v1", "v2"], insecure_http=True))
    assert get(several, login.token(aud=["x", "v2"]))[0] == 200


def test_no_secret_can_be_a_published_key(login: FakeIssuer) -> None:
    secret = OctKey.import_key(SECRET, {"kid": "secret"})
    app = make_app(login.issuer())
    login.answers["/keys"] = lambda: ok(
        {"keys": [secret.as_dict(private=True), login.keys[0].as_dict(private=False)]}
    )
    assert get(app, login.token())[0] == 200
    assert refused(app, login.token(key=secret)) == INVALID
    assert login.fetches == 1


@pytest.mark.parametrize("option", ["SECRET_KEY", "JWT_SECRET_KEY"])
def test_the_app_s_own_secret_opens_nothing(login: FakeIssuer, option: str) -> None:
    app = make_app(login.issuer(), **{option: SECRET})
    own = login.token(key=OctKey.import_key(SECRET), header={"typ": "JWT"}, aud=None)
    assert get(app, login.token())[0] == 200
    assert refused(app, own) == INVALID
    with app.app_context():
        assert decode_token(login.token())["sub"] == "anna"
        with pytest.raises(pyjwt.InvalidTokenError):
            decode_token(own)


def test_a_token_is_never_checked_with_the_keys_of_another_issuer(login: FakeIssuer) -> None:
    other = FakeIssuer()
    other.keys = [new_key("first")]
    theirs = Issuer(other.url, "their-api", insecure_http=True)
    app = make_app(login.issuer(), theirs)
    assert get(app, login.token())[0] == 200
    assert get(app, other.token(aud="their-api"))[0] == 200
    assert refused(app, login.token(key=other.keys[0])) == INVALID
    assert refused(app, other.token(aud=API)) == INVALID
    assert (login.fetches, other.fetches) == (1, 1)
    other.server.shutdown()
    other.server.server_close()


def test_many_first_requests_are_one_flight(login: FakeIssuer) -> None:
    app = make_app(login.issuer())
    token = login.token()
    keys = ok({"keys": [login.keys[0].as_dict(private=False)]})
    login.answers["/keys"] = slowly(0.3, keys)
    answers: list[int] = []
    threads = [
        threading.Thread(target=lambda: answers.append(get(app, token)[0])) for _ in range(32)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [200] * 32
    assert login.fetches == 1


def test_a_new_key_is_looked_for_once_in_a_cool_down(login: FakeIssuer) -> None:
    app = make_app(login.issuer(cool_down=30))
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        assert get(app, login.token())[0] == 200
        login.keys.append(new_key("second"))
        assert get(app, login.token())[0] == 200
        for n in range(20):
            assert refused(app, login.token(key=new_key(f"forged-{n}"))) == INVALID
        assert login.fetches == 2
        login.keys.append(new_key("third"))
        assert refused(app, login.token()) == INVALID
        clock.shift(30)
        assert get(app, login.token())[0] == 200
        assert login.fetches == 3


def test_keys_are_renewed_before_their_time_is_over(login: FakeIssuer) -> None:
    app = make_app(login.issuer())
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        get(app, login.token())
        clock.shift(239)
        get(app, login.token())
        assert login.fetches == 1
        clock.shift(1)
        assert get(app, login.token())[0] == 200
        until(lambda: login.fetches == 2)


@pytest.mark.parametrize(
    ("headers", "life"),
    [
        ({"Cache-Control": "public, Max-Age=200"}, 200),
        ({"Cache-Control": 'max-age="500"', "Age": "300"}, 200),
        ({"Cache-Control": "max-age=10"}, 60),
        ({"Cache-Control": "max-age=soon"}, 60),
        ({"Cache-Control": "no-store"}, 60),
        ({"Cache-Control": "max-age=86400"}, 600),
        ({}, 300),
    ],
)
def test_how_long_keys_are_kept(login: FakeIssuer, headers: dict[str, str], life: int) -> None:
    app = make_app(login.issuer(keep_keys=(60, 600)))
    login.answers["/keys"] = lambda: (
        200,
        headers,
        json.dumps({"keys": [key.as_dict(private=False) for key in login.keys]}).encode(),
    )
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        old = login.token(exp=4_000_000_000)
        assert get(app, old)[0] == 200
        login.keys = [new_key("second")]
        clock.shift(life * 0.79)
        assert get(app, old)[0] == 200
        clock.shift(life * 0.21 + 1)
        assert refused(app, old) == INVALID


def test_old_keys_serve_while_the_issuer_is_down(
    login: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(login.issuer(keep_stale_keys=1000))
    with time_machine.travel(1_800_000_000, tick=False) as clock:
        get(app, login.token())
        login.fail()
        for passed in (299, 2, 998):
            clock.shift(passed)
            assert get(app, login.token())[0] == 200
        # A key that is not known may be a new one: nobody can tell.
        assert refused(app, login.token(key=new_key("new"))) == UNAVAILABLE
        clock.shift(1)
        until(lambda: refused(app, login.token()) == UNAVAILABLE)
        asked = len(login.asked)
        for _ in range(20):
            assert refused(app, login.token()) == UNAVAILABLE
        assert len(login.asked) == asked
        assert "answers with 500" in caplog.text
        login.recover()
        clock.shift(5)
        assert get(app, login.token()) == (200, "anna")


def test_an_answer_of_503_says_when_to_come_again(
    login: FakeIssuer, caplog: pytest.LogCaptureFixture
) -> None:
    app = make_app(login.issuer(retry_after=0))
    login.fail()
    response = app.test_client().get("/who", headers={"Authorization": f"Bearer {login.token()}"})
    assert (response.status_code, response.headers["Retry-After"]) == (503, "1")
    assert f"A token could not be checked: the keys of the issuer '{login.url}'" in caplog.text


def test_a_clock_that_was_set_back_makes_no_key_live_longer(login: FakeIssuer) -> None:
    app = make_app(login.issuer())
    with time_machine.travel(1_800_000_000, tick=False):
        get(app, login.token())
    with time_machine.travel(1_700_000_000, tick=False):
        assert get(app, login.token())[0] == 200
    assert login.fetches == 2


def drip() -> Answer:
    time.sleep(3)
    return ok({})


@pytest.mark.parametrize(
    ("path", "answer", "words"),
    [
        ("/keys", drip, "did not come within"),
        ("/keys", lambda: (200, {}, b"x" * 600_000), "larger than"),
        ("/keys", lambda: (200, {}, b"<html>"), "no JWK Set"),
        ("/keys", lambda: (200, {}, b"\xff"), "decode"),
        ("/keys", lambda: ok({"keys": [{"kty": "AKP"}] * 65}), "65"),
        ("/keys", lambda: ok({"keys": []}), "no key"),
        ("/keys", lambda: (302, {"Location": "/keys?again"}, b""), "redirect"),
        ("/keys", lambda: (302, {"Location": "ftp://x.example/"}, b""), "redirects to"),
        ("/keys", lambda: (404, {}, b""), "404"),
        (METADATA, lambda: (200, {}, b"[]"), "no metadata"),
        (METADATA, lambda: (200, {}, b"[" * 100_000), "no metadata"),
        (
            METADATA,
            lambda: ok({"issuer": "https://x.example", "jwks_uri": "https://x.example/"}),
            "letter",
        ),
    ],
)
def test_an_issuer_that_makes_no_sense(
    login: FakeIssuer, path: str, answer: Callable[[], Answer], words: str
) -> None:
    manager = OutsideJWTManager(issuers=[login.issuer(timeout=1 if answer is drip else 8)])
    login.answers[path] = answer
    began = time.monotonic()
    with pytest.raises(IssuerUnavailable, match=words):
        manager.fetch_keys()
    assert time.monotonic() - began < 12


def test_a_flight_that_is_late_is_given_up(login: FakeIssuer) -> None:
    app = make_app(login.issuer(timeout=1.0, retry_after=0.2))
    keys = ok({"keys": [login.keys[0].as_dict(private=False)]})
    login.answers["/keys"] = slowly(2, keys)
    began = time.monotonic()
    assert refused(app, login.token()) == UNAVAILABLE
    assert time.monotonic() - began < 5
    login.recover()
    until(lambda: get(app, login.token())[0] == 200)


def test_redirects_are_followed_for_a_while(login: FakeIssuer) -> None:
    app = make_app(login.issuer(jwks_url=login.url + "/moved"))
    login.answers["/moved"] = lambda: (302, {"Location": "/keys"}, b"")
    assert get(app, login.token())[0] == 200
    assert METADATA not in login.asked


@pytest.mark.parametrize("place", ["http://localhost:{port}", "http://127.0.0.1:9", "//[::1]"])
def test_no_redirection_leads_to_another_place(login: FakeIssuer, place: str) -> None:
    target = place.format(port=login.url.rsplit(":", 1)[1]) + "/keys"
    login.answers["/moved"] = lambda: (302, {"Location": target}, b"")
    manager = OutsideJWTManager(issuers=[login.issuer(jwks_url=login.url + "/moved")])
    with pytest.raises(IssuerUnavailable, match="redirects to"):
        manager.fetch_keys()
    assert login.asked == ["/moved"]


def test_no_step_on_the_way_leaves_tls(login: FakeIssuer) -> None:
    with pytest.raises(ValueError, match="no https"):
        Issuer(login.url, API)
    secure = Issuer("https://127.0.0.1:9", API, timeout=5)
    with pytest.raises(ValueError, match="no https"):
        secure.checked_url(login.url + "/keys")
    with pytest.raises(IssuerUnavailable):
        OutsideJWTManager(issuers=[secure]).fetch_keys()
    assert login.asked == []


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks here")
def test_a_fork_leaves_no_flight_behind(login: FakeIssuer) -> None:
    app = make_app(login.issuer())
    keys = ok({"keys": [login.keys[0].as_dict(private=False)]})
    login.answers["/keys"] = slowly(0.5, keys)
    token = login.token()
    waiting = threading.Thread(target=get, args=(app, token))
    waiting.start()
    until(lambda: login.fetches == 1)
    child = os.fork()
    if child == 0:
        os._exit(0 if get(app, token)[0] == 200 else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    waiting.join()
    # What happens in a child, where coverage does not see it.
    cache._reset_all()
    assert get(app, token)[0] == 200


def test_what_is_not_installed_is_said() -> None:
    absent = patch.dict(sys.modules, {"requests": None})
    with absent, pytest.raises(ModuleNotFoundError, match=r"flask-jwt-extended-rs\[oidc\]"):
        importlib.reload(fetch)


def test_what_cannot_work_is_said_at_once() -> None:
    url = "https://login.example.com"
    for arguments, words in (
        ({"name": "", "audience": API}, "needs a name"),
        ({"name": url, "audience": ""}, "needs an audience"),
        ({"name": url, "audience": []}, "needs an audience"),
        ({"name": "login.example.com", "audience": API}, "no https"),
        ({"name": url, "audience": API, "jwks_url": "file:///etc/passwd"}, "no https"),
        ({"name": url, "audience": API, "algorithms": ["HS256"]}, "HS256"),
        ({"name": url, "audience": API, "algorithms": []}, "no algorithm"),
        ({"name": url, "audience": API, "algorithms": ["none"]}, "algorithm"),
        ({"name": url, "audience": API, "keep_keys": (2, 1)}, "times"),
        ({"name": url, "audience": API, "timeout": 0}, "times"),
    ):
        with pytest.raises(ValueError, match=words):
            Issuer(**arguments)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no issuer"):
        OutsideJWTManager(issuers=[])
    with pytest.raises(ValueError, match="the same name"):
        OutsideJWTManager(issuers=[Issuer(url, "a"), Issuer(url, "b")])
    assert Issuer(url + "/", API).metadata_address == url + METADATA
    assert Issuer("x", API, metadata_url=url).metadata_address == url


def test_everything_else_is_as_with_any_manager(login: FakeIssuer) -> None:
    app = Flask(__name__)
    manager = OutsideJWTManager(issuers=[login.issuer()])
    manager.init_app(app)
    manager.user_lookup_loader(lambda _header, claims: claims["sub"].upper())

    @app.get("/user")
    @jwt_required()
    def user() -> Any:
        return jsonify(str(current_user))

    assert get(app, login.token(), "/user") == (200, "ANNA")
    # The usual answers, where no other style is chosen.
    assert get(app, login.token(aud="x"), "/user")[0] == 422
    with app.app_context():
        with pytest.raises(RuntimeError, match="made by them"):
            create_access_token("anna")
        with pytest.raises(pyjwt.ExpiredSignatureError) as caught:
            decode_token(login.token(exp=1))
        assert caught.value.jwt_data["sub"] == "anna"  # type: ignore[attr-defined]
        assert decode_token(login.token(exp=1), allow_expired=True)["sub"] == "anna"
        with pytest.raises(JWTDecodeError, match="csrf"):
            decode_token(login.token(), csrf_value="x")
        with pytest.raises(CSRFError):
            decode_token(login.token(csrf="y"), csrf_value="x")
        with pytest.raises(WrongTokenError):
            decode_token(login.token(header={"typ": "dpop+jwt"}))
        with pytest.raises(JWTDecodeError, match="sub"):
            decode_token(login.token(sub=None))


def test_beside_the_app_s_own_tokens(login: FakeIssuer) -> None:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = SECRET
    app.config["JWT_MANAGERS"] = {"login": {"JWT_STORE_URL": "memory://"}}
    JWTManager(app)
    OutsideJWTManager(app, issuers=[login.issuer()], name="login")

    @app.get("/own")
    @jwt_required()
    def own() -> Any:
        return jsonify(get_jwt_identity())

    @app.get("/outside")
    @jwt_required(manager="login")
    def outside() -> Any:
        return jsonify(get_jwt())

    with app.app_context():
        own_token = create_access_token("anna")
    theirs = login.token(jti="of-theirs", type="access")
    assert get(app, own_token, "/own") == (200, "anna")
    assert get(app, theirs, "/own")[0] == 422
    assert get(app, own_token, "/outside")[0] == 422
    status, claims = get(app, theirs, "/outside")
    assert (status, claims["mgr"]) == (200, "login")
    with app.app_context():
        revoke_token(theirs, manager="login")
    assert get(app, theirs, "/outside")[0] == 401
    assert get(app, own_token, "/own")[0] == 200


@pytest.mark.parametrize("name", ["keep_stale_keys", "cool_down", "retry_after", "timeout"])
def test_times_are_seconds_or_timedeltas(name: str) -> None:
    def issuer(value: Any) -> Any:
        return Issuer("https://login.example", API, **{name: value})

    for value in (90, 90.0, timedelta(seconds=90)):
        assert getattr(issuer(value), name) == 90
        assert repr(issuer(value)) == repr(issuer(90))
    for value in ("90", None, True):
        with pytest.raises(TypeError, match=f"{name}.*seconds.*timedelta"):
            issuer(value)
    for value in (-1, timedelta(seconds=-1), float("nan"), float("inf"), timedelta.max):
        with pytest.raises(ValueError, match=name):
            issuer(value)
    assert getattr(Issuer("https://login.example", API), name) > 0


def test_how_long_keys_are_kept_is_two_times() -> None:
    def kept(value: Any) -> Any:
        return Issuer("https://login.example", API, keep_keys=value).keep_keys

    assert kept((timedelta(minutes=1), 120)) == kept([60, 120.0]) == (60, 120)
    for value in (60, (60,), (1, 2, 3), timedelta(minutes=1), ("1", "2")):
        with pytest.raises(TypeError, match="keep_keys"):
            kept(value)
    for value in ((2, 1), (0, 0), (-1, 1)):
        with pytest.raises(ValueError, match=r"times in which nothing can be done|keep_keys"):
            kept(value)


def test_an_issuer_that_is_down_with_times_as_timedeltas(login: FakeIssuer) -> None:
    times = {
        "cool_down": timedelta(0),
        "retry_after": timedelta(0),
        "timeout": timedelta(seconds=9),
    }
    kept = (timedelta(0), timedelta(seconds=1))
    app = make_app(login.issuer(keep_keys=kept, keep_stale_keys=timedelta(hours=1), **times))
    assert get(app, login.token())[0] == 200
    login.fail()
    with time_machine.travel(time.time() + 60):
        assert get(app, login.token())[0] == 200
    with time_machine.travel(time.time() + 7200):
        assert get(app, login.token())[0] == 503


def test_leeway_is_the_app_s(login: FakeIssuer) -> None:
    late = login.token(exp=int(time.time()) - 30)
    for leeway in (60, timedelta(seconds=60)):
        app = make_app(login.issuer(), JWT_DECODE_LEEWAY=leeway)
        assert get(app, late)[0] == 200
    assert refused(make_app(login.issuer()), late) == (401, "token_expired")


def until(condition: Callable[[], bool]) -> None:
    began = time.monotonic()
    while not condition():
        assert time.monotonic() - began < 20, "it does not happen"
        time.sleep(0.01)
