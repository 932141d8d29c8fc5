"""Names and values in Redis, to the byte those of the Rust store."""

from __future__ import annotations

import hmac
import json
import re
from decimal import Decimal
from typing import Any

from flask_jwt_extended_rs.stores.base import (
    Everything,
    RevocationRecord,
    Revoked,
    Session,
    StoreUnavailable,
    Subject,
    Token,
)
from flask_jwt_extended_rs.stores.statements import nonsense

# What stands in a key as it is: a UUID, for one. Everything else is hashed.
_PLAIN = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class Keys:
    """Makes names of keys, in which nobody reads whose they are."""

    def __init__(self, prefix: str, secret: bytes) -> None:
        self._mac = hmac.new(secret, digestmod="sha256")
        self._prefix = prefix
        # Where a fingerprint of the secret lies, so that two that differ are noticed.
        self.marker = f"{prefix}:subject-key"
        self.fingerprint = self._digest(b"fingerprint")

    def of(self, owner: Subject) -> SubjectKeys:
        """The names of a subject's keys, all in one slot of a cluster."""
        manager = _octets(owner.manager)
        # With the length in front, no two pairs are one text.
        text = b"subject:%d:%b%b" % (len(manager), manager, _octets(owner.subject))
        return SubjectKeys(self, f"{self._prefix}:{{{self._digest(text)}}}:")

    def of_id(self, name: str) -> str:
        """How an id is spelled in a key."""
        return name if _PLAIN.fullmatch(name) else "#" + self._digest(b"id:" + _octets(name))

    def _digest(self, text: bytes) -> str:
        mac = self._mac.copy()
        mac.update(text)
        return mac.hexdigest()[:32]


class SubjectKeys:
    """The names of one subject's keys. That of an absent id names nothing."""

    def __init__(self, keys: Keys, stem: str) -> None:
        self._keys = keys
        self._stem = stem
        self.cutoff = f"{stem}c"
        self.index = f"{stem}i"

    def token(self, jti: str | None) -> str:
        return self._key("t", jti)

    def session(self, session: str | None) -> str:
        return self._key("s", session)

    def family(self, family: str | None) -> str:
        return self._key("f", family)

    def named(self, what: Revoked) -> tuple[str, str]:
        """The key of what is revoked, and its name in the index."""
        if isinstance(what, Token):
            return self.token(what.jti), f"t:{what.jti}"
        if isinstance(what, Session):
            return self.session(what.id), f"s:{what.id}"
        return self.cutoff, "c"

    def _key(self, kind: str, name: str | None) -> str:
        return f"{self._stem}{kind}:" + ("" if name is None else self._keys.of_id(name))


def time(moment: float) -> str:
    """In full, so that it is the same number when it is read; never with an exponent."""
    text = repr(float(moment))
    if "e" in text:
        text = format(Decimal(text), "f")
    return text.removesuffix(".0")


def maybe(text: str | None) -> str:
    """A text that may be absent."""
    return "" if text is None else f"={text}"


def maybe_time(moment: float | None) -> str:
    """A time that may be absent."""
    return "" if moment is None else f"={time(moment)}"


def entry(name: str, text: str) -> RevocationRecord:
    """An entry of the index."""
    kind, name = name[:2], name[2:]
    ends, space, words = text.partition(" ")
    if kind not in ("t:", "s:") or not space:
        raise nonsense("Redis")
    return _record(Token(name) if kind == "t:" else Session(name), ends or None, _parse(words))


def cutoffs(text: str) -> list[RevocationRecord]:
    """The value of a cutoff's key: the latest one, and what of its session to keep another one has hit."""
    fact = _parse(text)
    what = Everything(_time(fact.get("issued_until")), _word(fact, "keep"))
    latest = _record(what, fact.get("until"), fact)
    if what.keep is None or "kept_after" not in fact:
        return [latest]
    return [latest, RevocationRecord(Everything(_time(fact["kept_after"])), latest.until)]


def family(text: str) -> tuple[str, str, float]:
    """Of a family of refresh tokens: the current one, the previous one, and when it was exchanged."""
    fact = _parse(text)
    current, previous = _word(fact, "current"), _word(fact, "previous")
    if current is None or previous is None:
        raise nonsense("Redis")
    return current, previous, _time(fact.get("at"))


def _octets(name: str) -> bytes:
    try:
        return name.encode()
    except UnicodeEncodeError as error:
        raise StoreUnavailable(
            "a name in the token is no text (half of a surrogate pair)"
        ) from error


def _record(what: Revoked, until: Any, words: dict[str, Any]) -> RevocationRecord:
    end = None if until is None else _time(until)
    at = _time(words.get("at"))
    return RevocationRecord(what, end, at, _word(words, "by"), _word(words, "reason"))


def _parse(text: str) -> dict[str, Any]:
    try:
        fact = json.loads(text)
    except ValueError as error:
        raise nonsense("Redis") from error
    if not isinstance(fact, dict):
        raise nonsense("Redis")
    return fact


def _word(fact: dict[str, Any], name: str) -> str | None:
    word = fact.get(name)
    if word is not None and not isinstance(word, str):
        raise nonsense("Redis")
    return word


def _time(text: Any) -> float:
    # As Lua and Rust read them: digits, and neither spaces nor underscores.
    if not isinstance(text, str) or not re.fullmatch(
        r"-?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", text
    ):
        raise nonsense("Redis")
    return float(text)
