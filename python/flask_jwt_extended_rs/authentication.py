"""What protects views, for tokens that come with no request: of WebSockets and queues."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_jwt_extended import utils, view_decorators
from flask_jwt_extended.config import bound, config
from flask_jwt_extended_rs import managers


@dataclass(frozen=True)
class Authenticated:
    """A token that passed every check, and whose it is. Its `repr` tells nothing of the token."""

    identity: Any
    # What `user_lookup_loader` found; None where the app has no such loader.
    user: Any = field(repr=False)
    claims: dict[str, Any] = field(repr=False)
    header: dict[str, Any] = field(repr=False)


def authenticate(
    token: str,
    *,
    fresh: bool = False,
    refresh: bool = False,
    verify_type: bool = True,
    skip_revocation_check: bool = False,
    csrf_value: str | None = None,
    manager: str | None = None,
) -> Authenticated:
    """Checks a token from anywhere as a protected view does: signature and claims, type, freshness,
    revocation, the app's own verification; and loads its user.

    It needs the context of an app, not that of a request, and leaves `get_jwt` and `current_user` as
    they are. The arguments are those of `verify_jwt_in_request`, and

    :param csrf_value: the double submit value that the token must have, for a token out of a cookie.

    What is refused is raised, as there.
    """
    with managers.using(manager):
        found = utils._manager()
        options = bound(config)
        header, claims = view_decorators._decode_found(found, token, csrf_value, options)
        view_decorators._verify_rules(
            found, header, claims, fresh, refresh, verify_type, skip_revocation_check, options
        )
        loaded = view_decorators._load_user(header, claims) or {"loaded_user": None}
        return Authenticated(
            identity=claims.get(config.identity_claim_key),
            user=loaded["loaded_user"],
            claims=claims,
            header=header,
        )
