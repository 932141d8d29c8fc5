"""What a forked process must not share with its parent: locks that are held, and connections."""

from __future__ import annotations

import os
from typing import Any
from weakref import WeakSet

_watched: WeakSet[Any] = WeakSet()


def watch(store: Any) -> None:
    """From now on `store.after_fork()` is called in each process that is forked from this one."""
    _watched.add(store)


def _after_fork() -> None:
    for store in list(_watched):
        store.after_fork()


# Windows has no fork.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
