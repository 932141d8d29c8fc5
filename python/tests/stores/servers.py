"""Real servers: taken from the path, started on a free port in a folder of their own."""

from __future__ import annotations

import os
import pwd
import secrets
import shlex
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

import pytest

# How many seconds a server may take to start, on a machine that does much else.
PATIENCE = 60
# What Redis has written outlives its process; to wait for the disk would help against nothing more.
KEPT = ("--appendonly", "yes", "--appendfsync", "no")


def free_port() -> int:
    """Below those that the system gives to connections, one of which would take it while its server is
    down."""
    while True:
        port = secrets.randbelow(12_000) + 10_000
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def missing(what: str) -> Any:
    """Ends a test that has no server."""
    why = f"there is no {what} on this machine"
    if os.environ.get("CI") == "true" or os.environ.get("STORE_SERVERS") == "required":
        pytest.fail(why)
    print(f"\n!!! SKIPPED: {why}\n")
    pytest.skip(why)


def until(ready: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + PATIENCE
    while not ready():
        assert time.monotonic() < end, f"{what} does not start"
        time.sleep(0.05)


class Server:
    """A process that can be stopped and started again."""

    def __init__(
        self, command: list[str], url: str, ready: Callable[[int], bool], user: str | None
    ) -> None:
        self.command, self.url, self.ready, self.user = command, url, ready, user
        self.start()

    def start(self) -> None:
        """Again, if it ends at once: what was killed just now may still hold the port or the data."""
        with TemporaryFile() as said:

            def runs() -> bool:
                if self.process.poll() is not None:
                    said.seek(0)
                    print(f"{self.command} ended: {said.read().decode(errors='replace')}")
                    self._spawn(said)
                return self.ready(self.process.pid)

            self._spawn(said)
            until(runs, self.command[0])

    def _spawn(self, said: IO[bytes]) -> None:
        said.truncate(0)
        self.process = subprocess.Popen(
            self.command, stdout=said, stderr=subprocess.STDOUT, user=self.user
        )

    def signal(self, number: int) -> None:
        """To the server and its own children, each of which PostgreSQL puts in a group of its own."""
        pid = self.process.pid
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for process in (pid, *map(int, children)):
            with suppress(ProcessLookupError):
                os.kill(process, number)

    def stop(self) -> None:
        """In peace: nothing of it stays behind, such as PostgreSQL's shared memory."""
        if self.process.poll() is not None:
            return
        self.signal(signal.SIGCONT)
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        if self.process.poll() is not None:
            return
        self.signal(signal.SIGKILL)
        self.process.wait()


def answers(port: int) -> Callable[[], bool]:
    def ask() -> bool:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return False
            # Where nobody listens, a socket can meet itself.
            return bool(probe.getsockname() != probe.getpeername())

    return ask


def start_redis(folder: Path, *options: str) -> Server:
    binary = (
        shutil.which("redis-server") or shutil.which("valkey-server") or missing("redis-server")
    )
    port = free_port()
    command = [binary, "--port", str(port), "--dir", str(folder), *KEPT, *options]

    def ready(pid: int) -> bool:
        import redis

        try:
            with redis.Redis(port=port, socket_timeout=5) as client:
                # Nobody else's on that port, and it has read its file.
                return bool(client.info("server")["process_id"] == pid and client.ping())
        except redis.RedisError:
            return False

    return Server(command, f"redis://127.0.0.1:{port}/0", ready, None)


def start_redis_cluster(folder: Path, *options: str) -> list[Server]:
    tool = shutil.which("redis-cli") or missing("redis-cli")
    nodes = []
    for number in range(3):
        (folder / str(number)).mkdir()
        bus = ("--cluster-enabled", "yes", "--cluster-port", str(free_port()))
        nodes.append(start_redis(folder / str(number), *bus, *options))
    addresses = [node.url.removeprefix("redis://").removesuffix("/0") for node in nodes]
    create = [tool, "--cluster", "create", *addresses, "--cluster-replicas", "0", "--cluster-yes"]
    subprocess.run(create, check=True, stdout=subprocess.DEVNULL)

    def ready(address: str) -> bool:
        ask = [tool, "-p", address.split(":")[1], "cluster", "info"]
        return "cluster_state:ok" in subprocess.getoutput(shlex.join(ask))

    for address in addresses:
        until(lambda address=address: ready(address), "the cluster")  # type: ignore[misc]
    return nodes


def start_postgres(folder: Path) -> Server:
    initdb, binary = (_postgres(name) for name in ("initdb", "postgres"))
    # The server refuses to run as root.
    user = (
        next((n for n in ("postgres", "nobody") if _has_user(n)), None)
        if os.getuid() == 0
        else None
    )
    data, port = folder / "data", free_port()
    if user:
        shutil.chown(folder, user)
        for parent in folder.parents[:3]:
            parent.chmod(parent.stat().st_mode | 0o011)
    subprocess.run(
        [initdb, "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        check=True,
        stdout=subprocess.DEVNULL,
        user=user,
    )
    command = [binary, "-D", str(data), "-p", str(port), "-k", str(folder), "-h", "127.0.0.1"]

    def ready(_: int) -> bool:
        import psycopg

        try:
            psycopg.connect(url, connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    url = f"postgresql://postgres@127.0.0.1:{port}/postgres"
    options = ("-c", "fsync=off", "-c", "dynamic_shared_memory_type=mmap")
    return Server([*command, *options], url, ready, user)


def _postgres(name: str) -> str:
    homes = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which(name, path=os.pathsep.join([*map(str, homes), os.environ["PATH"]]))
    return found or missing("PostgreSQL")


def _has_user(name: str) -> bool:
    try:
        return bool(pwd.getpwnam(name))
    except KeyError:
        return False
