"""Sealing: opens in its own cell with the right key, and nowhere else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.errors import CannotOpen
from screening.storage.sealing.hpke import OpeningKey, OpeningKeys
from screening.storage.sealing.plaintext import BLOCK, pack, pad, unpack, unpad

KEYS = OpeningKeys([OpeningKey.new()])
CELL = {"table": "requests", "column": "sealed_health", "row": "R1"}
JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=6,
)


@given(st.binary(max_size=3 * BLOCK))
def test_what_is_sealed_for_a_cell_opens_there(plaintext: bytes) -> None:
    assert KEYS.open(KEYS.sealing_key.seal(plaintext, **CELL), **CELL) == plaintext


@pytest.mark.parametrize("moved", [{"table": "drafts"}, {"column": "sealed_contact"}, {"row": "R2"}])
def test_sealed_text_does_not_open_elsewhere(moved: dict[str, str]) -> None:
    sealed = KEYS.sealing_key.seal(b"pain", **CELL)
    with pytest.raises(CannotOpen):
        KEYS.open(sealed, **{**CELL, **moved})


@given(st.binary(max_size=200) | st.binary(max_size=2000).map(lambda tail: b"\x01" + tail))
def test_what_was_not_sealed_does_not_open(garbage: bytes) -> None:
    with pytest.raises(CannotOpen):
        KEYS.open(garbage, **CELL)


@given(st.data())
def test_a_changed_byte_does_not_open(data: st.DataObject) -> None:
    sealed = bytearray(KEYS.sealing_key.seal(b"pain", **CELL))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(CannotOpen):
        KEYS.open(bytes(sealed), **CELL)


def test_after_a_change_of_keys_old_and_new_rows_open() -> None:
    old, new = OpeningKey.new(), OpeningKey.new()
    before = old.sealing_key.seal(b"before", **CELL)
    both = OpeningKeys([new, old])
    after = both.sealing_key.seal(b"after", **CELL)
    assert both.sealing_key == new.sealing_key
    assert (both.open(before, **CELL), both.open(after, **CELL)) == (b"before", b"after")
    with pytest.raises(CannotOpen):
        OpeningKeys([old]).open(after, **CELL)


def test_sealing_twice_never_gives_the_same() -> None:
    assert KEYS.sealing_key.seal(b"pain", **CELL) != KEYS.sealing_key.seal(b"pain", **CELL)


def test_lengths_of_sealed_texts_tell_little() -> None:
    seal = KEYS.sealing_key.seal
    assert len({len(seal(bytes(size), **CELL)) for size in (0, 1, 500, BLOCK - 4)}) == 1


def test_keys_do_not_show() -> None:
    key = OpeningKey.new()
    assert repr(key.raw) not in repr(key)
    assert key.raw.hex() not in f"{key!r} {OpeningKeys([key])!r}"


@given(st.binary(max_size=3 * BLOCK))
def test_padding_comes_off_again(plaintext: bytes) -> None:
    assert len(pad(plaintext)) % BLOCK == 0
    assert unpad(pad(plaintext)) == plaintext


@pytest.mark.parametrize(
    "wrong", [b"", b"\x00" * 3, pad(b"x")[:-1], pad(b"x")[:-1] + b"\x01", b"\xff" * BLOCK]
)
def test_wrong_padding_is_refused(wrong: bytes) -> None:
    with pytest.raises(CannotOpen):
        unpad(wrong)


@given(st.dictionaries(st.text(max_size=20), JSON, max_size=5))
def test_packed_answers_come_back(answers: dict[str, object]) -> None:
    assert unpack(pack(answers)) == answers
    assert pack(dict(reversed(answers.items()))) == pack(answers)


@pytest.mark.parametrize("wrong", [b"", b"[]", b"\xff", b"null", b"{"])
def test_what_is_no_mapping_is_refused(wrong: bytes) -> None:
    with pytest.raises(CannotOpen):
        unpack(wrong)
