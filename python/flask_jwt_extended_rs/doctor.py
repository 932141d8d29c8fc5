"""Is what Python imports as `flask_jwt_extended` ours, whole, and able to run?

Upstream's distribution and ours hold the same folder. Where both are installed, pip lets the later
one overwrite the earlier one's files without a word, and removing either takes files of the other
along. The doctor looks at what lies on the disk and says what to do. It imports nothing of Flask or
of `flask_jwt_extended`, so that it runs where they do not.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import importlib
import platform
import re
import sys
from collections.abc import Iterator, Sequence
from importlib import metadata
from importlib.machinery import PathFinder
from pathlib import Path
from typing import NamedTuple

OURS = "flask-jwt-extended-rs"
UPSTREAM = "flask-jwt-extended"
PACKAGE = "flask_jwt_extended"
COMMAND = "python -m flask_jwt_extended_rs doctor"
# What tells uv that nothing needs upstream's distribution.
OVERRIDE = f"override-dependencies = [\"{UPSTREAM}; python_version < '0'\"]"


class Finding(NamedTuple):
    """Something that is wrong, or only worth knowing, and what to do about it."""

    problem: str
    mend: str
    grave: bool = True


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line. The exit code is 1 where something has to be mended."""
    parser = argparse.ArgumentParser(
        prog="python -m flask_jwt_extended_rs", description="Tools of flask-jwt-extended-rs."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    about = "look for what is wrong with the installation, and say how to mend it"
    commands.add_parser("doctor", help=about, description=about)
    parser.parse_args(arguments)
    findings = examine()
    print(report(findings))
    return int(any(finding.grave for finding in findings))


def examine(path: Sequence[str] | None = None) -> list[Finding]:
    """Everything that is found on `path`, by default that of this Python."""
    places = list(sys.path if path is None else path)
    ours = _distribution(OURS, places)
    return [
        *_beside(ours, places),
        *_import_location(ours, places),
        *_files(ours),
        *_requirements(ours, places),
        *_engine(ours),
    ]


def altered_files(path: Sequence[str] | None = None) -> list[Finding]:
    """The part of `examine` that is quick, for looking at every start of something."""
    places = list(sys.path if path is None else path)
    ours = _distribution(OURS, places)
    return [*_import_location(ours, places), *_files(ours)]


def report(findings: Sequence[Finding]) -> str:
    """The findings as text for a terminal."""
    ours = _distribution(OURS, sys.path)
    name = f"{OURS} {ours.version if ours else '(of unknown version)'}"
    grave = sum(finding.grave for finding in findings)
    if grave:
        lines = [f"{name}: {grave} problem{'s' if grave > 1 else ''}"]
    else:
        lines = [f"{name}: all is well"]
    for finding in sorted(findings, key=lambda finding: not finding.grave):
        lines += ["", f"{'problem' if finding.grave else 'note'}: {finding.problem}"]
        first, *more = finding.mend.splitlines()
        lines += [f"mend:    {first}", *(f"         {line}" for line in more)]
    return "\n".join(lines)


def _beside(ours: metadata.Distribution | None, path: list[str]) -> Iterator[Finding]:
    """Upstream's distribution, and who brings it."""
    dependents = sorted(set(_dependents(path)))
    upstream = _distribution(UPSTREAM, path)
    if upstream is not None:
        brought = f" It was brought by: {', '.join(dependents)}." if dependents else ""
        yield Finding(
            f"{UPSTREAM} {upstream.version} is installed too. Both fill the folder {PACKAGE}/: the "
            f"one installed last wins, and removing either breaks the other.{brought}",
            f"pip uninstall -y {UPSTREAM}\n{_reinstall(ours)}",
        )
    if dependents:
        yield Finding(
            f"{UPSTREAM} is needed by name by: {', '.join(dependents)}. Whatever installs or upgrades "
            f"these brings it back, over our files.",
            f"uv, in pyproject.toml:  [tool.uv] {OVERRIDE}\n"
            f"pip, after each installation:  pip uninstall -y {UPSTREAM}\n"
            f"                               {_reinstall(ours)}",
            grave=False,
        )


def _dependents(path: list[str]) -> Iterator[str]:
    for distribution in metadata.distributions(path=path):
        for requirement in distribution.requires or ():
            if _normal(_requirement(requirement)[0]) == UPSTREAM:
                yield f"{distribution.metadata['Name']} ({requirement})"


def _import_location(ours: metadata.Distribution | None, path: list[str]) -> Iterator[Finding]:
    """Whether the two packages that belong together are found in one place."""
    home = _folder(f"{PACKAGE}_rs", path) or Path(__file__).parent
    found = _folder(PACKAGE, path)
    if found is None:
        yield Finding(
            f"There is no package {PACKAGE} to import. Removing {UPSTREAM} removes files that have "
            f"the same names, which were ours.",
            _reinstall(ours),
        )
    elif found.parent != home.parent:
        yield Finding(
            f"Python imports {PACKAGE} from {found}, while ours is in {home.parent}.",
            f"remove or rename that folder; where it came with {UPSTREAM}:  pip uninstall -y {UPSTREAM}",
        )


def _files(ours: metadata.Distribution | None) -> Iterator[Finding]:
    """Our files as they were installed, against those on the disk."""
    if ours is None:
        yield Finding(
            f"There is no record of an installation of {OURS} (no .dist-info folder), so that its "
            f"files cannot be compared.",
            _reinstall(ours),
        )
        return
    missing, altered, known = [], [], set()
    for file in ours.files or ():
        # What pip compiled has no hash.
        if file.parts[0] not in (PACKAGE, f"{PACKAGE}_rs") or file.hash is None:
            continue
        place = Path(str(file.locate()))
        known.add(place)
        if not place.is_file():
            missing.append(str(file))
        elif _digest(place, file.hash.mode) != file.hash.value:
            altered.append(str(file))
    # An editable installation records no files of the packages, and there is nothing to compare.
    folder = Path(str(ours.locate_file(PACKAGE)))
    strange = [
        str(place.relative_to(folder.parent))
        for place in sorted(folder.rglob("*.py"))
        if known and place not in known
    ]
    for files, what in (
        (missing, "are missing, as after the removal of another package that held them too"),
        (altered, "are not the ones that were installed: another package has overwritten them"),
        (strange, "do not belong to it"),
    ):
        if files:
            mend = _reinstall(ours) if files is not strange else "remove these files"
            yield Finding(f"Files of {OURS} {what}: {_listed(files)}.", mend)


def _requirements(ours: metadata.Distribution | None, path: list[str]) -> Iterator[Finding]:
    """What we need beside us, in versions that we know."""
    for requirement in (ours.requires or ()) if ours else ():
        name, bounds, marker = _requirement(requirement)
        if marker:
            continue
        present = _distribution(name, path)
        if present is None:
            yield Finding(f"{name} is not installed.", f'pip install "{requirement}"')
        elif not _within(present.version, bounds):
            yield Finding(
                f"{name} is {present.version}, and {OURS} needs {bounds}.",
                f'pip install "{requirement}"',
            )


def _engine(ours: metadata.Distribution | None) -> Iterator[Finding]:
    """The extension module: that it loads, and is of our version."""
    here = (
        f"{platform.python_implementation()} {platform.python_version()} on {platform.platform()}"
    )
    try:
        engine = importlib.import_module(f"{PACKAGE}_rs._engine")
    except ImportError as error:
        yield Finding(f"The engine does not load in {here}: {error}.", _reinstall(ours))
        return
    if ours and _release(engine.__version__) != _release(ours.version):
        yield Finding(
            f"The engine is of version {engine.__version__}, and {OURS} of {ours.version}.",
            _reinstall(ours),
        )


def _reinstall(ours: metadata.Distribution | None) -> str:
    version = f"=={ours.version}" if ours else ""
    return f"pip install --force-reinstall --no-deps {OURS}{version}"


def _distribution(name: str, path: Sequence[str]) -> metadata.Distribution | None:
    found = metadata.Distribution.discover(name=name, path=list(path))
    return next(iter(found), None)


def _folder(package: str, path: list[str]) -> Path | None:
    spec = PathFinder.find_spec(package, path)
    return Path(spec.origin).parent if spec and spec.origin else None


def _digest(file: Path, algorithm: str) -> str:
    digest = hashlib.new(algorithm, file.read_bytes()).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _requirement(text: str) -> tuple[str, str, str]:
    """Name, version bounds and marker."""
    text, _, marker = text.partition(";")
    name = re.split(r"[^\w.-]", text, maxsplit=1)[0]
    bounds = re.sub(r"\[.*\]|[\s()]", "", text.removeprefix(name))
    return name, bounds, marker.strip()


def _within(version: str, bounds: str) -> bool:
    """Whether a version fits bounds such as `>=2.0,<4`, the only ones that we write."""
    compare = {">=": lambda a, b: a >= b, "<": lambda a, b: a < b}
    pairs = re.findall(r"(>=|<)([\d.]+)", bounds)
    return all(compare[sign](_release(version), _release(bound)) for sign, bound in pairs)


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version, without zeros at its end, so that 2 is 2.0."""
    numbers = re.split(r"[^\d.]", version, maxsplit=1)[0]
    release = [int(number) for number in numbers.split(".") if number]
    while release and release[-1] == 0:
        release.pop()
    return tuple(release)


def _listed(files: list[str], shown: int = 5) -> str:
    more = f" and {len(files) - shown} more" if len(files) > shown else ""
    return ", ".join(sorted(files)[:shown]) + more
