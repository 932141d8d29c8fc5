"""One library, timed on request: reads `CASE COUNT` lines, answers with nanoseconds.

Whatever `flask_jwt_extended` this interpreter finds is measured; `benches/run` starts one of these for
each library and asks them in turn.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from time import perf_counter_ns, process_time_ns

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from flask import Flask
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    create_refresh_token,
    decode_token,
    get_csrf_token,
    get_jwt_identity,
    jwt_required,
    verify_jwt_in_request,
)
from werkzeug.test import EnvironBuilder

Case = Callable[[int], int]
ALGORITHMS = ("HS256", "RS256", "ES256", "EdDSA")


def main() -> None:
    cases = all_cases()
    print(" ".join(cases), flush=True)
    for line in sys.stdin:
        name, count = line.split()
        print(cases[name](int(count)), flush=True)


def all_cases() -> dict[str, Case]:
    cases: dict[str, Case] = {}
    for algorithm in ALGORITHMS:
        app = make_app(algorithm)
        with app.app_context():
            token = create_access_token("anna", additional_claims={"role": "admin"})
        cases[f"create_access_token/{algorithm}"] = in_context(
            app, lambda: create_access_token("anna")
        )
        cases[f"decode_token/{algorithm}"] = in_context(
            app, lambda token=token: decode_token(token)
        )
        bearer = {"Authorization": f"Bearer {token}"}
        cases[f"verify_jwt_in_request/{algorithm}"] = in_request(
            app, bearer, verify_jwt_in_request
        )
        cases[f"wsgi_open/{algorithm}"] = over_wsgi(app, "/open", bearer)
        cases[f"wsgi_protected/{algorithm}"] = over_wsgi(app, "/protected", bearer)
    app = make_app("HS256")
    with app.app_context():
        token = create_access_token("anna")
        refresh = create_refresh_token("anna")
        csrf = get_csrf_token(token)
    cookies = {"Cookie": f"access_token_cookie={token}", "X-CSRF-TOKEN": csrf}
    cases["verify_jwt_in_request/cookie+csrf"] = in_request(
        app, cookies, verify_jwt_in_request
    )
    cases["verify_jwt_in_request/refresh"] = in_request(
        app,
        {"Authorization": f"Bearer {refresh}"},
        lambda: verify_jwt_in_request(refresh=True),
    )
    app = make_app("RS256")
    cases["create_access_token/RS256,2_threads"] = in_threads(
        in_context(app, lambda: create_access_token("anna")), 2
    )
    return cases


def make_app(algorithm: str) -> Flask:
    app = Flask(__name__)
    app.config["JWT_ALGORITHM"] = algorithm
    app.config["JWT_TOKEN_LOCATION"] = ["headers", "cookies"]
    if algorithm == "HS256":
        app.config["JWT_SECRET_KEY"] = "a secret of at least 32 random bytes"
    else:
        app.config["JWT_PRIVATE_KEY"], app.config["JWT_PUBLIC_KEY"] = key_pair(
            algorithm
        )
    JWTManager(app)

    @app.get("/open")
    def open_route() -> dict[str, str]:
        return {"hello": "anna"}

    @app.route("/protected", methods=["GET", "POST"])
    @jwt_required()
    def protected() -> dict[str, str]:
        return {"hello": get_jwt_identity()}

    return app


def key_pair(algorithm: str) -> tuple[str, str]:
    if algorithm == "RS256":
        private: (
            rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
        )
        private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    elif algorithm == "ES256":
        private = ec.generate_private_key(ec.SECP256R1())
    else:
        private = ed25519.Ed25519PrivateKey.generate()
    return (
        private.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ).decode(),
        private.public_key()
        .public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        .decode(),
    )


def timed(call: Callable[[], object], count: int) -> int:
    # The processor's time: what other programs take is not counted.
    begin = process_time_ns()
    for _ in range(count):
        call()
    return process_time_ns() - begin


def in_context(app: Flask, call: Callable[[], object]) -> Case:
    def run(count: int) -> int:
        with app.app_context():
            return timed(call, count)

    return run


def in_request(app: Flask, headers: dict[str, str], call: Callable[[], object]) -> Case:
    def run(count: int) -> int:
        with app.test_request_context("/protected", method="POST", headers=headers):
            return timed(call, count)

    return run


def over_wsgi(app: Flask, path: str, headers: dict[str, str]) -> Case:
    """A whole request, without a socket."""
    environ = EnvironBuilder(path, headers=headers).get_environ()
    statuses: set[str] = set()

    def request() -> None:
        body = app.wsgi_app(
            dict(environ), lambda status, _headers, _error=None: statuses.add(status)
        )
        for _ in body:
            pass
        # Flask's has it; the type that WSGI gives it does not.
        body.close()  # type: ignore[attr-defined]

    def run(count: int) -> int:
        nanoseconds = timed(request, count)
        if statuses != {"200 OK"}:
            raise SystemExit(f"{path} answers {statuses}")
        return nanoseconds

    return run


def in_threads(case: Case, threads: int) -> Case:
    """The time until `threads` threads have done their share of `count` calls each."""

    def run(count: int) -> int:
        workers = [
            threading.Thread(target=case, args=(count // threads,))
            for _ in range(threads)
        ]
        begin = perf_counter_ns()
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return perf_counter_ns() - begin

    return run


if __name__ == "__main__":
    main()
