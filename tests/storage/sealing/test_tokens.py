"""The patient's cookie: whole or nothing, and silent in logs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screening.core.errors import CannotOpen
from screening.storage.sealing.plaintext import BLOCK
from screening.storage.sealing.tokens import DraftToken

TOKEN = DraftToken.new()


def test_a_token_survives_its_cookie() -> None:
    assert DraftToken.decode(TOKEN.encode()) == TOKEN


@given(st.text() | st.text("abcXYZ019-_=\n", min_size=63, max_size=66) | st.binary().map(str))
def test_garbage_is_no_token(garbage: str) -> None:
    token = DraftToken.decode(garbage)
    assert token is None or token.encode() == garbage


def test_no_two_tokens_are_alike() -> None:
    assert len({DraftToken.new().encode() for _ in range(100)}) == 100


def test_a_token_shows_neither_id_nor_key() -> None:
    shown = f"{TOKEN!r} {TOKEN}"
    for secret in (TOKEN.id, TOKEN.key):
        assert repr(secret) not in shown
        assert secret.hex() not in shown
    assert TOKEN.encode() not in shown


def test_a_row_id_gives_no_half_of_the_cookie_away() -> None:
    assert TOKEN.id.hex() not in TOKEN.row_id
    assert replace(TOKEN, key=bytes(32)).row_id == TOKEN.row_id


@given(st.binary(max_size=3 * BLOCK))
def test_what_a_token_seals_it_opens(plaintext: bytes) -> None:
    assert TOKEN.open(TOKEN.seal(plaintext)) == plaintext


@given(st.binary(max_size=200) | st.binary(max_size=200).map(lambda tail: b"\x01" + tail))
def test_what_a_token_did_not_seal_it_does_not_open(garbage: bytes) -> None:
    with pytest.raises(CannotOpen):
        TOKEN.open(garbage)


@given(st.integers(0, BLOCK + 28), st.integers(1, 255))
def test_a_changed_byte_does_not_open(position: int, change: int) -> None:
    sealed = bytearray(TOKEN.seal(b"pain"))
    sealed[position] ^= change
    with pytest.raises(CannotOpen):
        TOKEN.open(bytes(sealed))


def test_lengths_of_sealed_drafts_tell_little() -> None:
    assert len({len(TOKEN.seal(bytes(size))) for size in (0, 1, 500, BLOCK - 4)}) == 1
