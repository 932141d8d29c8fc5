"""Draws the plots of results.md.

python plots.py RESULTS_JSON FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("svg")
import matplotlib.pyplot as plt

OURS, THEIRS, FLOOR = "#d9480f", "#9aa4b2", "#d0d4da"
TOPICS = {
    "bytes": "bytes of the token",
    "keys": "keys in the ring",
    "cached tokens": "tokens in the cache",
    "threads": "threads",
    "routes": "routes",
    "revoked": "revoked tokens",
}


def main() -> None:
    results = json.loads(Path(sys.argv[1]).read_text())
    folder = Path(sys.argv[2])
    folder.mkdir(exist_ok=True)
    # Text stays text, and the same figures make the same file.
    mpl.rcParams.update(
        {"svg.fonttype": "none", "svg.hashsalt": "jwt-extended", "font.size": 9}
    )
    if "engine" in results:
        bars(
            {
                contest: {n: t for n, t in times.items()}
                for contest, times in results["engine"]["contests"].items()
            },
            "nanoseconds, logarithmic; less is better",
            folder / "engine.svg",
        )
    if "axum" in results:
        routes = results["axum"]["routes"]
        added = {
            name: times["added"] for name, times in routes.items() if name != "open"
        }
        bars(
            {"a protected route": added},
            "microseconds added",
            folder / "axum.svg",
            log=False,
        )
    if "flask" in results:
        wanted = ("create_access_token/", "verify_jwt_in_request/", "wsgi_protected/")
        cases = {
            case.replace("/", ", ").replace("_", " "): {
                "Flask-JWT-Extended": times["upstream"],
                "flask-jwt-extended-rs": times["ours"],
            }
            for case, times in results["flask"]["cases"].items()
            if case.startswith(wanted) and case.endswith(("/HS256", "/RS256", "csrf"))
        }
        bars(cases, "microseconds, logarithmic; less is better", folder / "flask.svg")
    for topic, axis in TOPICS.items():
        lines = {
            name: points
            for name, points in results.get("growth", {}).get("lines", {}).items()
            if topic in name
        }
        if lines:
            grow(lines, axis, folder / f"growth-{topic.replace(' ', '-')}.svg")


def bars(
    groups: dict[str, dict[str, float]], axis: str, path: Path, *, log: bool = True
) -> None:
    """A bar for each contender, in groups."""
    rows = [(g, n, v) for g, members in groups.items() for n, v in members.items()][
        ::-1
    ]
    figure, axes = plt.subplots(figsize=(8, 0.24 * len(rows) + 0.3 * len(groups) + 0.8))
    place, places, last = 0.0, [], rows[0][0]
    for group, name, value in rows:
        place += 1.0 if group == last else 1.7
        last = group
        places.append(place)
        axes.barh(place, value, 0.8, color=_color(name))
        axes.text(
            value,
            place,
            f" {value:,.1f}" if value < 100 else f" {value:,.0f}",
            va="center",
        )
    axes.set_yticks(places, [_name(group, name, groups) for group, name, _ in rows])
    if log:
        axes.set_xscale("log")
        # So that the shortest bar is one, and there is room for the longest one's figure.
        values = [value for _, _, value in rows]
        axes.set_xlim(min(values) / 2, max(values) * 3)
    axes.set_xlabel(axis)
    _save(figure, axes, path)


def grow(lines: dict[str, list[tuple[float, float]]], axis: str, path: Path) -> None:
    """A line for each series."""
    figure, axes = plt.subplots(figsize=(6, 3.2))
    for name, points in lines.items():
        axes.plot(*zip(*points, strict=True), marker="o", markersize=3, label=name)
    axes.set_xscale("log")
    axes.set_yscale("log")
    times = [time for points in lines.values() for _, time in points]
    # A wide scale, so that what is noise does not look like a slope.
    axes.set_ylim(min(times) / 3, max(times) * 3)
    axes.set_xlabel(axis)
    axes.set_ylabel("nanoseconds")
    axes.legend(frameon=False, fontsize=8)
    _save(figure, axes, path)


def _color(name: str) -> str:
    if name.startswith(("jwt-extended", "flask-jwt-extended-rs")):
        return OURS
    return FLOOR if name in ("primitive", "signature-only") else THEIRS


def _name(group: str, name: str, groups: dict[str, Any]) -> str:
    return name if len(groups) == 1 else f"{group}: {name}".replace("`", "")


def _save(figure: Any, axes: Any, path: Path) -> None:
    axes.spines[["top", "right"]].set_visible(False)
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    plt.close(figure)


if __name__ == "__main__":
    main()
