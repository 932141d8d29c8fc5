"""Types of arguments that several functions share."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any, Literal, TypeVar

# How long a token lives; False: it does not expire.
ExpiresDelta = Literal[False] | timedelta
# Whether a token is fresh, until which time (seconds since 1970), or for how long.
Fresh = bool | float | timedelta

# What a decorator takes and gives back unchanged.
AnyCallable = TypeVar("AnyCallable", bound=Callable[..., Any])
