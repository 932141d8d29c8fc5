"""What the README says and shows. `run_readme.py` runs its first example in a shell."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask

from flask_jwt_extended import JWTManager, create_access_token, decode_token, jwt_required
from flask_jwt_extended.config import DEFAULTS
from flask_jwt_extended_rs import answers, doctor

pytest_plugins = ["pytester"]

README = (Path(__file__).parents[1] / "README.md").read_text()
NEW = "today-s-secret-of-32-bytes-and-more"
OLD = "yesterday-s-secret-of-32-bytes-and-more"


def snippet(word: str) -> str:
    """The one block of Python, other than the example, that has this word in it."""
    blocks = re.findall(r"^```py\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    (found,) = [block for block in blocks if word in block]
    assert isinstance(found, str)
    return found


def run(code: str, names: dict[str, Any]) -> None:
    exec(code, names)  # noqa: S102, it is our own


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    app.config["JWT_SECRET_KEY"] = OLD
    return app


def test_keys_that_change(app: Flask) -> None:
    JWTManager(app)
    with app.app_context():
        token = create_access_token("ada")
        run(snippet("FALLBACKS"), {"app": app, "NEW": NEW, "OLD": OLD})
        assert decode_token(token)["sub"] == "ada"
    assert app.config["JWT_SECRET_KEY"] == NEW


def test_public_keys(app: Flask) -> None:
    JWTManager(app)
    run(snippet("jwks()"), {"app": app})
    key = ec.generate_private_key(ec.SECP256R1()).public_key()
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    app.config["JWT_PUBLIC_KEY"] = key.public_bytes(serialization.Encoding.PEM, spki).decode()
    response = app.test_client().get("/.well-known/jwks.json")
    assert response.get_json(force=True)["keys"][0]["crv"] == "P-256"


def test_outside_issuers(app: Flask) -> None:
    run(snippet("OutsideJWTManager"), {"app": app, "jwt_required": jwt_required})
    client = app.test_client()
    assert client.get("/orders").status_code == 401
    ours = create_own_token()
    assert client.get("/orders", headers={"Authorization": f"Bearer {ours}"}).status_code == 422


def create_own_token() -> str:
    own = Flask("own")
    own.config["JWT_SECRET_KEY"] = NEW
    JWTManager(own)
    with own.app_context():
        return create_access_token("ada")


def test_managers(app: Flask) -> None:
    code = snippet("partner = JWTManager").replace(
        '"JWT_SECRET_KEY": ...', f'"JWT_SECRET_KEY": "{NEW}"'
    )
    names: dict[str, Any] = {
        "app": app,
        "JWTManager": JWTManager,
        "jwt_required": jwt_required,
        "create_access_token": create_access_token,
    }
    with app.app_context():
        run(code, names)
    headers = {"Authorization": f"Bearer {names['token']}"}
    # The loader in the README finds nobody.
    answer = app.test_client().get("/orders", headers=headers)
    assert answer.json == {"msg": "Error loading the user acme"}


def test_authenticate(app: Flask) -> None:
    JWTManager(app)
    with app.app_context():
        token = create_access_token("ada", fresh=True)
    names: dict[str, Any] = {"app": app, "token": token}
    run(snippet("authenticate("), names)
    assert names["found"].identity == "ada"


def test_the_plugin(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        app="""
from flask import Flask
from flask_jwt_extended import JWTManager, jwt_required

app = Flask(__name__)
app.config["JWT_SECRET_KEY"] = "a-secret-of-at-least-32-random-bytes"
app.config["JWT_TOKEN_LOCATION"] = ["headers", "cookies"]
JWTManager(app)
view = jwt_required()(lambda: "in")
app.add_url_rule("/profile", "profile", view)
app.add_url_rule("/form", "form", view, methods=["POST"])
"""
    )
    pytester.makeconftest(snippet("test_client"))
    pytester.makepyfile(test_as_in_the_readme=snippet("jwt_headers"))
    pytester.runpytest_inprocess().assert_outcomes(passed=2)


def test_the_tables() -> None:
    options = set(re.findall(r"^\| `(JWT_\w+)` \|", README, re.MULTILINE))
    assert options >= {"JWT_MANAGERS", "JWT_SECRET_KEY_FALLBACKS", "JWT_ERROR_STYLE"}
    assert options - {"JWT_MANAGERS"} <= DEFAULTS.keys()
    kinds = {kind.code: kind.status for kind in (*answers._KINDS.values(), answers._CSRF_MISSING)}
    rows = re.findall(r"^\| ((?:`\w+`,? ?)+) \| (\d+) \|", README, re.MULTILINE)
    assert kinds == {code: int(status) for row, status in rows for code in re.findall(r"\w+", row)}


def test_the_ways_to_keep_the_original_away() -> None:
    assert f"\n{doctor.OVERRIDE}\n" in README
    assert f"\n{doctor.COMMAND}\n" in README
