"""Builds what is measured, and makes the Pythons that measure it."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

BENCHES = Path(__file__).parent.parent
ROOT = BENCHES.parent
TARGET = Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
KEPT = TARGET / "bench"

REQUIREMENTS = ROOT / "conformance" / "requirements.txt"
PEERS = ("ryjwt==0.2.2", "oxyjwt==0.9.0")
MATURIN = "maturin==1.16.0"
MATPLOTLIB = "matplotlib>=3.9,<4"


def run(*command: object, **options: Any) -> None:
    subprocess.run([*map(str, command)], check=True, **options)


def output(*command: object) -> str:
    return subprocess.check_output([*map(str, command)], text=True)


def workspace_binary(name: str) -> Path:
    """A program of the workspace's package `benches`, as a release."""
    run("cargo", "build", "--release", "--package", "benches", "--bin", name, cwd=ROOT)
    return TARGET / "release" / name


@functools.cache
def axum_binary() -> Path:
    """The server; a package of its own, as peers bring much with them."""
    manifest = BENCHES / "axum" / "Cargo.toml"
    run(
        "cargo",
        *("build", "--release", "--locked"),
        *("--manifest-path", manifest, "--target-dir", TARGET),
    )
    return TARGET / "release" / "benches-axum"


@functools.cache
def ours() -> Path:
    """A Python with our wheel, and with the peers that need not stand in its place."""
    python = environment("ours", "flask", "pyjwt", "cryptography", *PEERS)
    maturin = environment("maturin", MATURIN).parent / "maturin"
    wheels = KEPT / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    manifest = ROOT / "python" / "Cargo.toml"
    run(
        maturin,
        *("build", "--quiet", "--release", "--manifest-path", manifest),
        *("--out", wheels),
    )
    (wheel,) = wheels.glob("*.whl")
    run(*_pip(python), "--no-deps", "--force-reinstall", wheel)
    return python


@functools.cache
def upstream() -> Path:
    """A Python with Flask-JWT-Extended."""
    return environment("upstream", "flask-jwt-extended", "cryptography")


@functools.cache
def plotting() -> Path:
    """A Python that can draw."""
    return environment("plots", MATPLOTLIB)


def environment(name: str, *requirements: str) -> Path:
    """The interpreter of a virtual environment, made anew when it is to hold something else."""
    folder = KEPT / name
    python = folder / "bin" / "python"
    wanted = "\n".join([_base(), *requirements, REQUIREMENTS.read_text()])
    marker = folder / "installed"
    if not marker.exists() or marker.read_text() != wanted:
        run(_base(), "-m", "venv", "--clear", folder)
        run(*_pip(python), "--constraint", REQUIREMENTS, *requirements)
        marker.write_text(wanted)
    return python


@functools.cache
def _base() -> str:
    named = [os.environ["PYTHON"]] if "PYTHON" in os.environ else []
    installed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    usual = [f"python3.{minor}" for minor in (12, 13, 14)]
    for candidate in [
        *named,
        sys.executable,
        *usual,
        *map(str, sorted(installed.glob("3.1[2-9]*/bin/python"))),
    ]:
        found = shutil.which(candidate)
        if found and _is_new(found):
            return found
    raise SystemExit("a peer needs Python 3.12 or newer: name one in PYTHON")


def _is_new(python: str) -> bool:
    test = "import sys; sys.exit(sys.version_info < (3, 12))"
    return (
        subprocess.run(
            [python, "-c", test], check=False, stderr=subprocess.DEVNULL
        ).returncode
        == 0
    )


def _pip(python: Path) -> tuple[object, ...]:
    return python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"
