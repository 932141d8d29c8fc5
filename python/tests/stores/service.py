"""An app that logs in, refreshes and logs out, on whatever store its options name."""

from __future__ import annotations

import gc
import json
import os
import warnings
from typing import Any

from flask import Flask, jsonify
from redis.cluster import RedisCluster

from flask_jwt_extended import (
    JWTManager,
    create_token_pair,
    get_jwt,
    get_jwt_identity,
    get_store,
    jwt_required,
    revoke_all_for,
    revoke_session,
    revoke_token,
    rotate_refresh_token,
)
from flask_jwt_extended_rs.stores import RedisStore, RevocationStore, SQLAlchemyStore

SECRET = "a-secret-of-more-than-thirty-two-bytes"


def make_service(**options: Any) -> Flask:
    app = Flask("service")
    app.config.update(JWT_SECRET_KEY=SECRET, JWT_REFRESH_ROTATION=True)
    app.config.update(options)
    JWTManager(app)

    @app.post("/login")
    def login() -> Any:
        return jsonify(create_token_pair("ada")._asdict())

    @app.get("/who")
    @jwt_required()
    def who() -> Any:
        return jsonify(who=get_jwt_identity(), process=os.getpid())

    @app.get("/connection")
    def connection() -> Any:
        return jsonify([BEFORE, (os.getpid(), _connection())])

    @app.post("/refresh")
    @jwt_required(refresh=True)
    def refresh() -> Any:
        return jsonify(rotate_refresh_token()._asdict())

    @app.post("/logout")
    @jwt_required()
    def logout() -> Any:
        revoke_token(by="flask", reason="logout")
        return jsonify(done=True)

    @app.post("/logout-session")
    @jwt_required()
    def logout_session() -> Any:
        revoke_session()
        return jsonify(done=True)

    @app.post("/logout-everywhere")
    @jwt_required()
    def logout_everywhere() -> Any:
        revoke_all_for(token=get_jwt(), keep=get_jwt())
        return jsonify(done=True)

    return app


def close_all(app: Flask) -> None:
    """Closes the connections of an app's stores."""
    for store in app.extensions.get("flask-jwt-extended-rs.stores", {}).values():
        close(store)


def close(store: RevocationStore) -> None:
    """Closes a store's connections."""
    if isinstance(store, SQLAlchemyStore):
        store._shared.dispose()
    if isinstance(store, RedisStore):
        is_cluster = isinstance(store._client, RedisCluster)
        if not isinstance(store._client, str):
            store._client.close()
        if is_cluster:
            # Now and then the client forgets one of its sockets.
            store._client = None
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ResourceWarning)
                gc.collect()


class Client:
    """Asks an app, in this process or over HTTP."""

    def __init__(self, app: Flask | str) -> None:
        self.app = app

    def ask(self, method: str, path: str, token: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        if isinstance(self.app, Flask):
            response = self.app.test_client().open(path, method=method, headers=headers)
            return response.status_code, response.get_json()
        return _over_http(self.app + path, method, headers)

    def login(self) -> Any:
        return self.ask("POST", "/login")[1]

    def who(self, token: str) -> int:
        return self.ask("GET", "/who", token)[0]

    def post(self, path: str, token: str) -> int:
        return self.ask("POST", path, token)[0]

    def refresh(self, token: str) -> tuple[int, Any]:
        return self.ask("POST", "/refresh", token)


def _over_http(url: str, method: str, headers: dict[str, str]) -> tuple[int, Any]:
    import urllib.error
    import urllib.request

    asked = urllib.request.Request(url, method=method, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=60) as response:
            status, body = response.status, response.read()
    except urllib.error.HTTPError as refused:
        with refused:
            status, body = refused.code, refused.read()
    return status, json.loads(body) if body else None


# The process that made the app, and a connection of that time.
BEFORE: list[Any] = []


def app_of_environment() -> Flask:
    """For servers that import an app. Its store has been used already."""
    app = make_service(**json.loads(os.environ["SERVICE_OPTIONS"]))
    client = Client(app)
    assert client.refresh(client.login()["refresh_token"])[0] == 200
    with app.app_context():
        BEFORE.extend((os.getpid(), _connection()))
    return app


def _connection() -> str:
    """What the server calls a connection of the store's."""
    store: Any = get_store()
    if isinstance(store, RedisStore):
        return str(store._client.client_id())
    with store._engine.connect() as connection:
        if connection.dialect.name == "sqlite":
            # It has no server. An object of Python's is another one in each process.
            return f"{os.getpid()} {id(connection.connection.dbapi_connection)}"
        return str(connection.exec_driver_sql("SELECT pg_backend_pid()").scalar_one())
