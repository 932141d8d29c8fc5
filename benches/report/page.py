"""Writes results.md, and has the plots drawn."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from report import setup

Results = dict[str, Any]

INTRODUCTION = """\
# Results

Written by `benches/run`; [README.md](README.md) says how each figure is come by. Everybody does the same
with the same token, and they take turns, so that what else happens on the machine meets all of them
alike. Compare ratios within a table, never times of two tables or two machines.
"""


def write(results: Results) -> None:
    parts = {
        "engine": _engine,
        "axum": _axum,
        "python": _python,
        "flask": _flask,
        "growth": _growth,
    }
    lines = [INTRODUCTION]
    for name, part in parts.items():
        if name in results:
            lines += [*part(results[name]), *_measured_on(results[name]), ""]
    (setup.BENCHES / "results.md").write_text("\n".join(lines).rstrip() + "\n")
    plots = setup.BENCHES / "report" / "plots.py"
    setup.run(
        setup.plotting(), plots, setup.BENCHES / "results.json", setup.BENCHES / "plots"
    )


def _engine(section: Results) -> Iterator[str]:
    yield "## The engine\n"
    yield "Nanoseconds, and how many times what the bare signature takes; `primitive` is aws-lc-rs with a"
    yield "key that was read before, over the same octets; `by hand`, a verifier of one key and ten claims"
    yield "that are known beforehand, on the engine's own libraries.\n"
    yield "![Verifying and creating](plots/engine.svg)\n"
    for contest, times in section["contests"].items():
        floor, ours = times["primitive"], times["jwt-extended"]
        yield f"| {contest} | ns | of the primitive | of jwt-extended |"
        yield "| --- | --: | --: | --: |"
        for name, time in times.items():
            yield f"| {name} | {time:,.0f} | {time / floor:.2f} | {time / ours:.2f} |"
        yield ""
    yield "| allocations | " + " | ".join(_allocating(section)) + " |"
    yield "| --- |" + " --: |" * len(_allocating(section))
    for contest, counts in section["allocations"].items():
        cells = (str(counts.get(name, "")) for name in _allocating(section))
        yield f"| {contest} | " + " | ".join(cells) + " |"
    yield ""


def _allocating(section: Results) -> list[str]:
    return list(
        dict.fromkeys(n for counts in section["allocations"].values() for n in counts)
    )


def _axum(section: Results) -> Iterator[str]:
    yield "## axum\n"
    yield "The server's own processor time for a request, HS256, sent by wrk over connections that stay"
    yield "open; the server has one core, wrk the other. `added` is what the protection costs beside the"
    yield f"open route of the same round: medians of {section['rounds']} rounds.\n"
    yield "![What a protected route adds](plots/axum.svg)\n"
    yield "| route | request, us | added, us | added, of ours |"
    yield "| --- | --: | --: | --: |"
    ours = section["routes"]["jwt-extended"]["added"]
    for route, times in section["routes"].items():
        share = f"{times['added'] / ours:.2f}" if min(times["added"], ours) > 0 else ""
        yield f"| {route} | {times['request']:.2f} | {times['added']:.2f} | {share} |"
    yield ""


def _python(section: Results) -> Iterator[str]:
    yield "## Python, one call\n"
    yield "Microseconds of processor time, HS256; the key was read before where the library can keep it."
    yield f"Medians of {section['rounds']} rounds in turn.\n"
    yield "| | decode | of ours | encode | of ours |"
    yield "| --- | --: | --: | --: | --: |"
    decode, encode = section["calls"]["decode"], section["calls"]["encode"]
    ours = "flask-jwt-extended-rs"
    for name in decode:
        cells = [
            f"{times[name]:.2f} | {times[name] / times[ours]:.2f}"
            if name in times
            else " | "
            for times in (decode, encode)
        ]
        yield f"| {name} | " + " | ".join(cells) + " |"
    yield ""


def _flask(section: Results) -> Iterator[str]:
    yield "## Flask\n"
    yield "Microseconds of processor time; of the clock, where there are two threads. Medians of"
    yield f"{section['rounds']} rounds in turn.\n"
    yield "![Flask-JWT-Extended and the drop-in](plots/flask.svg)\n"
    yield "| | Flask-JWT-Extended | flask-jwt-extended-rs | times faster |"
    yield "| --- | --: | --: | --: |"
    for case, times in section["cases"].items():
        theirs, ours = times["upstream"], times["ours"]
        yield f"| {label(case)} | {theirs:,.1f} | {ours:,.1f} | {theirs / ours:,.1f} |"
    yield ""
    yield "| a protected request, in times of the open one | Flask-JWT-Extended | flask-jwt-extended-rs |"
    yield "| --- | --: | --: |"
    for variant, ratios in section["protected"].items():
        yield f"| {variant} | {ratios['upstream']:.2f} | {ratios['ours']:.2f} |"
    yield ""


def label(case: str) -> str:
    name, _, variant = case.partition("/")
    readable = {
        "wsgi_open": "a WSGI request, open route",
        "wsgi_protected": "a WSGI request, protected route",
    }
    shown = variant.replace("_", " ").replace(",", ", ")
    return f"{readable.get(name, f'`{name}`')}, {shown}"


# What a line is about, and why it has the form that it has.
EXPLAINED = {
    "bytes": "**Size of the token** (bytes): linear. Every byte is decoded, read and hashed once; small "
    "tokens show the fixed part.",
    "keys": "**Keys in the ring**: flat, as a key is found by its `kid` in an index.",
    "cached tokens": "**Tokens in the cache of verified ones**: flat but for the processor's own caches, which "
    "hold less and less of them.",
    "threads": "**Threads**, and the time from one verification's end to the next one's: with a core for each "
    "thread it is divided by their number, with more threads than cores it is flat. Nothing is shared but "
    "what is only read.",
    "routes": "**Routes** of the application: flat. A route's protection is its handler's and knows "
    "nothing of others; the router's own search is the open line.",
    "revoked": "**Revoked tokens**, in the store in memory: flat but for the processor's caches, as it is "
    "one look into a hash table, by subject and then by token. One subject with all of them is as fast.",
}


def _growth(section: Results) -> Iterator[str]:
    yield "## Growth\n"
    yield "Nanoseconds of one call, without a socket. Axes are logarithmic: a flat line is a cost that does"
    yield "not grow.\n"
    for topic, why in EXPLAINED.items():
        lines = {
            name: points for name, points in section["lines"].items() if topic in name
        }
        if not lines:
            continue
        yield f"{why}\n"
        yield f"![{topic}](plots/growth-{topic.replace(' ', '-')}.svg)\n"
        places = list(dict.fromkeys(x for points in lines.values() for x, _ in points))
        yield "| | " + " | ".join(f"{x:,.0f}" for x in places) + " | last / first |"
        yield "| --- |" + " --: |" * (len(places) + 1)
        for name, points in lines.items():
            at = dict(points)
            cells = [f"{at[x]:,.0f}" if x in at else "" for x in places]
            cells.append(f"{points[-1][1] / points[0][1]:.2f}")
            yield f"| {name} | " + " | ".join(cells) + " |"
        yield ""


def _measured_on(section: Results) -> Iterator[str]:
    versions = section.get("versions", {})
    if "ours" in versions:
        versions = versions["upstream"] | versions["ours"]
    shown = ", ".join(f"{name} {version}" for name, version in versions.items())
    quick = " Few rounds only." if section["quick"] else ""
    yield (
        f"{section['machine']}; {section['date']}, revision {section['revision']}, rustc "
        f"{section['rustc']}{', ' + shown if shown else ''}. Load when it began: {section['load']}.{quick}"
    )


if __name__ == "__main__":
    write(json.loads((setup.BENCHES / "results.json").read_text()))
