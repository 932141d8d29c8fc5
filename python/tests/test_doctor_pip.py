"""The doctor on what pip makes of upstream's distribution and ours in one environment.

Takes the wheel that the variable `WHEEL` names, or the newest one below `target/`.
"""

from __future__ import annotations

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

UPSTREAM = "flask-jwt-extended==4.7.4"


class Environment:
    """A virtual environment, served by the pip of this one."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder, with_pip=False)
        self.python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(self.python), *arguments]
        return subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False)

    def pip(self, *arguments: str) -> None:
        command = [sys.executable, "-m", "pip", "--python", str(self.python), "--quiet"]
        command += ["--disable-pip-version-check", *arguments]
        subprocess.run(command, cwd=self.folder, check=True)

    def doctor(self) -> subprocess.CompletedProcess[str]:
        return self.run("-m", "flask_jwt_extended_rs", "doctor")

    def whose(self) -> str:
        """Whose `flask_jwt_extended` is imported, or what goes wrong."""
        done = self.run(
            "-c",
            "import sys; from flask_jwt_extended import JWTManager;"
            "print('flask_jwt_extended_rs' in sys.modules)",
        )
        if done.returncode:
            return done.stderr.strip().splitlines()[-1]
        return "ours" if done.stdout.strip() == "True" else "upstream's"


@pytest.fixture(scope="session")
def wheel() -> str:
    named = os.environ.get("WHEEL")
    if named:
        return str(Path(named).resolve(strict=True))
    target = Path(__file__).parents[2] / "target"
    built = [
        file
        for folder in ("wheels", "check/wheels", "check/wheel")
        for file in (target / folder).glob("flask_jwt_extended_rs-*.whl")
    ]
    newest = max(built, key=lambda file: file.stat().st_mtime, default=None)
    if newest is None:
        assert os.environ.get("CI") != "true", "there is no wheel: run `maturin build` first"
        pytest.skip("there is no wheel: run `maturin build` first")
    return str(newest)


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    return Environment(tmp_path / "venv")


def mend(environment: Environment, wheel: str) -> None:
    """What the doctor says, with the wheel in place of the name."""
    environment.pip("uninstall", "-y", "flask-jwt-extended")
    environment.pip("install", "--force-reinstall", "--no-deps", wheel)


def test_ours_alone(environment: Environment, wheel: str) -> None:
    environment.pip("install", wheel)
    said = environment.doctor()
    assert (said.returncode, "all is well" in said.stdout) == (0, True), said.stdout + said.stderr
    assert environment.whose() == "ours"


def test_upstream_after_ours(environment: Environment, wheel: str) -> None:
    environment.pip("install", wheel)
    environment.pip("install", UPSTREAM)
    assert environment.whose() == "upstream's"
    said = environment.doctor()
    assert said.returncode == 1
    assert "flask-jwt-extended 4.7.4 is installed too" in said.stdout
    assert "another package has overwritten them: flask_jwt_extended/__init__.py" in said.stdout
    assert "pip uninstall -y flask-jwt-extended\n" in said.stdout

    mend(environment, wheel)
    assert environment.whose() == "ours"
    assert environment.doctor().returncode == 0


def test_upstream_before_ours(environment: Environment, wheel: str) -> None:
    environment.pip("install", UPSTREAM)
    environment.pip("install", wheel)
    assert environment.whose() == "ours"
    said = environment.doctor()
    assert said.returncode == 1
    assert "flask-jwt-extended 4.7.4 is installed too" in said.stdout

    # Half of the mend: upstream's removal takes our files along.
    environment.pip("uninstall", "-y", "flask-jwt-extended")
    assert environment.whose() not in ("ours", "upstream's")
    said = environment.doctor()
    assert said.returncode == 1
    assert "are missing" in said.stdout
    assert "flask_jwt_extended/__init__.py" in said.stdout

    mend(environment, wheel)
    assert environment.whose() == "ours"
    assert environment.doctor().returncode == 0


def test_back_to_upstream(environment: Environment, wheel: str) -> None:
    environment.pip("install", wheel)
    environment.pip("uninstall", "-y", "flask-jwt-extended-rs")
    environment.pip("install", UPSTREAM)
    assert environment.whose() == "upstream's"


def test_a_package_that_needs_upstream_by_name(environment: Environment, wheel: str) -> None:
    (environment.folder / "shop").mkdir()
    (environment.folder / "shop/pyproject.toml").write_text(
        """
[project]
name = "shop"
version = "1.0"
dependencies = ["Flask-JWT-Extended>=4,<5"]
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[tool.setuptools]
packages = []
"""
    )
    environment.pip("install", wheel)
    environment.pip("install", "./shop")
    said = environment.doctor()
    assert said.returncode == 1
    assert "It was brought by: shop (Flask-JWT-Extended<5,>=4)" in said.stdout

    mend(environment, wheel)
    said = environment.doctor()
    assert said.returncode == 0
    assert "note: flask-jwt-extended is needed by name by: shop" in said.stdout
