"""Keys of yesterday: they sign nothing any more, and still verify what they have signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from jwt.algorithms import requires_cryptography

# The options, and whether their keys are those of pairs.
_FALLBACKS = (("JWT_SECRET_KEY_FALLBACKS", False), ("JWT_PUBLIC_KEY_FALLBACKS", True))


class Candidate(NamedTuple):
    """A key, the algorithms that it verifies with, and the fallback option that it came from."""

    key: Any
    algorithms: list[str]
    option: str | None = None


def candidates(key: Any, algorithms: Sequence[str], options: Mapping[str, Any]) -> list[Candidate]:
    """The current key, and after it those of the fallback options.

    Where there are some, each key is asked only about algorithms that it is meant for: a rotation may
    well go from a secret to a pair of keys.
    """
    others = []
    for name, of_pairs in _FALLBACKS:
        held = options.get(name) or ()
        fitting = _of_kind(algorithms, of_pairs)
        for fallback in (held,) if isinstance(held, (str, bytes)) else held:
            # One that is empty, such as a variable that is not set, would be anybody's key.
            if fallback and fitting:
                others.append(Candidate(fallback, fitting, name))
    if not others:
        return [Candidate(key, list(algorithms))]
    is_of_pair = options["JWT_ALGORITHM"] in requires_cryptography
    return [Candidate(key, _of_kind(algorithms, is_of_pair)), *others]


def _of_kind(algorithms: Sequence[str], of_pairs: bool) -> list[str]:
    return [name for name in algorithms if (name in requires_cryptography) is of_pairs]
