"""An issuer's keys over HTTPS, and how long they are good."""

from __future__ import annotations

import json
from urllib.parse import urljoin, urlsplit

try:
    import requests
except ModuleNotFoundError:
    raise ModuleNotFoundError(
        "Tokens of outside issuers need what is not installed: "
        "pip install 'flask-jwt-extended-rs[oidc]'",
        name="requests",
    ) from None

from flask_jwt_extended_rs._engine import OutsideKeys
from flask_jwt_extended_rs.outside.issuer import Issuer, IssuerUnavailable

# More than any issuer's keys or metadata need.
LARGEST = 512 * 1024
REDIRECTS = 3
# Where the issuer does not say how long its keys are good, in seconds.
USUAL_LIFE = 300.0


def fetch(issuer: Issuer) -> tuple[OutsideKeys, float]:
    """The keys as they are now, and for how many seconds they may be kept. IssuerUnavailable: no keys."""
    try:
        with requests.Session() as session:
            address = issuer.jwks_url or _jwks_address(issuer, session)
            text, max_age = _get(issuer, session, address)
        keys = issuer.keys_of(text)
    except Exception as fault:  # whatever it is: who waits must be told
        # With its own text, since causes are often not logged.
        raise IssuerUnavailable(
            f"the keys of the issuer {issuer.name!r} could not be had: {fault}"
        ) from fault
    shortest, longest = issuer.keep_keys
    return keys, min(max(USUAL_LIFE if max_age is None else max_age, shortest), longest)


def _jwks_address(issuer: Issuer, session: requests.Session) -> str:
    address = issuer.metadata_address
    text, _ = _get(issuer, session, address)
    try:
        metadata = json.loads(text)
        name, jwks_uri = metadata["issuer"], str(metadata["jwks_uri"])
    except (ValueError, TypeError, KeyError, RecursionError) as fault:
        raise ValueError(f"{address} is no metadata with issuer and jwks_uri") from fault
    # OpenID Connect Discovery 1.0, 4.3: else one issuer could speak for another.
    if name != issuer.name:
        raise ValueError(
            f"{address} is of the issuer {name!r}: the name must be its own, to the letter"
        )
    return jwks_uri


def _get(issuer: Issuer, session: requests.Session, url: str) -> tuple[str, float | None]:
    for _ in range(REDIRECTS + 1):
        response = session.get(
            issuer.checked_url(url),
            # No compression, so that what is limited is what is read.
            headers={"Accept": "application/json", "Accept-Encoding": "identity"},
            timeout=issuer.timeout,
            allow_redirects=False,
            stream=True,
            verify=issuer.ca_certs or True,
        )
        with response:
            if not response.is_redirect:
                return _body(response), _max_age(response)
            target = urljoin(url, response.headers["Location"])
        if _origin(target) != _origin(url):
            # Else an issuer could have whatever address it likes asked, inside of this network too.
            raise ValueError(f"{url} redirects to {target}, and no other place is asked")
        url = target
    raise ValueError(f"{url} is one more redirect than are followed")


def _origin(url: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(url)
    usual = {"https": 443, "http": 80}.get(parts.scheme)
    return parts.scheme, parts.hostname, parts.port or usual


def _body(response: requests.Response) -> str:
    if response.status_code != 200:
        raise ValueError(f"{response.url} answers with {response.status_code}")
    body = b""
    for chunk in response.iter_content(8192):
        body += chunk
        if len(body) > LARGEST:
            raise ValueError(f"{response.url} is larger than {LARGEST} bytes")
    return body.decode()


def _max_age(response: requests.Response) -> float | None:
    """RFC 9111, 4.2.1 and 5.2: how much longer an answer is good; None where it does not say."""
    lifetime = None
    for directive in response.headers.get("Cache-Control", "").split(","):
        name, _, value = directive.partition("=")
        name = name.strip().lower()
        if name in ("no-store", "no-cache"):
            return 0
        if name == "max-age" and lifetime is None:
            lifetime = _seconds(value)
    if lifetime is None:
        return None
    return max(0, lifetime - _seconds(response.headers.get("Age", "")))


def _seconds(value: str) -> int:
    # What is no number is as if it were over.
    digits = value.strip().strip('"')
    return int(digits[:10]) if digits.isascii() and digits.isdigit() else 0
