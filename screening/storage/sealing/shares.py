"""A secret as words on sheets of paper (SLIP-39): so many of them give it back, and fewer tell nothing."""

from __future__ import annotations

import secrets
from collections.abc import Iterable

from shamir_mnemonic import MnemonicError, Share, combine_mnemonics, generate_mnemonics

from screening.core.errors import CannotOpen

FEWEST, MOST = 2, 16  # shares: one alone would be no share, and SLIP-39 knows no more
_LENGTH = 32  # bytes of the secret: 33 words, with a checksum


def split(needed: int, made: int) -> tuple[str, list[str]]:
    """A fresh secret as a password that nobody types, and its shares, of which `needed` give it back."""
    secret = secrets.token_bytes(_LENGTH)
    [shares] = generate_mnemonics(1, [(needed, made)], secret)
    return secret.hex(), shares


def needed_with(share: str) -> int:
    """How many shares it takes, as this one says. Raises CannotOpen for what is no share, or mistyped."""
    try:
        return int(Share.from_mnemonic(share).member_threshold)
    except MnemonicError as error:
        raise CannotOpen(f"This is no share, or a word is mistyped: {error}.") from None


def join(shares: Iterable[str]) -> str:
    """The password that `split` gave. Raises CannotOpen."""
    try:
        return str(combine_mnemonics(shares).hex())
    except MnemonicError as error:
        raise CannotOpen(f"These shares do not go together: {error}.") from None
