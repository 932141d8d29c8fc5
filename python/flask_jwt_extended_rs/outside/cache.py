"""The keys of one issuer, kept for as long as they may be, by the rules of the Rust library.

1. Keys in the first four fifths of their life are used.
2. In the last fifth they are used, and newer ones fetched meanwhile.
3. Past their life they are used only if the issuer was asked for newer ones and did not answer, for as
   long as stale keys may be; it is asked again and again meanwhile.
4. Otherwise a request waits for the keys. An issuer that has just not answered is not asked again before
   a pause is over: then there are no keys, at once.
5. A key that is not known is looked for once in each cool-down.

However many threads want keys, there is one flight to fetch them, in a thread of its own.
"""

from __future__ import annotations

import logging
import os
import threading
import weakref
from time import monotonic

from flask_jwt_extended.tokens import _now
from flask_jwt_extended_rs._engine import OutsideKeys
from flask_jwt_extended_rs.outside.fetch import fetch
from flask_jwt_extended_rs.outside.issuer import Issuer, IssuerUnavailable

_log = logging.getLogger("flask_jwt_extended")

# In a tuple, since freezegun replaces the function wherever a module has it: a flight is timed by a clock
# that goes on.
_REAL_TIME = (monotonic,)


class KeyCache:
    """The keys of one issuer. For any number of threads, and for processes that fork."""

    def __init__(self, issuer: Issuer) -> None:
        self.issuer = issuer
        self._keys: OutsideKeys | None = None
        self._fetched = self._life = 0.0
        # The last flight's failure, if it failed, and when.
        self._failure: tuple[float, IssuerUnavailable] | None = None
        # When a key that was not known was last looked for.
        self._sought: float | None = None
        self._flight: threading.Event | None = None
        self._took_off = 0.0
        self._after_fork()
        _caches.add(self)

    def keys(self) -> OutsideKeys:
        """Keys to verify a token with. IssuerUnavailable: there are none."""
        has_waited = False
        while True:
            with self._lock:
                self._give_up()
                now = _now()
                may_ask = self._failure is None or _over(
                    self._failure[0], self.issuer.retry_after, now
                )
                if self._keys is not None and self._may_use(now):
                    if may_ask and _over(self._fetched, self._life * 0.8, now):
                        self._board()
                    return self._keys
                is_left_alone = not may_ask and self._flight is None
                # Nobody waits for a second flight after one that has failed.
                if self._failure is not None and (has_waited or is_left_alone):
                    raise self._failure[1]
                flight = self._board()
            flight.wait(self.issuer.timeout)
            has_waited = True

    def others_than(self, known: OutsideKeys) -> OutsideKeys | None:
        """Keys for a token whose key is not among `known`; None: there are no others.

        IssuerUnavailable: there may be, and the issuer does not say.
        """
        with self._lock:
            self._give_up()
            flight = None
            if self._keys is known and self._may_seek():
                flight = self._board()
        if flight is not None:
            flight.wait(self.issuer.timeout)
        with self._lock:
            self._give_up()
            if self._keys is not known:
                return self._keys
            if self._failure is not None:
                raise self._failure[1]
            return None

    def refresh(self) -> None:
        """Fetches the keys now. IssuerUnavailable: it did not work."""
        with self._lock:
            flight = self._board()
        flight.wait(self.issuer.timeout)
        with self._lock:
            self._give_up()
            if self._failure is not None:
                raise self._failure[1]

    def _may_use(self, now: float) -> bool:
        life = self._life + (self.issuer.keep_stale_keys if self._failure else 0)
        return not _over(self._fetched, life, now)

    def _may_seek(self) -> bool:
        if self._flight is None:
            now = _now()
            if self._sought is not None and not _over(self._sought, self.issuer.cool_down, now):
                return False
            self._sought = now
        return True

    def _board(self) -> threading.Event:
        """The flight that is in the air, or a new one; it is set when it has landed."""
        if self._flight is None:
            self._flight = threading.Event()
            self._took_off = _REAL_TIME[0]()
            threading.Thread(target=self._fly, args=(self._flight,), daemon=True).start()
        return self._flight

    def _fly(self, flight: threading.Event) -> None:
        keys, life, failure = None, 0.0, None
        try:
            keys, life = fetch(self.issuer)
        except IssuerUnavailable as error:
            failure = error
        with self._lock:
            # Unless it was given up.
            if self._flight is flight:
                self._land(keys, life, failure)

    def _give_up(self) -> None:
        """Ends a flight that is too long in the air: one that gets a byte now and then, for example."""
        timeout = self.issuer.timeout
        if self._flight is not None and _REAL_TIME[0]() - self._took_off >= timeout:
            late = f"the keys of the issuer {self.issuer.name!r} did not come within {timeout} s"
            self._land(None, 0, IssuerUnavailable(late))

    def _land(
        self, keys: OutsideKeys | None, life: float, failure: IssuerUnavailable | None
    ) -> None:
        flight, self._flight = self._flight, None
        now = _now()
        if failure is not None:
            _log.warning("%s", failure)
            self._failure = now, failure
        else:
            self._keys, self._fetched, self._life, self._failure = keys, now, life, None
        assert flight is not None
        flight.set()

    def _after_fork(self) -> None:
        # The thread that holds the lock, or is in the air, is in the other process.
        self._lock = threading.Lock()
        self._flight = None


def _over(start: float, span: float, now: float) -> bool:
    """Whether `span` has passed. What began by a clock that was set back since is over."""
    return now < start or now - start >= span


def _reset_all() -> None:
    for cache in list(_caches):
        cache._after_fork()


_caches: weakref.WeakSet[KeyCache] = weakref.WeakSet()
os.register_at_fork(after_in_child=_reset_all)
