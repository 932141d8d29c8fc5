"""The engine that `flask_jwt_extended` is made on."""

from collections.abc import Sequence
from json import JSONEncoder
from typing import Any, final

__all__ = [
    "OutsideKeys",
    "Signer",
    "Unsupported",
    "UnsupportedKey",
    "Verifier",
    "__version__",
    "jwk_set",
    "unverified",
    "usual_token",
    "uuids",
]

__version__: str

class Unsupported(ValueError):
    """The engine might answer otherwise than `PyJWT` here, which therefore has to be asked."""

class UnsupportedKey(Unsupported):
    """The engine cannot hold this key, or these rules, exactly as `PyJWT` would."""

@final
class Verifier:
    """Keys and rules for decoding, parsed once; immutable, and shareable between threads.

    The first of `keys` is the current one; the others are tried in their order where a signature does
    not fit it. Keys are whatever `PyJWT` takes: text, bytes, or objects of `cryptography`. With
    `manager`, only tokens of the manager of that name are good, and without, only those of none.

    Raises `UnsupportedKey`.
    """

    def __new__(
        cls,
        keys: Sequence[object],
        algorithms: Sequence[str],
        *,
        audience: Sequence[str] | None,
        issuer: Sequence[str] | None,
        leeway: float,
        verify_sub: bool,
        identity_claim: str,
        manager: str | None = None,
    ) -> Verifier: ...
    def decode(
        self,
        token: str | bytes,
        now: float,
        csrf_value: str | None = None,
        allow_expired: bool = False,
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Checks a token and returns its header and payload. Raises what upstream raises.

        The claims `type`, `fresh` and `jti` are added where they are missing, as upstream does it. An
        expired token that is good otherwise raises `jwt.ExpiredSignatureError`, with `jwt_header` and
        `jwt_data`.

        Raises `Unsupported` where only `PyJWT` can tell: then decode with it, from the beginning.
        """
    def claims(
        self,
        token: str | bytes,
        now: float,
        csrf_value: str | None = None,
        allow_expired: bool = False,
    ) -> dict[str, Any]:
        """Checks a token as `decode` does, and returns its payload alone."""

@final
class Signer:
    """A key for encoding, parsed once; immutable, and shareable between threads.

    Raises `UnsupportedKey`.
    """

    def __new__(cls, key: object, algorithm: str) -> Signer: ...
    @property
    def thumbprint(self) -> str | None:
        """The key's name by RFC 7638, under which it is published; None for a secret."""
    def encode(
        self,
        claims: dict[str, Any],
        headers: dict[str, Any] | None = None,
        json_encoder: type[JSONEncoder] | None = None,
    ) -> str:
        """Signs `claims`, to the byte as `jwt.encode` does.

        Raises `Unsupported` where `headers` change how a token is signed (`alg`, `b64`, `crit`): then
        encode with `PyJWT`.
        """

@final
class OutsideKeys:
    """The keys of an outside issuer, and what its tokens have to fulfil; immutable, and shareable between
    threads.

    :param jwks: a JWK Set. Keys that cannot be used are passed over, and secrets always are.
    :param algorithms: None: all that have public keys.
    :param may_be_empty: whether there may be no key that can be used.

    Raises ValueError.
    """

    def __new__(
        cls,
        jwks: str,
        *,
        issuer: str,
        audiences: Sequence[str],
        algorithms: Sequence[str] | None = None,
        token_type: str | None = None,
        may_be_empty: bool = False,
    ) -> OutsideKeys: ...
    def decode(
        self, token: str | bytes, now: float, leeway: float
    ) -> tuple[dict[str, Any], dict[str, Any]] | None:
        """Checks a token and returns its header and payload, with `type`, `fresh` and `jti` where they are
        missing.

        None: none of these keys has signed it, and a newer one may have. What is refused is raised:
        PyJWT's exceptions, and WrongTokenError for another `typ`.
        """

def jwk_set(keys: Sequence[tuple[object, Sequence[str]]]) -> tuple[str, str]:
    """The public keys among `keys`, as the JSON of a JWK Set, and a text that is another one whenever that is.

    Each key stands beside the algorithms that it is for. Secrets are passed over.

    Raises `UnsupportedKey`.
    """

def unverified(token: str | bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and payload of a token, without looking at its signature.

    Raises what `jwt.decode(token, options={"verify_signature": False})` raises.
    """

def usual_token(value: str, kind: str) -> str | None:
    """The token, where the header's value is `kind`, one space and one word of ASCII.

    None where it is anything else, good or not: most clients send nothing else.
    """

def uuids() -> tuple[str, str]:
    """Two random UUIDs of version 4. The generator survives a fork: no two processes draw the same."""
