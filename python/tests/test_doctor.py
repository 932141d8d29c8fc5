"""The doctor, on folders that look like installations. `test_doctor_pip.py` lets pip make them."""

import base64
import hashlib
import importlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

from flask_jwt_extended_rs import doctor


class Site:
    """A site-packages folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def install(
        self, name: str, version: str, files: dict[str, str], requires: tuple[str, ...] = ()
    ) -> None:
        """As pip does it: the files, whoever had them before, and a record of them."""
        record = []
        for file, text in files.items():
            place = self.folder / file
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text)
            digest = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest())
            record.append(f"{file},sha256={digest.rstrip(b'=').decode()},{len(text)}")
        info = self.folder / f"{name.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {requirement}" for requirement in requires]
        (info / "METADATA").write_text("\n".join(lines))
        # pip adds what it compiled, without a hash.
        compiled = "flask_jwt_extended/__pycache__/gone.pyc,,"
        (info / "RECORD").write_text("\n".join([*record, compiled]))

    def install_ours(self) -> None:
        files = {
            "flask_jwt_extended/__init__.py": "ours",
            "flask_jwt_extended/tokens.py": "ours",
            "flask_jwt_extended_rs/__init__.py": "ours",
        }
        requires = ("Flask>=2.0,<4", "PyJWT[crypto] (>=2.11,<3)", 'pytest; extra == "test"')
        self.install("flask-jwt-extended-rs", engine_version(), files, requires)

    def install_upstream(self) -> None:
        files = {
            "flask_jwt_extended/__init__.py": "upstream's",
            "flask_jwt_extended/tokens.py": "upstream's",
            "flask_jwt_extended/utils.py": "upstream's",
        }
        self.install("Flask-JWT-Extended", "4.7.4", files)

    def problems(self) -> list[str]:
        return [finding.problem for finding in doctor.examine([str(self.folder)]) if finding.grave]

    def notes(self) -> list[str]:
        found = doctor.examine([str(self.folder)])
        return [finding.problem for finding in found if not finding.grave]

    def mends(self) -> str:
        return "\n".join(finding.mend for finding in doctor.examine([str(self.folder)]))


def engine_version() -> str:
    version = importlib.import_module("flask_jwt_extended_rs._engine").__version__
    assert isinstance(version, str)
    return version


@pytest.fixture
def site(tmp_path: Path) -> Site:
    site = Site(tmp_path)
    site.install("Flask", "3.1.3", {"flask/__init__.py": ""})
    site.install("PyJWT", "2.11.0", {"jwt/__init__.py": ""})
    return site


def test_all_is_well(site: Site) -> None:
    site.install_ours()
    assert doctor.examine([str(site.folder)]) == []
    assert doctor.altered_files([str(site.folder)]) == []


def test_upstream_installed_after_ours(site: Site) -> None:
    site.install_ours()
    site.install_upstream()
    beside, altered, strange = site.problems()
    assert "flask-jwt-extended 4.7.4 is installed too" in beside
    assert (
        "overwritten them: flask_jwt_extended/__init__.py, flask_jwt_extended/tokens.py" in altered
    )
    assert "do not belong to it: flask_jwt_extended/utils.py" in strange
    assert site.mends().startswith(
        "pip uninstall -y flask-jwt-extended\n"
        f"pip install --force-reinstall --no-deps flask-jwt-extended-rs=={engine_version()}"
    )
    assert len(doctor.altered_files([str(site.folder)])) == 2


def test_upstream_installed_before_ours(site: Site) -> None:
    site.install("Flask-JWT-Extended", "4.7.4", {"flask_jwt_extended/__init__.py": "upstream's"})
    site.install_ours()
    assert len(site.problems()) == 1
    assert "flask-jwt-extended 4.7.4 is installed too" in site.problems()[0]


def test_files_that_the_removal_of_upstream_took_along(site: Site) -> None:
    site.install_ours()
    (site.folder / "flask_jwt_extended/tokens.py").unlink()
    (problem,) = site.problems()
    assert "are missing" in problem
    assert "flask_jwt_extended/tokens.py." in problem

    (site.folder / "flask_jwt_extended/__init__.py").unlink()
    no_package, missing = site.problems()
    assert "no package flask_jwt_extended to import" in no_package
    assert "flask_jwt_extended/__init__.py, flask_jwt_extended/tokens.py" in missing


def test_long_lists_are_cut(site: Site) -> None:
    site.install_ours()
    for number in range(7):
        (site.folder / f"flask_jwt_extended/stray_{number}.py").write_text("")
    (problem,) = site.problems()
    assert problem.endswith("stray_4.py and 2 more.")
    assert site.mends() == "remove these files"


def test_who_brings_upstream(site: Site) -> None:
    site.install_ours()
    site.install("superset", "5.0", {}, ("Flask.JWT_Extended>=4,<5", "Flask"))
    assert site.problems() == []
    (note,) = site.notes()
    assert "needed by name by: superset (Flask.JWT_Extended>=4,<5)" in note
    assert "override-dependencies" in site.mends()

    site.install_upstream()
    assert "It was brought by: superset" in site.problems()[0]


def test_another_package_that_is_imported_first(
    site: Site, tmp_path_factory: pytest.TempPathFactory
) -> None:
    site.install_ours()
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "flask_jwt_extended").mkdir()
    (elsewhere / "flask_jwt_extended/__init__.py").write_text("")
    (finding,) = doctor.examine([str(elsewhere), str(site.folder)])
    assert finding.problem.startswith(f"Python imports flask_jwt_extended from {elsewhere}")
    assert "remove or rename that folder" in finding.mend


def test_versions_out_of_range(tmp_path: Path) -> None:
    site = Site(tmp_path)
    site.install_ours()
    site.install("Flask", "4.0.0", {"flask/__init__.py": ""})
    flask, pyjwt = site.problems()
    assert flask.startswith("Flask is 4.0.0, and flask-jwt-extended-rs needs >=2.0,<4")
    assert pyjwt == "PyJWT is not installed."
    assert 'pip install "Flask>=2.0,<4"' in site.mends()


@pytest.mark.parametrize(
    ("version", "bounds", "fits"),
    [
        ("2.0", ">=2.0.0,<4", True),
        ("2", ">=2.0,<4", True),
        ("3.1.3", ">=2.0,<4", True),
        ("3.9.9rc1", ">=2.0,<4", True),
        ("4.0.0", ">=2.0,<4", False),
        ("1.9.9", ">=2.0,<4", False),
        ("2.10.1", ">=2.11", False),
        ("2.9", ">=2.11", False),
        ("2.100", ">=2.11", True),
        ("1.0", "", True),
    ],
)
def test_bounds(version: str, bounds: str, fits: bool) -> None:
    assert doctor._within(version, bounds) is fits


def test_the_bounds_that_we_write_are_understood() -> None:
    ours = doctor._distribution(doctor.OURS, sys.path)
    assert ours is not None
    assert ours.requires
    for requirement in ours.requires:
        _, bounds, marker = doctor._requirement(requirement)
        for bound in bounds.split(",") if bounds and not marker else ():
            assert re.fullmatch(r"(>=|<)[\d.]+", bound), requirement


def test_without_a_record_of_the_installation(tmp_path: Path) -> None:
    (problem, _) = Site(tmp_path).problems()[::-1]
    assert "no record of an installation" in problem
    assert (
        "pip install --force-reinstall --no-deps flask-jwt-extended-rs\n"
        in Site(tmp_path).mends() + "\n"
    )


def test_an_editable_installation_has_nothing_to_compare(site: Site) -> None:
    for package in ("flask_jwt_extended", "flask_jwt_extended_rs"):
        (site.folder / package).mkdir()
        (site.folder / package / "__init__.py").write_text("")
    requires = ("Flask>=2.0,<4",)
    site.install(
        "flask-jwt-extended-rs", engine_version(), {"flask_jwt_extended_rs.pth": "/src"}, requires
    )
    assert site.problems() == []


def test_an_engine_that_does_not_load(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.install_ours()
    monkeypatch.setitem(sys.modules, "flask_jwt_extended_rs._engine", None)
    (problem,) = site.problems()
    assert problem.startswith("The engine does not load in CPython")


def test_an_engine_of_another_version(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    site.install_ours()
    engine = importlib.import_module("flask_jwt_extended_rs._engine")
    monkeypatch.setattr(engine, "__version__", "0.0.7")
    (problem,) = site.problems()
    assert (
        problem
        == f"The engine is of version 0.0.7, and flask-jwt-extended-rs of {engine_version_of_site(site)}."
    )


def engine_version_of_site(site: Site) -> str:
    ours = doctor._distribution(doctor.OURS, [str(site.folder)])
    assert ours is not None
    return ours.version


def test_the_report_and_the_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    grave = doctor.Finding("It is broken.", "mend it\nand again")
    note = doctor.Finding("It could break.", "be careful", grave=False)

    monkeypatch.setattr(doctor, "examine", lambda: [note, grave])
    assert doctor.main(["doctor"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith(": 1 problem")
    assert lines[2:] == [
        "problem: It is broken.",
        "mend:    mend it",
        "         and again",
        "",
        "note: It could break.",
        "mend:    be careful",
    ]

    monkeypatch.setattr(doctor, "examine", lambda: [note])
    assert doctor.main(["doctor"]) == 0
    assert "all is well" in capsys.readouterr().out


def test_as_a_command(tmp_path: Path) -> None:
    def run(argument: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "flask_jwt_extended_rs", argument]
        # From a folder where Python finds nothing of ours beside it.
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "doctor" in run("--help").stdout
    assert run("doctor").returncode == 0, run("doctor").stdout


def test_an_engine_that_does_not_belong_to_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    check = importlib.import_module("flask_jwt_extended._engine_version")
    engine = importlib.import_module("flask_jwt_extended_rs._engine")
    monkeypatch.setattr(engine, "__version__", "0.0.7")
    with pytest.raises(ImportError, match=r"of version 0\.0\.7.*flask_jwt_extended_rs doctor"):
        importlib.reload(check)

    monkeypatch.delattr("flask_jwt_extended_rs._engine")
    monkeypatch.setitem(sys.modules, "flask_jwt_extended_rs._engine", None)
    with pytest.raises(ImportError, match=r"does not load.*flask_jwt_extended_rs doctor"):
        importlib.reload(check)
