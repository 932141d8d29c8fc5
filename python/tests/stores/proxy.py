"""A proxy that loses answers: the server has done what was asked, and the client does not hear of it."""

from __future__ import annotations

import socket
import threading
from contextlib import suppress


class Proxy:
    """Between a client and a server of this machine."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._word: bytes | None = None
        # How many answers were lost.
        self.lost = 0
        self._open: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def lose_the_answer_to(self, word: bytes) -> None:
        """Of the next request that has this word in it; its connection is cut instead."""
        self._word = word

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._cut(*self._open)
        for thread in self._threads:
            thread.join()
        for one in (self._listener, *self._open):
            one.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self._target))
            self._open += [client, server]
            is_lost = threading.Event()
            for carry in (self._carry_requests, self._carry_answers):
                thread = threading.Thread(target=carry, args=(client, server, is_lost), daemon=True)
                self._threads.append(thread)
                thread.start()

    def _carry_requests(
        self, client: socket.socket, server: socket.socket, is_lost: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := client.recv(65536):
                if self._word is not None and self._word in data:
                    self._word = None
                    is_lost.set()
                server.sendall(data)
        self._cut(client, server)

    def _carry_answers(
        self, client: socket.socket, server: socket.socket, is_lost: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := server.recv(65536):
                if is_lost.is_set():
                    self.lost += 1
                    break
                client.sendall(data)
        self._cut(client, server)

    def _cut(self, *sockets: socket.socket) -> None:
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
