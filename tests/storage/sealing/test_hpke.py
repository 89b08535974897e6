"""Sealing: opens in its own cell with the right key, and nowhere else."""

from __future__ import annotations

import random
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.errors import CannotOpen
from screening.storage.sealing import hpke
from screening.storage.sealing.hpke import OpeningKey, OpeningKeys
from screening.storage.sealing.plaintext import (
    BLOCK,
    LARGEST,
    STEP,
    expand,
    pack,
    pad,
    squeeze,
    unpack,
    unpad,
)

KEYS = OpeningKeys([OpeningKey.new()])
CELL = {"table": "requests", "column": "sealed_health", "row": "R1"}
JSON = st.recursive(
    st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=6,
)


def of_a_format(tail: bytes) -> st.SearchStrategy[bytes]:
    return st.sampled_from([b"\x01" + tail, b"\x02" + tail])


def sealed_before(plaintext: bytes) -> bytes:
    """As the program did that compressed nothing."""
    key, info = KEYS.sealing_key, hpke.place(**CELL)
    return b"\x01" + bytes.fromhex(key.key_id) + hpke._SUITE.encrypt(pad(plaintext), key._public, info=info)


@given(st.binary(max_size=3 * BLOCK))
def test_what_was_sealed_before_it_was_compressed_opens_as_before(plaintext: bytes) -> None:
    assert KEYS.open(sealed_before(plaintext), **CELL) == plaintext


def test_neither_format_opens_as_the_other() -> None:
    for sealed, other in (
        (sealed_before(squeeze(b"pain")), b"\x02"),
        (KEYS.sealing_key.seal(b"pain", **CELL), b"\x01"),
    ):
        with pytest.raises(CannotOpen):
            KEYS.open(other + sealed[1:], **CELL)


def test_words_that_come_again_take_little_room() -> None:
    words = b"".join(b"Do you take a medicine for question %d? Yes, no, not sure. " % at for at in range(400))
    assert len(KEYS.sealing_key.seal(words, **CELL)) < len(words) / 4


def test_a_small_text_that_would_fill_the_memory_does_not_open() -> None:
    bomb = squeeze(bytes(LARGEST))
    assert len(expand(bomb)) == LARGEST
    stretch = zlib.compressobj()
    with pytest.raises(CannotOpen):
        expand(stretch.compress(bytes(LARGEST + 1)) + stretch.flush())
    with pytest.raises(ValueError, match="too much"):
        squeeze(bytes(LARGEST + 1))


@pytest.mark.parametrize("wrong", [b"", b"pain", squeeze(b"pain")[:-1], squeeze(b"pain") + b"x"])
def test_what_is_not_compressed_as_it_says_is_refused(wrong: bytes) -> None:
    with pytest.raises(CannotOpen):
        expand(wrong)


@given(st.binary(max_size=3 * BLOCK))
def test_what_is_sealed_for_a_cell_opens_there(plaintext: bytes) -> None:
    assert KEYS.open(KEYS.sealing_key.seal(plaintext, **CELL), **CELL) == plaintext


@pytest.mark.parametrize("moved", [{"table": "drafts"}, {"column": "sealed_contact"}, {"row": "R2"}])
def test_sealed_text_does_not_open_elsewhere(moved: dict[str, str]) -> None:
    sealed = KEYS.sealing_key.seal(b"pain", **CELL)
    with pytest.raises(CannotOpen):
        KEYS.open(sealed, **{**CELL, **moved})


@given(st.binary(max_size=200) | st.binary(max_size=2000).flatmap(of_a_format))
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
    words = random.Random(1).randbytes(STEP - 20)  # as good as what cannot be made shorter
    assert len({len(seal(words[:size], **CELL)) for size in (0, 1, 200, len(words))}) == 1


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
