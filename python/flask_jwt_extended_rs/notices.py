"""Warnings for developers, about the line of their code that causes them."""

from __future__ import annotations

import sys
import warnings
from typing import Any

from jwt.warnings import InsecureKeyLengthWarning

_PACKAGES = {"flask_jwt_extended", "flask_jwt_extended_rs"}
# RFC 7518, 3.2: a key of the size of the hash or larger.
_BYTES_OF_SECRET = {"HS256": 32, "HS384": 48, "HS512": 64}

_short_secret_seen = False


def short_secret(secret: Any, algorithm: str) -> None:
    """Warns, once in a process, of a secret with fewer bytes than its hash has."""
    global _short_secret_seen
    needed = _BYTES_OF_SECRET.get(algorithm)
    if needed is None:
        return
    length = len(secret.encode() if isinstance(secret, str) else secret)
    if length >= needed or _short_secret_seen:
        return
    _short_secret_seen = True
    _warn(
        f"The secret of {algorithm} is {length} bytes long, and should have {needed} or more "
        f"(RFC 7518, 3.2): whoever has one token can try secrets until one fits. Make one with "
        f"`python -c 'import secrets; print(secrets.token_hex())'` and set it as JWT_SECRET_KEY.",
        InsecureKeyLengthWarning,
    )


def subject_will_be_refused(subject: object) -> None:
    """Warns of an identity that makes a token which is refused when it comes back."""
    _warn(
        f'The "sub" of this token is of type {type(subject).__name__} and has to be a string: the token '
        f'will be refused with "Subject must be a string". Pass str(identity), convert it in a '
        f"user_identity_loader, or set JWT_VERIFY_SUB to False.",
        UserWarning,
    )


def manager_claim_will_be_refused() -> None:
    """Warns of a claim that is the library's own."""
    _warn(
        'The claim "mgr" names the manager that a token is for, and this manager has no name: the token '
        "will be refused. Give the claim another name.",
        UserWarning,
    )


def _warn(message: str, category: type[Warning]) -> None:
    level = 1
    frame = sys._getframe()
    while frame.f_back and frame.f_globals.get("__name__", "").partition(".")[0] in _PACKAGES:
        frame = frame.f_back
        level += 1
    warnings.warn(message, category, stacklevel=level)
