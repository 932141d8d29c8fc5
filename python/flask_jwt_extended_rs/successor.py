"""What a store keeps of the pair that a refresh token was exchanged for: enough to make the very same
pair again, and nothing that is one.

Written as `1.JTI.CSRF.JTI.CSRF.IAT.EXP.EXP`: the version, what is random of the access token and then of
the refresh token as UUIDs, when both were made, and when each ends in whole seconds, `-` for never. The
Rust library writes it to the letter like this.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_UUID = "([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_WHOLE = "(0|-?[1-9][0-9]{0,17})"
_FORM = re.compile(
    rf"1\.{_UUID}\.{_UUID}\.{_UUID}\.{_UUID}\.{_WHOLE}\.(?:{_WHOLE}|-)\.(?:{_WHOLE}|-)"
)


class Draft(NamedTuple):
    """What tells one token from the next."""

    jti: str
    csrf: str
    issued_at: int
    expires_at: int | None


class Successor(NamedTuple):
    """An access and a refresh token that can be made again."""

    access: Draft
    refresh: Draft

    def to_text(self) -> str:
        """What a store is given."""
        access, refresh = self
        parts = (access.jti, access.csrf, refresh.jti, refresh.csrf, access.issued_at)
        ends = ("-" if draft.expires_at is None else draft.expires_at for draft in self)
        return ".".join(map(str, ("1", *parts, *ends)))

    @classmethod
    def parse(cls, text: str) -> Successor | None:
        """Reads what `to_text` wrote; nothing else."""
        match = _FORM.fullmatch(text)
        if match is None:
            return None
        jti, csrf, next_jti, next_csrf, issued, *ends = match.groups()
        access_end, refresh_end = (None if end is None else int(end) for end in ends)
        return cls(
            Draft(jti, csrf, int(issued), access_end),
            Draft(next_jti, next_csrf, int(issued), refresh_end),
        )
