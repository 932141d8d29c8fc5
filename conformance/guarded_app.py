"""The Flask apps that the conformance cases are recorded on."""

from __future__ import annotations

import copy
import json
from typing import Any

import flask_jwt_extended as upstream
from flask import Flask, jsonify, request

from mint import key_text, only

METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
GUARD = {
    "optional",
    "fresh",
    "refresh",
    "locations",
    "verify_type",
    "skip_revocation_check",
}
HOOKS = {
    "blocklist",
    "users",
    "require_claim",
    "additional_claims",
    "additional_headers",
    "identity_key",
    "keys_by_kid",
    "keys_by_identity",
    "responses",
}


class RecordingApp(Flask):
    """A Flask app that remembers the first exception of a request."""

    seen: Exception | None = None

    def handle_user_exception(self, e: Exception) -> Any:
        self.seen = self.seen or e
        return super().handle_user_exception(e)


def install_hooks(app: Flask, manager: Any, hooks: dict[str, Any]) -> None:
    only(HOOKS, hooks, "hooks")
    if "blocklist" in hooks:
        manager.token_in_blocklist_loader(
            lambda header, claims: claims["jti"] in hooks["blocklist"]
        )
    if "users" in hooks:

        def user_lookup(header: Any, claims: Any) -> dict[str, str] | None:
            identity = claims[app.config["JWT_IDENTITY_CLAIM"]]
            known = [json.dumps(user) for user in hooks["users"]]
            if json.dumps(identity) not in known:
                return None
            return {"name": f"user:{identity}"}

        manager.user_lookup_loader(user_lookup)
    if "require_claim" in hooks:
        manager.token_verification_loader(
            lambda header, claims: hooks["require_claim"].items() <= claims.items()
        )
    if "additional_claims" in hooks:
        manager.additional_claims_loader(
            lambda identity: dict(hooks["additional_claims"])
        )
    if "additional_headers" in hooks:
        manager.additional_headers_loader(
            lambda identity: dict(hooks["additional_headers"])
        )
    if "identity_key" in hooks:
        manager.user_identity_loader(lambda user: user[hooks["identity_key"]])
    if "keys_by_kid" in hooks:
        manager.decode_key_loader(
            lambda header, claims: key_text(hooks["keys_by_kid"][header.get("kid")])
        )
    if "keys_by_identity" in hooks:
        manager.encode_key_loader(
            lambda identity: key_text(hooks["keys_by_identity"][identity])
        )
    for name, answer in hooks.get("responses", {}).items():
        # Loader names as upstream has them: "expired_token" and so on.
        getattr(manager, f"{name}_loader")(
            lambda *_, answer=answer: (jsonify(answer["json"]), answer["status"])
        )


def answer_claims(users: bool) -> Any:
    """What a protected route of the cases answers."""
    if request.method == "OPTIONS":  # exempt: no token was looked for
        return jsonify(identity=None, claims={}, header={}, location=None, user=None)
    user = upstream.get_current_user() if users else None
    return jsonify(
        identity=upstream.get_jwt_identity(),
        claims=upstream.get_jwt(),
        header=upstream.get_jwt_header(),
        location=upstream.get_jwt_request_location(),
        user=user and user["name"],
    )


def build_app(
    config: dict[str, Any], routes: dict[str, Any], override: dict[str, Any]
) -> RecordingApp:
    options = {name: key_text(value) for name, value in config.items()}
    hooks = {**options.pop("hooks", {}), **override}
    app = RecordingApp("conformance")
    app.config.update(copy.deepcopy(options), PROPAGATE_EXCEPTIONS=False)
    manager = upstream.JWTManager(app)
    install_hooks(app, manager, hooks)
    for name, guard in routes.items():
        view = upstream.jwt_required(**guard)(answer_claims)
        app.add_url_rule(
            f"/{name}",
            endpoint=name,
            view_func=view,
            defaults={"users": "users" in hooks},
            methods=METHODS,
            provide_automatic_options=False,
        )
    return app
