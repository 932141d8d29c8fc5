"""A request of the cases as a WSGI server would hand it over."""

from __future__ import annotations

import io
from typing import Any


def environ(message: dict[str, Any]) -> dict[str, Any]:
    """The WSGI environment of a request, as a server would hand it over."""
    path, _, query = message["path"].partition("?")
    body = octets(message["body"] or "")
    env: dict[str, Any] = {
        "REQUEST_METHOD": message["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost",
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": False,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in message["headers"]:
        key = name.upper().replace("-", "_")
        if key != "CONTENT_TYPE":
            key = f"HTTP_{key}"
        text = octets(value).decode("latin-1")
        # Repeated lines arrive as one, joined by commas.
        env[key] = f"{env[key]},{text}" if key in env else text
    return env


def octets(text: str | dict[str, str]) -> bytes:
    """UTF-8, or one byte a character for {"latin1": text}."""
    if isinstance(text, dict):
        return text["latin1"].encode("latin-1")
    return text.encode("utf-8")
