"""Keys and rules, parsed once and kept for as long as the settings have the same values.

What the engine cannot hold exactly as PyJWT would (short RSA keys, Ed448, keys in hardware, algorithms
that the app registered with PyJWT) is None here, and PyJWT does the work.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any, NoReturn

import jwt

from flask_jwt_extended_rs import notices
from flask_jwt_extended_rs._engine import Signer, UnsupportedKey, Verifier

# Apps whose key loaders return a key per tenant need more than a few.
KEPT = 256


def verifier(
    keys: Sequence[Any],
    algorithms: Iterable[str],
    *,
    audience: Any,
    issuer: Any,
    leeway: float | timedelta,
    verify_sub: bool,
    identity_claim: str,
    manager: str | None = None,
) -> Verifier | None:
    """The engine's verifier: the current key first, then others that still verify."""
    if isinstance(leeway, timedelta):
        leeway = leeway.total_seconds()
    try:
        return _verifier(
            tuple(map(_hashable, keys)),
            _names(algorithms),
            None if audience is None else _names(audience),
            None if issuer is None else _names(issuer),
            leeway,
            bool(verify_sub),
            identity_claim,
            manager,
        )
    except TypeError:
        # Something is not of the types that the engine knows. PyJWT takes it, or says what is wrong.
        return None


def signer(key: Any, algorithm: str) -> Signer | None:
    """The engine's signer."""
    try:
        return _signer(_hashable(key), algorithm)
    except TypeError:
        return None


def blame(
    error: Exception,
    key: Any,
    algorithms: Sequence[str],
    chosen: Any,
    *,
    where: str,
    purpose: str,
) -> NoReturn:
    """Raises `error`, or, where the reason is that the key does not fit, what says so and how to mend it.

    :param algorithms: what the key is there for.
    :param chosen: the one of them that was to be used.
    :param where: what the key came from, as a name for developers.
    :param purpose: "sign" or "verify".
    """
    faults = {name: _fault(error, key, name, purpose) for name in algorithms}
    if faults.get(chosen) is None:
        raise error
    if None in faults.values():
        # The key is good for others: it was the token that named this algorithm.
        raise jwt.InvalidAlgorithmError("The specified alg value is not allowed") from error
    reasons = "; ".join(f"{name}: {fault}" for name, fault in faults.items())
    half = "private" if purpose == "sign" else "public"
    raise jwt.InvalidKeyError(
        f"{where} cannot {purpose} tokens ({reasons}). HS algorithms need a secret that is "
        f"not one of a pair of keys; the others need the {half} key as whole PEM text, from its "
        f"-----BEGIN line to its -----END line, with its line breaks."
    ) from error


def _fault(error: Exception, key: Any, algorithm: str, purpose: str) -> str | None:
    """Why a key does not fit an algorithm; None where it does."""
    try:
        prepared = jwt.get_algorithm_by_name(algorithm).prepare_key(key)
    except Exception as reason:  # noqa: BLE001, whatever it is, it is what developers need to see
        return str(reason)
    if isinstance(error, AttributeError) and not hasattr(prepared, purpose):
        return f"{type(prepared).__name__} cannot {purpose}"
    return None


class _SameObject:
    """A key object as part of a cache's key. Those of `cryptography` cannot be hashed."""

    __slots__ = ("key",)

    def __init__(self, key: Any) -> None:
        # An app's own class stands for a key that is elsewhere, or does more than its key.
        if not type(key).__module__.startswith("cryptography."):
            raise TypeError("no key that the engine could hold")
        self.key = key

    def __hash__(self) -> int:
        return id(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _SameObject) and other.key is self.key


def _hashable(key: Any) -> Any:
    return key if isinstance(key, (str, bytes)) else _SameObject(key)


def _key(hashable: Any) -> Any:
    return hashable.key if isinstance(hashable, _SameObject) else hashable


def _names(names: Any) -> tuple[str, ...]:
    if isinstance(names, str):
        return (names,)
    if isinstance(names, (list, tuple, set, frozenset)):
        return tuple(names)
    raise TypeError("a container of the app's own")


@lru_cache(maxsize=KEPT)
def _verifier(
    keys: tuple[Any, ...],
    algorithms: tuple[str, ...],
    audience: tuple[str, ...] | None,
    issuer: tuple[str, ...] | None,
    leeway: float,
    verify_sub: bool,
    identity_claim: str,
    manager: str | None,
) -> Verifier | None:
    try:
        kept = Verifier(
            [_key(key) for key in keys],
            algorithms,
            audience=audience,
            issuer=issuer,
            leeway=leeway,
            verify_sub=verify_sub,
            identity_claim=identity_claim,
            manager=manager,
        )
    except UnsupportedKey:
        return None
    notices.short_secret(keys[0], algorithms[0])
    return kept


@lru_cache(maxsize=KEPT)
def _signer(key: Any, algorithm: str) -> Signer | None:
    try:
        kept = Signer(_key(key), algorithm)
    except UnsupportedKey:
        return None
    notices.short_secret(key, algorithm)
    return kept
