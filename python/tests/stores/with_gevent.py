"""A process as gevent makes one: asks a store whose server says nothing, and tells how often others had
their turn meanwhile. Its server is stopped when it says so."""

from __future__ import annotations

from gevent import monkey

monkey.patch_all()

import json
import sys

import gevent
from rules import ACTIVE, access, unique
from service import close_all, make_service

from flask_jwt_extended import get_store
from flask_jwt_extended_rs.stores import StoreUnavailable

TASKS = 8


def main() -> None:
    app = make_service(**json.loads(sys.argv[1]))
    with app.app_context():
        store = get_store()
    anna = unique()
    # One connection for each, as the server cannot be asked for new ones.
    both = gevent.joinall([gevent.spawn(store.status, access(anna, "a")) for _ in range(TASKS)])
    assert {task.value for task in both} == {ACTIVE}
    print("ready", flush=True)
    sys.stdin.readline()

    def ask() -> str:
        try:
            return str(store.status(access(anna, "a")))
        except StoreUnavailable:
            return "unavailable"

    turns = 0

    def tick() -> None:
        nonlocal turns
        while True:
            gevent.sleep(0.02)
            turns += 1

    ticking = gevent.spawn(tick)
    tasks = gevent.joinall([gevent.spawn(ask) for _ in range(TASKS)])
    ticking.kill()
    print(json.dumps([turns, [task.value for task in tasks]]), flush=True)
    close_all(app)


main()
