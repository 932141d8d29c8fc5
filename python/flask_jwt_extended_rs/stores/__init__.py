"""Stores of revocations, on the databases that the Rust library's stores work on, too."""

from typing import TYPE_CHECKING, Any

# First, as the rest relies on it.
import flask_jwt_extended as flask_jwt_extended

# isort: split
from flask_jwt_extended_rs.stores.base import Everything as Everything
from flask_jwt_extended_rs.stores.base import Revocation as Revocation
from flask_jwt_extended_rs.stores.base import RevocationRecord as RevocationRecord
from flask_jwt_extended_rs.stores.base import RevocationStatus as RevocationStatus
from flask_jwt_extended_rs.stores.base import RevocationStore as RevocationStore
from flask_jwt_extended_rs.stores.base import Revoked as Revoked
from flask_jwt_extended_rs.stores.base import Rotation as Rotation
from flask_jwt_extended_rs.stores.base import RotationOutcome as RotationOutcome
from flask_jwt_extended_rs.stores.base import Session as Session
from flask_jwt_extended_rs.stores.base import StoreUnavailable as StoreUnavailable
from flask_jwt_extended_rs.stores.base import Subject as Subject
from flask_jwt_extended_rs.stores.base import Token as Token
from flask_jwt_extended_rs.stores.base import TokenRef as TokenRef
from flask_jwt_extended_rs.stores.memory import MemoryStore as MemoryStore

if TYPE_CHECKING:
    from flask_jwt_extended_rs.stores.redis_store import RedisStore as RedisStore
    from flask_jwt_extended_rs.stores.sqlalchemy_store import SQLAlchemyStore as SQLAlchemyStore


def __getattr__(name: str) -> Any:
    # Only when asked for: they need what is installed as an extra.
    if name == "RedisStore":
        from flask_jwt_extended_rs.stores.redis_store import RedisStore

        return RedisStore
    if name == "SQLAlchemyStore":
        from flask_jwt_extended_rs.stores.sqlalchemy_store import SQLAlchemyStore

        return SQLAlchemyStore
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
