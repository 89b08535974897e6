"""Whether a secret is one."""

from __future__ import annotations

FEWEST_DIFFERENT = 10  # characters; of 32 random ones in base64, fewer than one in 10^20 has so few
TYPED_BY_PEOPLE = (
    "changeme",
    "change-me",
    "change_me",
    "secret",
    "password",
    "example",
    "screening",
    "qwerty",
)


def is_weak(secret: str) -> bool:
    """Whether somebody would think of it: few different characters, the same again and again, or a word."""
    repeats = secret in (secret + secret)[1:-1]
    word = any(known in secret.lower() for known in TYPED_BY_PEOPLE)
    return repeats or word or len(set(secret)) < FEWEST_DIFFERENT
