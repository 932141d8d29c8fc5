"""Run the example of a README as it stands there.

    python run_readme.py README.md

The first block of Python becomes app.py, which `flask run` serves on its usual port. The first
console block holds lines that begin with `$ `, each followed by what it prints; in that, `...`
stands for any text. The commands share one shell, so that variables last.
"""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PORT = 5000
SECONDS_TO_START = 20
END = "--- end of a command ---"


def block(readme: str, language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", readme, re.DOTALL | re.MULTILINE)
    if not found:
        sys.exit(f"the README has no block marked as {language}")
    return found[1]


def commands(console: str) -> list[tuple[str, str]]:
    """Commands, each with its expected output."""
    pairs: list[tuple[str, str]] = []
    for part in re.split(r"^\$ ", console, flags=re.MULTILINE)[1:]:
        # A backslash at its end continues a command on the next line.
        command, _, output = re.sub(r"\\\n *", "", part).partition("\n")
        pairs.append((command, output.strip()))
    return pairs


def port_is_open() -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", PORT)) == 0


def serve(folder: Path) -> subprocess.Popen[bytes]:
    if port_is_open():
        sys.exit(f"something else listens on port {PORT}")
    log = (folder / "log").open("wb")
    server = subprocess.Popen(
        [sys.executable, "-m", "flask", "run"], cwd=folder, stdout=log, stderr=log
    )
    for _ in range(SECONDS_TO_START * 10):
        if port_is_open():
            return server
        if server.poll() is not None:
            break
        time.sleep(0.1)
    server.kill()
    sys.exit("the example does not start:\n" + (folder / "log").read_text())


def outputs(pairs: list[tuple[str, str]]) -> list[str]:
    script = "".join(f"{command}\necho\necho '{END}'\n" for command, _ in pairs)
    shell = subprocess.run(
        ["bash"], check=False, input=script, capture_output=True, text=True, timeout=60
    )
    if shell.stderr:
        print(shell.stderr, file=sys.stderr)
    return [output.strip() for output in shell.stdout.split(END)]


def is_expected(output: str, expected: str) -> bool:
    pattern = ".*".join(re.escape(piece) for piece in expected.split("..."))
    return re.fullmatch(pattern, output, re.DOTALL) is not None


def main() -> int:
    readme = Path(sys.argv[1]).read_text(encoding="utf-8")
    pairs = commands(block(readme, "console"))
    if not pairs:
        sys.exit("the console block of the README has no command")
    wrong = 0
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "app.py").write_text(block(readme, "python"), encoding="utf-8")
        server = serve(folder)
        try:
            got = outputs(pairs)
        finally:
            server.terminate()
            server.wait()
        for (command, expected), output in zip(pairs, got, strict=False):
            same = is_expected(output, expected)
            wrong += not same
            print(f"$ {command}\n{output}")
            if not same:
                print(f"--- the README says:\n{expected}")
        if wrong:
            print((folder / "log").read_text(), file=sys.stderr)
    print(f"\n{len(pairs)} commands of the README, {wrong} answered otherwise")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
