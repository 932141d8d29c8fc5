"""The rules that every store must keep, each by itself: those of the Rust library's suite."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from rules import (
    ACTIVE,
    BURNT,
    END,
    GONE,
    REUSED,
    REVOKED,
    ROTATED,
    access,
    at,
    cutoff,
    later,
    refresh,
    repeated,
    revoke,
    rotate,
    unique,
)

from flask_jwt_extended_rs.stores import (
    RevocationStore,
    RotationOutcome,
    Session,
    StoreUnavailable,
    Subject,
    Token,
    TokenRef,
)

Store = RevocationStore
ROUNDS = int(os.environ.get("RACE_ROUNDS", "4"))


@pytest.fixture
def anna() -> Subject:
    return unique()


def test_nothing_is_revoked_at_first(store: Store, anna: Subject) -> None:
    for token in (access(anna, "a", "s"), refresh(anna, "r", "s"), TokenRef(anna, at(0))):
        assert store.status(token) is ACTIVE
    assert store.list(anna, at(0)) == []
    for what in (Token("a"), Session("s"), cutoff(0)):
        assert not store.restore(anna, what)


def test_a_token(store: Store, anna: Subject) -> None:
    for _ in range(2):
        revoke(store, anna, Token("a"))
        assert store.status(access(anna, "a")) is REVOKED
        assert store.status(refresh(anna, "a", "s")) is REVOKED
        assert store.status(access(anna, "b", "s")) is ACTIVE
        assert store.status(access(anna, "A")) is ACTIVE


def test_a_session(store: Store, anna: Subject) -> None:
    for _ in range(2):
        revoke(store, anna, Session("s"))
        for token in (access(anna, "a", "s"), refresh(anna, "r", "s"), access(anna, None, "s")):
            assert store.status(token) is REVOKED
        assert store.status(access(anna, "a", "t")) is ACTIVE
        assert store.status(access(anna, "a")) is ACTIVE


def test_a_session_that_is_named_as_a_token(store: Store, anna: Subject) -> None:
    revoke(store, anna, Token("x"))
    assert store.status(access(anna, "a", "x")) is ACTIVE
    revoke(store, anna, Session("y"))
    assert store.status(access(anna, "y", "s")) is ACTIVE
    assert store.status(access(anna, "y")) is ACTIVE
    assert store.status(refresh(anna, "y", "s")) is ACTIVE
    assert store.status(refresh(anna, "y")) is REVOKED


def test_subjects_and_managers_are_apart(store: Store, anna: Subject) -> None:
    others = Subject(anna.subject + "-other"), Subject(anna.subject, manager="partners")
    for what in (Token("a"), Session("s"), cutoff(50)):
        revoke(store, anna, what)
        assert store.status(access(anna, "a", "s")) is REVOKED
        for owner in others:
            assert store.status(access(owner, "a", "s")) is ACTIVE
            assert store.list(owner, at(0)) == []
            assert not store.restore(owner, what)
        assert store.restore(anna, what)


def test_tokens_without_names(store: Store, anna: Subject) -> None:
    for what in (Token(""), Session(""), Token("a"), Session("s")):
        revoke(store, anna, what)
    nameless = TokenRef(anna, at(100))
    assert store.status(nameless) is ACTIVE
    assert store.status(replace(nameless, token_type="refresh")) is ACTIVE
    assert store.status(access(anna, "")) is REVOKED
    assert store.status(access(anna, "b", "")) is REVOKED


def test_taking_back(store: Store, anna: Subject) -> None:
    everything = (Token("a"), Session("s"), cutoff(50))
    for what in everything:
        revoke(store, anna, what)
    for what in everything:
        assert store.status(access(anna, "a", "s")) is REVOKED
        assert store.restore(anna, what)
        assert not store.restore(anna, what)
    assert store.status(access(anna, "a", "s")) is ACTIVE
    assert store.list(anna, at(0)) == []
    revoke(store, anna, Token("a"))
    assert store.status(access(anna, "a", "s")) is REVOKED


def test_up_to_the_very_second(store: Store, anna: Subject) -> None:
    undated = access(anna, "a", "s", issued_at=None)
    assert store.status(undated) is ACTIVE
    for cut, revoked, active in (
        (10.0, (0.0, 9.0, 10.0), (10.25, 11.0, 1e15)),
        (20.25, (-1e9, 20.0, 20.25), (20.5, 21.0, 99.0)),
    ):
        revoke(store, anna, cutoff(cut))
        for seconds in revoked:
            assert store.status(access(anna, "a", issued_at=at(seconds))) is REVOKED
        for seconds in active:
            assert store.status(access(anna, "a", issued_at=at(seconds))) is ACTIVE
        assert store.status(undated) is REVOKED


def test_one_session_is_kept(store: Store, anna: Subject) -> None:
    revoke(store, anna, cutoff(50, "s"))
    kept = access(anna, "a", "s")
    for token in (kept, refresh(anna, "r", "s"), replace(kept, issued_at=None)):
        assert store.status(token) is ACTIVE
    for jti, session in (("a", "S"), ("a", ""), ("a", None), ("s", None)):
        assert store.status(access(anna, jti, session)) is REVOKED
    revoke(store, anna, Session("s"))
    assert store.status(kept) is REVOKED


def test_the_later_cutoff_counts(store: Store, anna: Subject) -> None:
    s, t = access(anna, "a", "s"), access(anna, "a", "t")
    revoke(store, anna, cutoff(20, "s"))
    revoke(store, anna, cutoff(10, "t"))
    assert store.status(replace(s, issued_at=at(15))) is ACTIVE
    for token in (s, t, replace(t, issued_at=at(15))):
        assert store.status(token) is REVOKED
    revoke(store, anna, cutoff(30, "t"))
    assert store.status(s) is REVOKED
    assert store.status(replace(t, issued_at=at(25))) is ACTIVE
    revoke(store, anna, cutoff(40))
    assert store.status(t) is REVOKED
    assert len(store.list(anna, at(50))) == 1
    assert store.restore(anna, cutoff(0))
    assert store.status(s) is ACTIVE


def test_what_one_cutoff_hits_no_other_keeps(store: Store, anna: Subject) -> None:
    s, fresh = (access(anna, "a", "s", issued_at=at(seconds)) for seconds in (20, 20.25))
    locked, logout = cutoff(20), cutoff(30, "s")
    for both in ((locked, logout), (logout, locked)):
        for what in both:
            revoke(store, anna, what)
        for token in (s, refresh(anna, "r", "s"), replace(s, issued_at=None)):
            assert store.status(token) is REVOKED
        assert rotate(store, refresh(anna, "r", "s"), "x") == GONE
        assert store.status(fresh) is ACTIVE
        assert store.status(replace(fresh, session="t")) is REVOKED
        assert {record.what for record in store.list(anna, at(50))} == {locked, logout}
        for what in (cutoff(10, "t"), cutoff(40, "s")):
            revoke(store, anna, what)
            assert store.status(s) is REVOKED
            assert store.status(fresh) is ACTIVE
        revoke(store, anna, cutoff(35, "t"))
        assert store.status(replace(s, issued_at=at(35))) is REVOKED
        assert store.status(replace(s, issued_at=at(35.25))) is ACTIVE
        revoke(store, anna, cutoff(50, "t"))
        for session, hit in (("s", 50), ("t", 40)):
            assert store.status(access(anna, "a", session, issued_at=at(hit))) is REVOKED
        assert store.status(access(anna, "a", "t", issued_at=at(40.25))) is ACTIVE
        assert store.restore(anna, locked)
        assert store.status(s) is ACTIVE
        assert store.list(anna, at(50)) == []


def test_of_two_cutoffs_at_once_nothing_is_kept(store: Store, anna: Subject) -> None:
    s = access(anna, "a", "s")
    for keep, status in (("s", ACTIVE), ("s", ACTIVE), ("t", REVOKED), ("s", REVOKED)):
        revoke(store, anna, cutoff(20, keep))
        assert store.status(s) is status
    assert store.status(access(anna, "a", "t")) is REVOKED


def test_all_that_has_not_ended(store: Store, anna: Subject) -> None:
    everything = (
        (Token("a"), 1000.0),
        (Token("b"), None),
        (Session("s"), 2000.25),
        (Session("t"), 4000.0),
        (cutoff(20.25, "k"), 3000.0),
    )
    for what, end in everything:
        revoke(store, anna, what, until=None if end is None else at(end))
    for now in (0.0, 999.75, 1000.0, 2000.0, 2000.25, 3000.0, 1e6):
        found = {record.what: record.until for record in store.list(anna, at(now))}
        assert found == {
            what: None if end is None else at(end)
            for what, end in everything
            if end is None or end > now
        }


def test_the_latest_end_counts(store: Store, anna: Subject) -> None:
    for what in (Token("a"), Session("s"), cutoff(20)):
        for end, counts in ((2000, 2000), (1000, 2000), (3000, 3000), (None, None), (4000, None)):
            revoke(store, anna, what, until=None if end is None else at(end))
            [record] = store.list(anna, at(0))
            assert record.until == (None if counts is None else at(counts))
        store.restore(anna, what)
    for cut, end, counts in ((20, 2000, 2000), (30, 1000, 2000), (10, 3000, 3000)):
        revoke(store, anna, cutoff(cut), until=at(end))
        [record] = store.list(anna, at(0))
        assert record.until == at(counts)
    assert record.what == cutoff(30)


def test_the_first_words_stay(store: Store, anna: Subject) -> None:
    for what in (Token("a"), Session("s"), cutoff(20)):
        revoke(store, anna, what, at=at(1.25), by="éva; --")
        revoke(store, anna, what, at=at(2), reason='it\'s "x"')
        [record] = store.list(anna, at(50))
        words = record.at, record.by, record.reason
        last = (at(2), None, 'it\'s "x"')
        assert words == (at(1.25), "éva; --", None) or (what == cutoff(20) and words == last)
        store.restore(anna, what)


def test_purging(store: Store, anna: Subject) -> None:
    for what, end in ((Token("live"), 2000), (Token("dead"), 1000), (Session("s"), 2000)):
        revoke(store, anna, what, until=at(end))
    revoke(store, anna, Token("for ever"), until=None)
    store.purge(at(999.75))
    assert store.status(access(anna, "dead")) is REVOKED
    store.purge(at(1999.75))
    for token in (access(anna, "live"), access(anna, "for ever"), access(anna, "a", "s")):
        assert store.status(token) is REVOKED
    assert len(store.list(anna, at(1999.75))) == 3
    store.purge(at(1e6))
    assert store.status(access(anna, "for ever")) is REVOKED
    assert len(store.list(anna, at(1e6))) == 1


HOSTILE = [
    *(
        "",
        " ",
        "a",
        "A",
        "a ",
        " a",
        "a\n",
        "a\r\n",
        "\t",
        "a'b",
        "a''b",
        'a"b',
        "a\\b",
        "a`b",
        "a%",
    ),
    *(
        "a_",
        "%",
        "_",
        "*",
        "?",
        "[a-z]",
        "{a}",
        "{",
        "}",
        "a:b",
        "a::b",
        "a/b",
        "a|b",
        "a,b",
        "a;b",
    ),
    *("'; DROP TABLE jwt_session; --", "' OR '1'='1", "$1", "$$", ":name", "?1", "@a", "%(jti)s"),
    *(
        "null",
        "NULL",
        "None",
        "0",
        "00",
        "1",
        "1.0",
        "1e3",
        "true",
        "é",
        "e\u0301",
        "ß",
        "ss",
        "SS",
    ),
    *(
        "İ",
        "i\u0307",
        "\u03a9",
        "\u2126",
        "\ufeffa",
        "\u200b",
        "a\u200b",
        "\u202ea",
        "😀",
        "\ufffd",
    ),
    *("\uffff", "\U0010ffff", "\x7f", "\x01"),
    *("x" * length for length in (63, 64, 255, 256, 1023, 1024)),
]


def test_names_are_taken_to_the_letter(store: Store, anna: Subject) -> None:
    for which in (0, 1):
        for name in HOSTILE[which::2]:
            revoke(store, anna, Token(name))
            revoke(store, anna, Session(name))
        for n, name in enumerate(HOSTILE):
            expected = REVOKED if n % 2 == which else ACTIVE
            assert store.status(access(anna, name)) is expected, name
            assert store.status(access(anna, "-", name)) is expected, name
        for record in store.list(anna, at(0)):
            assert store.restore(anna, record.what)
        assert store.list(anna, at(0)) == []
    for n, name in enumerate(HOSTILE):
        owner = Subject(f"{anna.subject}.{name}")
        if n % 2 == 0:
            revoke(store, owner, Token("a"))
            revoke(store, owner, cutoff(50, name))
        family = refresh(anna, name, name)
        assert rotate(store, family, name + "+") == ROTATED
        assert rotate(store, family, "-") == repeated(name + "+")
    for n, name in enumerate(HOSTILE):
        owner = Subject(f"{anna.subject}.{name}")
        expected = REVOKED if n % 2 == 0 else ACTIVE
        assert store.status(access(owner, "a", name)) is expected, name
        assert store.status(access(owner, "b", "other")) is expected, name
        assert store.status(access(owner, "b", name)) is ACTIVE, name


@pytest.mark.parametrize("odd", ["a\0b", "\0", "\ud800", "a\udfffb"])
def test_what_cannot_be_held_is_refused(store: Store, anna: Subject, odd: str) -> None:
    try:
        revoke(store, anna, Token(odd))
        assert store.status(access(anna, odd)) is REVOKED
    except StoreUnavailable:
        with pytest.raises(StoreUnavailable):
            store.status(access(anna, odd))
    for innocent in ("", "a", "b", "ab", "a\ufffdb"):
        assert store.status(access(anna, innocent, "\ufffd")) is ACTIVE


def test_names_do_not_run_together(store: Store, anna: Subject) -> None:
    for separator in (":", "/", "|", ".", "-", "_", " ", ""):
        one = f"{anna.subject}{separator}a"
        owner = Subject(one, manager="m")
        for what in (Token("b"), Session("b"), cutoff(50)):
            revoke(store, owner, what)
        others = (
            Subject(one),
            Subject(f"m{separator}{one}"),
            Subject(anna.subject, manager="m"),
            anna,
        )
        for other in others:
            for name in (f"a{separator}b", f"{one}{separator}b", "b"):
                assert store.status(access(other, name, name)) is ACTIVE
        assert store.status(access(owner, "b")) is REVOKED


def test_a_chain(store: Store, anna: Subject) -> None:
    tokens = [refresh(anna, f"r{n}", "s") for n in range(4)]
    assert rotate(store, tokens[0], "r1") == ROTATED
    assert rotate(store, tokens[1], "r2") == ROTATED
    assert rotate(store, later(tokens[2], 1000), "r3") == ROTATED
    assert store.status(later(tokens[3], 2000)) is ACTIVE
    assert store.list(anna, at(0)) == []


def test_once_more_within_the_grace(store: Store, anna: Subject) -> None:
    first = refresh(anna, "r0", "s")
    assert rotate(store, later(first, 100.25), "r1") == ROTATED
    for seconds in (100.25, 105.0, 100.0, 110.0, 110.25):
        assert store.status(later(first, seconds)) is ACTIVE
        assert rotate(store, later(first, seconds), "x") == repeated("r1")
    assert store.status(later(refresh(anna, "r1", "s"), 111)) is ACTIVE
    assert rotate(store, later(first, 110.5), "x") == BURNT
    # The longer grace is the asker's.
    second = refresh(anna, "q0", "t")
    assert rotate(store, second, "q1") == ROTATED
    assert rotate(store, later(replace(second, grace=1.25), 101.25), "x") == repeated("q1")
    assert rotate(store, replace(second, grace=0.0), "x") == repeated("q1")
    assert rotate(store, later(replace(second, grace=0.0), 100.25), "x") == BURNT


def test_a_reuse_burns_the_family(store: Store, anna: Subject) -> None:
    first, second = refresh(anna, "r0", "s"), refresh(anna, "r1", "s")
    assert rotate(store, first, "r1") == ROTATED
    assert rotate(store, later(first, 110.25), "x") == BURNT
    for token in (first, second, access(anna, "a", "s")):
        assert store.status(token) is REVOKED
    for token in (first, second, later(first, 110.25)):
        assert rotate(store, token, "x") == GONE
    assert store.status(refresh(anna, "r9", "t")) is ACTIVE
    [record] = store.list(anna, at(200))
    assert (record.what, record.until, record.by) == (Session("s"), END, None)
    assert (record.at, record.reason) == (at(110.25), "refresh token reuse")


def test_one_of_long_ago_and_one_that_never_was(store: Store, anna: Subject) -> None:
    for family, jti in (("s", "r0"), ("t", "never"), ("u", "")):
        assert rotate(store, refresh(anna, "r0", family), "r1") == ROTATED
        assert rotate(store, refresh(anna, "r1", family), "r2") == ROTATED
        presented = refresh(anna, jti, family)
        assert store.status(presented) is REUSED
        assert rotate(store, presented, "x") == BURNT
        assert store.status(refresh(anna, "r2", family)) is REVOKED


def test_asking_is_not_using(store: Store, anna: Subject) -> None:
    first, second = refresh(anna, "r0", "s"), refresh(anna, "r1", "s")
    assert rotate(store, first, "r1") == ROTATED
    assert store.status(later(first, 110)) is ACTIVE
    for token in (later(first, 110.25), refresh(anna, "never", "s"), refresh(anna, None, "s")):
        assert store.status(token) is REUSED
    for token in (access(anna, "a", "s"), access(anna, "r0", "s"), second):
        assert store.status(later(token, 200)) is ACTIVE
    revoke(store, anna, Token("r0"))
    assert store.status(later(first, 200)) is REVOKED


def test_what_is_revoked_does_not_rotate(store: Store, anna: Subject) -> None:
    for present, following in (("r0", "r1"), ("r1", "r2")):
        token = refresh(anna, present, "s")
        for what in (Session("s"), cutoff(50), cutoff(50, "t"), Token(present)):
            revoke(store, anna, what)
            assert rotate(store, token, following) == GONE
            assert store.restore(anna, what)
        revoke(store, anna, cutoff(-1e6))
        assert rotate(store, replace(token, issued_at=None), following) == GONE
        assert rotate(store, token, following) == ROTATED
        store.restore(anna, cutoff(0))
    revoke(store, anna, Token("r0"))
    assert rotate(store, later(refresh(anna, "r0", "s"), 500), "x") == GONE
    revoke(store, anna, cutoff(90, "s"))
    assert rotate(store, refresh(anna, "r2", "s"), "r3") == ROTATED


def test_no_repetition_of_a_revoked_successor(store: Store, anna: Subject) -> None:
    first = refresh(anna, "r0", "s")
    assert rotate(store, first, "r1") == ROTATED
    revoke(store, anna, Token("r1"))
    assert rotate(store, first, "x") == GONE
    assert store.restore(anna, Token("r1"))
    assert rotate(store, first, "x") == repeated("r1")


def test_a_family_without_session(store: Store, anna: Subject) -> None:
    first = refresh(anna, "r0")
    assert rotate(store, first, "r1") == ROTATED
    assert rotate(store, later(first, 110), "x") == repeated("r1")
    assert rotate(store, refresh(anna, "r1", "r0"), "r2") == ROTATED
    assert store.status(first) is REUSED
    assert rotate(store, first, "x") == BURNT
    for jti in ("r0", "r1", "r2"):
        assert store.status(refresh(anna, jti, "r0")) is REVOKED
    assert store.status(refresh(anna, "r1")) is ACTIVE
    assert store.status(access(anna, "r0")) is ACTIVE


def test_families_last_as_long_as_their_longest_token(store: Store, anna: Subject) -> None:
    for family, longest in (("s", at(5000)), ("t", None)):
        first = refresh(anna, "r0", family)
        assert rotate(store, first, "r1", until=longest, burnt_until=at(300)) == ROTATED
        second = refresh(anna, "r1", family)
        assert rotate(store, second, "r2", until=at(600), burnt_until=at(300)) == ROTATED
        store.purge(at(4999.75))
        assert store.status(first) is REUSED
        if family == "t":
            revoke(store, anna, Session("t"), until=at(60))
        else:
            assert rotate(store, first, "x", until=None, burnt_until=at(300)) == BURNT
        ends = {record.what: record.until for record in store.list(anna, at(50))}
        assert ends[Session(family)] == longest


def test_a_burnt_family_taken_back(store: Store, anna: Subject) -> None:
    first, second = refresh(anna, "r0", "s"), refresh(anna, "r1", "s")
    assert rotate(store, first, "r1") == ROTATED
    for _ in range(2):
        assert rotate(store, later(first, 200), "x") == BURNT
        assert store.restore(anna, Session("s"))
    assert store.status(second) is ACTIVE
    assert rotate(store, second, "r2") == ROTATED


def test_successors_come_back_to_the_letter(store: Store, anna: Subject) -> None:
    printable = "".join(map(chr, range(32, 127)))
    for n, text in enumerate(("", " ", "0", '{"v":1,"a":["b\'c\\\\"]}', printable, "x" * 1024)):
        first = refresh(anna, "r0", str(n))
        assert rotate(store, first, "r1", successor=text) == ROTATED
        assert rotate(store, first, "x") == (RotationOutcome.REPEATED, text)


def test_of_many_one_wins(store: Store, anna: Subject) -> None:
    presented = "r0"
    with ThreadPoolExecutor(16) as pool:
        for turn in range(1, ROUNDS + 1):
            token = refresh(anna, presented, "s")
            names = [f"r{turn}-{n}" for n in range(64)]
            outcomes = list(pool.map(lambda name, token=token: rotate(store, token, name), names))
            [winner] = [
                name for name, outcome in zip(names, outcomes, strict=True) if outcome == ROTATED
            ]
            assert outcomes.count(repeated(winner)) == 63
            presented = winner
    assert store.status(refresh(anna, presented, "s")) is ACTIVE
    assert store.list(anna, at(0)) == []


def test_a_revocation_beside_rotations(store: Store, anna: Subject) -> None:
    names = [f"r1-{n}" for n in range(32)]
    token = refresh(anna, "r0", "s")
    with ThreadPoolExecutor(16) as pool:
        logout = pool.submit(revoke, store, anna, Session("s"))
        outcomes = list(pool.map(lambda name: rotate(store, token, name), names))
        logout.result()
    assert outcomes.count(ROTATED) <= 1
    for name in (*names, "r0"):
        assert rotate(store, refresh(anna, name, "s"), "x") == GONE


def test_a_reuse_beside_a_rotation(store: Store, anna: Subject) -> None:
    with ThreadPoolExecutor(2) as pool:
        for turn in range(8):
            first, second = (refresh(anna, jti, f"s{turn}") for jti in ("r0", "r1"))
            assert rotate(store, first, "r1") == ROTATED
            thief = pool.submit(rotate, store, later(first, 200), "x")
            owner = pool.submit(rotate, store, second, "r2")
            assert thief.result() == BURNT
            assert owner.result() in (ROTATED, GONE)
            for jti in ("r0", "r1", "r2", "x"):
                assert store.status(refresh(anna, jti, f"s{turn}")) is REVOKED
