"""Async views, threads, and processes that fork after the app was made."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import jwt
import pytest
from flask import Flask, jsonify

from apps import SECRET, access, get, make_app
from flask_jwt_extended import (
    JWTManager,
    create_access_token,
    current_user,
    decode_token,
    get_jwt_identity,
    jwt_required,
)

THREADS = 8


def test_async_views() -> None:
    manager = JWTManager()
    app = make_app(manager)
    manager.user_lookup_loader(lambda _header, claims: claims["sub"].title())

    @app.route("/async")
    @jwt_required(optional=True)
    async def view() -> Any:
        await asyncio.sleep(0)
        return jsonify(who=get_jwt_identity(), user=str(current_user) if current_user else None)

    assert get(app, access(app), "/async") == (200, {"who": "ada", "user": "Ada"})
    assert get(app, None, "/async") == (200, {"who": None, "user": None})
    assert get(app, "a.b.c", "/async")[0] == 422
    assert view.__name__ == "view"


def test_ensure_sync_of_the_app_is_asked() -> None:
    class Own(Flask):
        asked = 0

        def ensure_sync(self, func: Any) -> Any:
            self.asked += 1
            return super().ensure_sync(func)

    app = Own("own")
    app.config["JWT_SECRET_KEY"] = SECRET
    JWTManager(app)
    app.add_url_rule("/", "view", jwt_required(optional=True)(lambda: "ok"))
    assert app.test_client().get("/").data == b"ok"
    assert app.asked >= 2


def together(work: Any) -> list[Any]:
    """What `work(n)` gives in threads that start at once."""
    barrier = Barrier(THREADS)

    def one(n: int) -> Any:
        barrier.wait()
        return work(n)

    with ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(one, range(THREADS)))


def test_threads_with_one_manager_and_apps_of_their_own() -> None:
    manager = JWTManager()
    apps = [make_app(manager, SECRET_KEY=f"{n}-{SECRET}") for n in range(THREADS)]

    def work(n: int) -> int:
        app, stranger = apps[n], apps[n - 1]
        good = 0
        for step in range(50):
            app.config["JWT_DECODE_AUDIENCE"] = ["us"] if step % 2 else None
            app.config["JWT_ENCODE_AUDIENCE"] = "us" if step % 2 else None
            good += get(app, access(app, str(n)))[1].get("who") == str(n)
            good -= get(app, jwt.encode({"sub": "x"}, stranger.config["JWT_SECRET_KEY"]))[0] == 200
        return good

    assert together(work) == [50] * THREADS


def test_threads_never_make_the_same_token() -> None:
    app = make_app()

    def work(_: int) -> list[str]:
        with app.test_request_context():
            return [
                decode_token(create_access_token("ada"))[name]
                for _ in range(200)
                for name in ("jti", "csrf")
            ]

    ids = [value for values in together(work) for value in values]
    assert len(set(ids)) == len(ids) == THREADS * 400


@pytest.mark.skipif(not hasattr(os, "fork"), reason="nothing forks here")
@pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
def test_processes_that_fork_never_make_the_same_token() -> None:
    app = make_app()
    # As a server does that loads the app first: the engine and its random numbers are warm.
    access(app)

    def child() -> int:
        reader, writer = os.pipe()
        if (pid := os.fork()) == 0:
            try:
                tokens = [access(app) for _ in range(20)]
                os.write(writer, " ".join(tokens).encode())
            finally:
                os._exit(0)
        os.close(writer)
        children.append(pid)
        return reader

    children: list[int] = []
    readers = [child() for _ in range(4)]
    tokens = []
    for reader in readers:
        with os.fdopen(reader) as pipe:
            tokens += pipe.read().split()
    for pid in children:
        os.waitpid(pid, 0)
    with app.test_request_context():
        claims = [decode_token(token) for token in [*tokens, access(app)]]
    assert len(claims) == 81
    assert len({value for claim in claims for value in (claim["jti"], claim["csrf"])}) == 162
