"""Applications: options, keys and loaders, drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dice import Dice, json_value

CONFORMANCE_KEYS = Path(__file__).resolve().parents[3] / "conformance" / "keys"
OWN_KEYS = Path(__file__).resolve().parent / "keys"
SECRET = "differential-secret-0123456789-0123456789-0123456789-0123456789-012345"
OTHER_SECRET = "another-secret-0123456789-0123456789-0123456789-0123456789-0123456789"
LOCATIONS = ["headers", "cookies", "query_string", "json"]
# Families of algorithms: the names, the pairs of keys that fit, how often one is drawn.
FAMILIES: dict[str, tuple[list[str], list[str], float]] = {
    "HS": (["HS256", "HS384", "HS512"], [], 10),
    "RS": (["RS256", "RS384", "RS512"], ["rsa", "rsa", "rsa_other", "rsa1024"], 3),
    "PS": (["PS256", "PS384", "PS512"], ["rsa", "rsa_other"], 1),
    "P256": (["ES256"], ["p256", "p256_other"], 2),
    "P384": (["ES384"], ["p384"], 1),
    "P521": (["ES512"], ["p521"], 1),
    "K256": (["ES256K"], ["secp256k1"], 0.5),
    "Ed": (["EdDSA"], ["ed25519", "ed25519", "ed448"], 2),
}
SIGNATURE_LOADERS = ["decode_key", "encode_key"]
ERROR_LOADERS = [
    "expired_token",
    "invalid_token",
    "needs_fresh_token",
    "revoked_token",
    "unauthorized",
    "user_lookup_error",
    "token_verification_failed",
]


def pem(name: str) -> str:
    for folder in (CONFORMANCE_KEYS, OWN_KEYS):
        if (folder / f"{name}.pem").exists():
            return (folder / f"{name}.pem").read_text(encoding="ascii")
    raise FileNotFoundError(name)


@dataclass
class Settings:
    """What a token has to know of the application it is for."""

    config: dict[str, Any]
    loaders: dict[str, Any]
    family: str
    algorithm: str
    # What tokens are signed with: a text, or the name of a pair.
    key: str
    now: float
    # The tokens that the scenario has used so far.
    drawn: list[str] = field(default_factory=list)

    def option(self, name: str, default: Any = None) -> Any:
        return self.config.get(name, default)


def draw_settings(dice: Dice) -> Settings:
    now = 1_700_000_000 + dice.pick(0, 0.25, 0.5, 0.999, dice.randrange(10**6))
    family = dice.among(*((name, weight) for name, (_, _, weight) in FAMILIES.items()))
    algorithms, pairs, _ = FAMILIES[family]
    algorithm = dice.choice(algorithms)
    config: dict[str, Any] = {}
    key = ""
    if algorithm != "HS256" or dice.often(0.3):
        config["JWT_ALGORITHM"] = algorithm
    if family == "HS":
        key = draw_secret(dice, config)
    else:
        key = dice.choice(pairs)
        draw_pair(dice, config, key)
    if dice.often(0.15):
        config["JWT_DECODE_ALGORITHMS"] = draw_algorithms(dice, algorithm, algorithms)
    draw_claims(dice, config)
    draw_places(dice, config)
    draw_cookies(dice, config)
    draw_expiry(dice, config)
    settings = Settings(config, {}, family, algorithm, key, now)
    draw_loaders(dice, settings)
    return settings


def draw_secret(dice: Dice, config: dict[str, Any]) -> str:
    secret = dice.among((SECRET, 12), ("short", 1), ("schlüssel-" * 8, 1), ("\x00" * 64, 0.3))
    form: Any = secret
    if dice.often(0.15):
        as_bytes = secret.encode("utf-8").decode("latin-1")
        form = dice.pick({"$bytes": as_bytes}, {"$text": secret})
    if dice.often(0.1):
        config["SECRET_KEY"] = form
        if dice.often(0.5):
            config["JWT_SECRET_KEY"] = dice.pick(None, "")
    else:
        config["JWT_SECRET_KEY"] = form
    if dice.often(0.05):
        # Nothing, no text, and keys that PyJWT does not take for a secret.
        config["JWT_SECRET_KEY"] = dice.pick(
            None, "", 7, ["a"], pem("rsa.pub"), "ssh-rsa AAAA", {"$private": pem("rsa")}
        )
    return secret


def draw_pair(dice: Dice, config: dict[str, Any], name: str) -> None:
    for option, half, tag in (
        ("JWT_PRIVATE_KEY", name, "$private"),
        ("JWT_PUBLIC_KEY", f"{name}.pub", "$public"),
    ):
        text = pem(half)
        wrong = dice.pick(
            None,
            "",
            "no key",
            f"{text[:80]}?{text[81:]}",
            pem("p256"),
            pem("rsa.pub"),
            {"$public": pem("ed25519.pub")},
        )
        config[option] = dice.among(
            (text, 12),
            ({"$bytes": text}, 2),
            ({tag: text}, 2),
            (f"\n{text}\n", 1),
            (wrong, 0.5),
        )


def draw_algorithms(dice: Dice, own: str, family: list[str]) -> Any:
    return dice.pick(
        [own],
        [*family],
        [name for name in family if name != own],
        [],
        [own, own],
        {"$tuple": [own]},
        [own, "none"],
        [own, "XX256"],
        ["HS256", "RS256"],
        ["ES256", "EdDSA"],
        ["HS256", "HS384", "HS512", "RS256", "PS256", "ES256"],
    )


def draw_claims(dice: Dice, config: dict[str, Any]) -> None:
    """Options about what tokens say."""
    one_or_many = [
        None,
        "me",
        ["me", "you"],
        [],
        "",
        {"$set": ["me"]},
        {"$tuple": ["you"]},
    ]
    if dice.often(0.2):
        config["JWT_DECODE_AUDIENCE"] = dice.choice([*one_or_many, 5, ["me", 3]])
    if dice.often(0.2):
        config["JWT_ENCODE_AUDIENCE"] = dice.choice(one_or_many)
    if dice.often(0.2):
        config["JWT_DECODE_ISSUER"] = dice.choice([*one_or_many, 5])
    if dice.often(0.2):
        config["JWT_ENCODE_ISSUER"] = dice.choice(["me", "", None, "you"])
    if dice.often(0.2):
        config["JWT_DECODE_LEEWAY"] = dice.pick(
            0, 10, 1.5, -10, 3600, True, {"$timedelta": 30}, "5", None
        )
    if dice.often(0.15):
        config["JWT_IDENTITY_CLAIM"] = dice.pick("identity", "uid", "jti", "sub")
    if dice.often(0.15):
        config["JWT_VERIFY_SUB"] = dice.pick(False, False, True, None, 0)
    if dice.often(0.1):
        config["JWT_ENCODE_NBF"] = dice.pick(False, True)
    if dice.often(0.1):
        config["JWT_ERROR_MESSAGE_KEY"] = dice.pick("message", "msg", "é")


def draw_places(dice: Dice, config: dict[str, Any]) -> None:
    """Options about where tokens are."""
    if dice.often(0.75):
        places = dice.some(LOCATIONS, at_least=1)
        wrong = dice.pick([], "body", ["headers", "body"], None, 7)
        config["JWT_TOKEN_LOCATION"] = dice.among(
            (places, 8),
            ({"$tuple": places}, 2),
            ({"$set": [places[0]]}, 1),
            (places[0], 1),
            (wrong, 0.4),
        )
    if dice.often(0.2):
        config["JWT_HEADER_TYPE"] = dice.pick("JWT", "", None, "bearer", "Bearer ", "Two Words")
    if dice.often(0.1):
        config["JWT_HEADER_NAME"] = dice.pick("X-Token", "authorization", "Cookie", "")
    if dice.often(0.2):
        config["JWT_QUERY_STRING_NAME"] = dice.pick("token", "j w t", "é")
    if dice.often(0.2):
        config["JWT_QUERY_STRING_VALUE_PREFIX"] = dice.pick("Bearer ", "v1.", "é")
    if dice.often(0.1):
        config["JWT_JSON_KEY"] = dice.pick("token", "", "é", "refresh_token")
    if dice.often(0.1):
        config["JWT_REFRESH_JSON_KEY"] = dice.pick("token", "again")


def draw_cookies(dice: Dice, config: dict[str, Any]) -> None:
    for option, values in {
        "JWT_COOKIE_CSRF_PROTECT": [False, False, True],
        "JWT_CSRF_CHECK_FORM": [True],
        "JWT_CSRF_IN_COOKIES": [False],
        "JWT_CSRF_METHODS": [["GET"], [], ["POST", "get"], {"$set": ["PUT"]}, "POST"],
        "JWT_ACCESS_COOKIE_NAME": ["at", "a b", "ä"],
        "JWT_REFRESH_COOKIE_NAME": ["rt", "access_token_cookie"],
        "JWT_ACCESS_COOKIE_PATH": ["/api", ""],
        "JWT_REFRESH_COOKIE_PATH": ["/refresh", None],
        "JWT_ACCESS_CSRF_COOKIE_NAME": ["ac"],
        "JWT_REFRESH_CSRF_COOKIE_PATH": ["/refresh"],
        "JWT_ACCESS_CSRF_HEADER_NAME": ["X-Csrf", "Referer"],
        "JWT_REFRESH_CSRF_HEADER_NAME": ["X-Again"],
        "JWT_ACCESS_CSRF_FIELD_NAME": ["field", "é"],
        "JWT_REFRESH_CSRF_FIELD_NAME": ["again"],
        "JWT_COOKIE_DOMAIN": ["example.org", ".example.org", ""],
        "JWT_COOKIE_SAMESITE": ["Lax", "strict", "None", "other"],
        "JWT_COOKIE_SECURE": [True],
        "JWT_SESSION_COOKIE": [False],
    }.items():
        if dice.often(0.15):
            config[option] = dice.choice(values)


def draw_expiry(dice: Dice, config: dict[str, Any]) -> None:
    for option in ("JWT_ACCESS_TOKEN_EXPIRES", "JWT_REFRESH_TOKEN_EXPIRES"):
        if dice.often(0.2):
            config[option] = dice.pick(
                60,
                0,
                -60,
                False,
                True,
                1.5,
                "60",
                None,
                {"$timedelta": 90.5},
                {"$timedelta": 0},
            )


# --- loaders ------------------------------------------------------------------------------------


def draw_loaders(dice: Dice, settings: Settings) -> None:
    loaders = settings.loaders
    if dice.often(0.2):
        loaders["token_in_blocklist"] = {"revoked": dice.pick(["revoked"], [None], [])}
    if dice.often(0.25):
        known = dice.pick(["ann", "7"], [], ["ann", 7, None, {"id": 7}, True])
        loaders["user_lookup"] = {"known": known}
    if dice.often(0.1):
        loaders["token_verification"] = {"returns": dice.pick(True, False, None, 1, "")}
    if dice.often(0.15):
        loaders["additional_claims"] = {"adds": draw_additions(dice, settings.now)}
    if dice.often(0.1):
        loaders["additional_headers"] = {"adds": draw_headers(dice)}
    if dice.often(0.1):
        loaders["user_identity"] = dice.pick({"key": "id"}, {})
    for name in SIGNATURE_LOADERS:
        if dice.often(0.08):
            loaders[name] = {"key": draw_other_key(dice, settings, name), "by_kid": {}}
    if "decode_key" in loaders:
        right = settings.option("JWT_PUBLIC_KEY") or settings.option("JWT_SECRET_KEY")
        loaders["decode_key"]["by_kid"] = {"None": right, "one": right}
    for name in ERROR_LOADERS:
        if dice.often(0.08):
            loaders[name] = {"status": dice.pick(400, 401, 418)}
    if dice.often(0.06):
        name = dice.pick("token_in_blocklist", "user_lookup", "decode_key", "token_verification")
        loaders[name] = {
            "raises": dice.pick(
                "KeyError", "RuntimeError", "InvalidTokenError", "NoAuthorizationError"
            )
        }


def draw_other_key(dice: Dice, settings: Settings, loader: str) -> Any:
    if settings.family == "HS":
        return dice.pick(SECRET, OTHER_SECRET, {"$bytes": SECRET}, "", None)
    half = ".pub" if loader == "decode_key" else ""
    name = dice.choice(FAMILIES[settings.family][1])
    return dice.pick(pem(f"{name}{half}"), {"$bytes": pem(f"{name}{half}")}, None)


def draw_additions(dice: Dice, now: float) -> dict[str, Any]:
    """Claims that an application adds, among them those it had better leave alone."""
    names = [
        "role",
        "exp",
        "iat",
        "nbf",
        "jti",
        "sub",
        "type",
        "fresh",
        "csrf",
        "aud",
        "é",
        "",
    ]
    return {name: json_value(dice, now) for name in dice.some(names)[:3]}


def draw_headers(dice: Dice) -> dict[str, Any]:
    all_ = {
        "kid": "one",
        "typ": dice.pick("at+jwt", "", None),
        "alg": dice.pick("HS256", "none", None),
        "crit": dice.pick(["kid"], [], ["b64"]),
        "b64": dice.pick(True, False),
        "x": json_value(dice, 0),
        "é": "é",
    }
    if dice.often(0.6):
        return {"kid": "one"}
    return {name: all_[name] for name in dice.some(list(all_))[:2]}
