"""Revocations in Redis, over redis-py: keys, values and scripts of the Rust store."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Literal

import redis
from redis.backoff import NoBackoff
from redis.cluster import RedisCluster
from redis.exceptions import ConnectionError as ConnectionLost
from redis.exceptions import NoScriptError, ReadOnlyError, RedisClusterException, RedisError
from redis.exceptions import TimeoutError as TooLate
from redis.retry import Retry

from flask_jwt_extended_rs.stores import redis_keys
from flask_jwt_extended_rs.stores.base import (
    REUSE,
    TIMEOUT,
    Everything,
    Revocation,
    RevocationRecord,
    RevocationStatus,
    RevocationStore,
    Revoked,
    Rotation,
    RotationOutcome,
    Session,
    StoreUnavailable,
    Subject,
    Token,
    TokenRef,
    is_cut_off,
)
from flask_jwt_extended_rs.stores.redis_keys import Keys, maybe, maybe_time, time
from flask_jwt_extended_rs.stores.statements import lua, nonsense

_log = logging.getLogger("flask_jwt_extended")

Blocklist = Literal["off", "read", "read_write"]


class RedisStore(RevocationStore):
    """Revocations and rotation in Redis, on one server or a cluster."""

    def __init__(
        self,
        client: redis.Redis | RedisCluster | str,
        *,
        subject_key: str | bytes,
        prefix: str = "jwt",
        timeout: float = TIMEOUT,
        flask_blocklist: Blocklist = "off",
    ) -> None:
        """
        :param client: the app's own client, or a URL: "redis://user:password@host:6379/0", or
            "redis+cluster://user:password@host:6379" with any server of a cluster.
        :param subject_key: the secret under which subjects are hashed in the names of keys: at least 16
            bytes, and the same wherever the same revocations are to count.
        :param prefix: how all keys begin.
        :param timeout: how many seconds an answer may take. A client of the app's own has settings of
            its own for it, `socket_timeout` and `socket_connect_timeout`.
        :param flask_blocklist: what to do with the blocklist of Flask-JWT-Extended's documentation, keys
            that are a bare `jti`: "read" it, or "read_write".
        """
        secret = subject_key.encode() if isinstance(subject_key, str) else subject_key
        if len(secret) < 16:
            raise ValueError(
                "the Redis store needs a subject key of at least 16 bytes, the same for every instance "
                "(JWT_STORE_SUBJECT_KEY): make one with `openssl rand -base64 32`"
            )
        if flask_blocklist not in ("off", "read", "read_write"):
            raise ValueError(
                f'flask_blocklist is "off", "read" or "read_write", not {flask_blocklist!r}'
            )
        self._cluster: Callable[[], RedisCluster] | None = None
        if isinstance(client, str):
            scheme, plus, rest = client.partition("+cluster:")
            settings: dict[str, Any] = {
                "socket_timeout": timeout,
                "socket_connect_timeout": timeout,
                "retry": Retry(NoBackoff(), 0),
            }
            if plus:
                # It connects when it is made, which is not yet the time to fail.
                self._cluster = partial(RedisCluster.from_url, f"{scheme}:{rest}", **settings)
            else:
                client = redis.Redis.from_url(client, **settings)
        self._client: Any = client
        self._keys = Keys(prefix, secret)
        self._reads_blocklist = flask_blocklist != "off"
        self._writes_blocklist = flask_blocklist == "read_write"
        self._is_cluster = isinstance(client, RedisCluster) or self._cluster is not None
        self._is_checked = False

    def status(self, token: TokenRef) -> RevocationStatus:
        keys = self._keys.of(token.owner)
        facts = [keys.token(token.jti), keys.session(token.family)]
        is_listed = False
        if self._reads_blocklist and token.jti is not None:
            if self._is_cluster:
                # In a slot of its own.
                is_listed = self._is_listed(token.jti)
            else:
                facts.append(token.jti)
        # EXISTS, for a value of any type revokes; GET, for one of a wrong type must be an error.
        commands: list[tuple[str, ...]] = [("EXISTS", *facts), ("GET", keys.cutoff)]
        if token.is_refresh and token.family is not None:
            commands.append(("GET", keys.family(token.family)))
        found, cut, *state = self._ask(lambda again: self._pipeline(commands))
        if type(found) is not int:
            raise nonsense("Redis")
        if found or is_listed:
            return RevocationStatus.REVOKED
        if cut is not None:
            for record in redis_keys.cutoffs(_text(cut)):
                assert isinstance(record.what, Everything)
                if is_cut_off(token, record.what):
                    return RevocationStatus.REVOKED
        if not state or state[0] is None:
            return RevocationStatus.ACTIVE
        current, previous, at = redis_keys.family(_text(state[0]))
        if token.jti == current or (token.jti == previous and token.now <= at + token.grace):
            return RevocationStatus.ACTIVE
        return RevocationStatus.REUSED

    def revoke(self, revocation: Revocation) -> None:
        what, until, at = revocation.what, revocation.until, revocation.at
        keys = self._keys.of(revocation.owner)
        words = [maybe(revocation.by), maybe(revocation.reason)]
        if isinstance(what, Everything):
            arguments = [time(what.issued_until), maybe(what.keep), maybe_time(until), time(at)]
            self._call("revoke_subject", [keys.cutoff], [*arguments, *words])
            return
        key, name = keys.named(what)
        family = keys.family(what.id if isinstance(what, Session) else None)
        arguments = [name, maybe_time(until), time(at), *words]
        self._call("revoke", [key, keys.index, family], arguments)
        if self._writes_blocklist and isinstance(what, Token):
            self._call("flask", [what.jti], [maybe_time(until), time(at)])

    def rotate(self, rotation: Rotation) -> tuple[RotationOutcome, str | None]:
        # Before, since a token that is used up cannot be given back.
        if self._is_listed(rotation.jti):
            return RotationOutcome.REVOKED, None
        token = rotation.token
        keys = self._keys.of(token.owner)
        answer = self._call(
            "rotate",
            [
                keys.token(rotation.jti),
                keys.session(rotation.family),
                keys.cutoff,
                keys.family(rotation.family),
                keys.index,
            ],
            [
                maybe(rotation.jti),
                maybe_time(token.issued_at),
                maybe(token.session),
                time(token.now),
                time(token.grace),
                rotation.family,
                rotation.next_jti,
                rotation.successor,
                maybe_time(rotation.until),
                maybe_time(rotation.burnt_until),
                REUSE,
            ],
        )
        match [_text(word) for word in answer] if isinstance(answer, list) else None:
            case ["rotated" | "reused" | "revoked" as outcome]:
                return RotationOutcome(outcome), None
            case ["repeated", successor, current]:
                if self._is_listed(current):
                    return RotationOutcome.REVOKED, None
                return RotationOutcome.REPEATED, successor
        raise nonsense("Redis")

    def list(self, owner: Subject, now: float) -> list[RevocationRecord]:
        keys = self._keys.of(owner)
        index, cut = self._call("list", [keys.index, keys.cutoff], [])
        texts = [_text(part) for part in index]
        pairs = zip(texts[::2], texts[1::2], strict=True)
        records = [redis_keys.entry(name, text) for name, text in pairs if name]
        if cut is not None:
            records += redis_keys.cutoffs(_text(cut))
        return [record for record in records if record.until is None or record.until > now]

    def restore(self, owner: Subject, what: Revoked) -> bool:
        keys = self._keys.of(owner)
        key, name = keys.named(what)
        restored = bool(self._call("restore", [key, keys.index], [name]))
        if self._writes_blocklist and isinstance(what, Token):
            unlisted = self._ask(lambda again: self._client.delete(what.jti))
            return restored or bool(unlisted)
        return restored

    def purge(self, now: float) -> int:
        """Nothing to do: keys end by themselves."""
        return 0

    def _is_listed(self, jti: str) -> bool:
        if not self._reads_blocklist:
            return False
        return bool(self._ask(lambda again: self._client.exists(jti)))

    def _pipeline(self, commands: Sequence[tuple[str, ...]]) -> Any:
        pipeline = self._client.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        return pipeline.execute()

    def _call(self, script: str, keys: Sequence[str], arguments: Sequence[str]) -> Any:
        text, digest = _SCRIPTS[script]

        def call(again: bool) -> Any:
            # Only some scripts want to know whether they were sent before.
            values = (len(keys), *keys, *arguments, "1" if again else "")
            try:
                return self._client.evalsha(digest, *values)
            except NoScriptError:
                return self._client.eval(text, *values)

        return self._ask(call)

    def _ask(self, question: Any) -> Any:
        """A connection that was cut, as idle ones are, is worth one more try on another one."""
        try:
            if not self._is_checked:
                self._check()
            try:
                return question(False)
            except TooLate:
                raise
            except (ConnectionLost, ReadOnlyError):
                if not self._is_cluster:
                    self._client.connection_pool.disconnect(inuse_connections=False)
                return question(True)
        # A cluster's own error is no kind of Redis error.
        except (RedisError, RedisClusterException, OSError, ValueError) as error:
            raise StoreUnavailable(f"Redis: {type(error).__name__}: {error}") from error

    def _check(self) -> None:
        """With another subject key, no revocation would be found, and every token let in. So the first
        store leaves a fingerprint of its key, and each one compares.
        """
        if self._cluster is not None and not isinstance(self._client, RedisCluster):
            self._client = self._cluster()
        marker = self._keys.marker
        self._client.set(marker, self._keys.fingerprint, nx=True)
        if _text(self._client.get(marker) or "") != self._keys.fingerprint:
            raise RuntimeError(
                f"what lies in this Redis was written under another subject key, so that no revocation "
                f"would be found: set the key that the other instances have (JWT_STORE_SUBJECT_KEY), or "
                f"another prefix. To change the key for good, which forgets all revocations, delete the "
                f"key `{marker}`"
            )
        self._warn()
        self._is_checked = True

    def _warn(self) -> None:
        """Logs a warning for each way in which the server would lose revocations."""
        names = ("save", "appendonly", "maxmemory", "maxmemory-policy")
        try:
            found = [self._client.config_get(name) for name in names]
        except RedisError:
            # Managed servers often refuse to tell.
            return
        settings = {_text(key): _text(value) for pairs in found for key, value in pairs.items()}
        for warning in warnings(settings):
            _log.warning(warning)


def warnings(settings: dict[str, str]) -> list[str]:
    """What would lose revocations with these settings of a server."""
    found = []
    if settings.get("appendonly") != "yes":
        found.append(
            "The Redis server writes to disk only now and then: when it crashes, the latest revocations "
            "are forgotten; set `appendonly yes`"
            if settings.get("save")
            else "The Redis server keeps nothing on disk: when it restarts, all revocations are forgotten, "
            "and who was logged out is in again; set `appendonly yes`"
        )
    policy = settings.get("maxmemory-policy", "noeviction")
    if settings.get("maxmemory", "0") != "0" and policy != "noeviction":
        found.append(
            f"The Redis server drops keys when its memory is full (`maxmemory-policy {policy}`): a "
            f"revocation that is dropped is forgotten; set `maxmemory-policy noeviction`"
        )
    return found


def _text(value: Any) -> str:
    # Clients may be set to decode by themselves.
    try:
        return str(value, "utf-8") if isinstance(value, bytes) else value + ""
    except (TypeError, UnicodeDecodeError) as error:
        raise nonsense("Redis") from error


def _script(name: str) -> tuple[str, str]:
    text = lua(name)
    return text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


_SCRIPTS = {
    name: _script(name)
    for name in ("revoke", "revoke_subject", "rotate", "list", "restore", "flask")
}
