"""Finding sealed text: keyed digests (HMAC-SHA256) of names, their sounds, dates of birth and phone numbers.

Whoever holds the database but not the key learns which requests share a word of a name, its sound, a date
or a number's end, and how often each occurs; never what they are. docs/blind-indexes.md says so to clinics.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

import jellyfish
import phonenumbers
from sqlalchemy import Connection, delete, insert, select, update

from screening.core.answers import home_number, phones_in
from screening.core.kept import KeptContact
from screening.core.same_person import NO_LETTERS
from screening.storage import binding, standing
from screening.storage.sites import here, of_reference
from screening.storage.tables import request_index, requests

_APOSTROPHES = re.compile("['’ʼ`]")
_WORD = re.compile(r"[^\W_]+")
ENDS = range(4, 9)  # how many last digits of a phone number are enough to look for it
MADE_AS = 1  # how digests are made now; what was indexed otherwise is indexed anew
_BYTES = 16  # of each digest: enough that two texts never meet
# Letters that do not decompose, as they are typed without them.
_SPELT = str.maketrans({"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th"})


@dataclass(frozen=True)
class IndexKey:
    """32 random bytes; without them the database tells no name, and with them whether a guess is right."""

    raw: bytes = field(repr=False)
    earlier: tuple[IndexKey, ...] = field(default=(), repr=False)  # requests may still be found by them

    @property
    def each(self) -> tuple[IndexKey, ...]:
        """This one and those of before."""
        return (self, *self.earlier)

    @property
    def key_id(self) -> str:
        """Sixteen hexadecimal digits that name the key and tell nothing about it."""
        return hmac.digest(self.raw, b"id", "sha256")[:8].hex()

    def digest(self, kind: str, text: str) -> str:
        """32 hexadecimal digits of HMAC-SHA-256, the same for the same text of the same kind."""
        message = f"{kind}\0{text}".encode("utf-8", "surrogatepass")
        return hmac.digest(self.raw, message, "sha256")[:_BYTES].hex()


def words_of(name: str) -> tuple[str, ...]:
    """A name's words without case, accents, hyphens, apostrophes and what nobody sees, each once."""
    plain = unicodedata.normalize("NFKD", name.casefold().translate(_SPELT))
    plain = "".join(
        character
        for character in plain
        if not unicodedata.combining(character) and character not in NO_LETTERS
    )
    return tuple(dict.fromkeys(_WORD.findall(plain)))


def name_parts(name: str) -> tuple[str, ...]:
    """What a name is found by: its words, parts of words, and neighbours as one, as in O'Brien."""
    parts = words_of(_APOSTROPHES.sub(" ", name))
    pairs = (first + second for first, second in pairwise(parts))
    return tuple(dict.fromkeys((*words_of(name), *parts, *pairs)))


def sound_of(word: str) -> str:
    """How a word of a name sounds in English (Metaphone); empty where its letters say nothing about that."""
    return jellyfish.metaphone(word) if word.isascii() and word.isalpha() else ""


def phone_end(number: str) -> str:
    """What is looked for where somebody says a part: its last digits; empty where they are too few."""
    digits = "".join(character for character in number if character.isdigit())
    return digits[-ENDS[-1] :] if len(digits) >= ENDS[0] else ""


def plain_phone(text: str, region: str) -> str:
    """A phone number in E.164, of `region` where no country is typed; its digits where it is none."""
    return _dialled(text, region)[0]


def _dialled(text: str, region: str) -> list[str]:
    """Each number in a text in E.164; of a text that holds none, its digits."""
    if alone := home_number(text, region):
        return [alone]
    try:
        found = phones_in(text, region) or [phonenumbers.parse(text, region)]
    except phonenumbers.NumberParseException:
        return ["".join(character for character in text if character.isdigit())]
    return [str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)) for number in found]


def person_digest(key: IndexKey, name: str, birth_date: str) -> str:
    """The same for two requests with the same name, in any order of its words, and date of birth."""
    return key.digest("person", " ".join(sorted(words_of(name))) + "\0" + birth_date)


def digests(key: IndexKey, contact: KeptContact, region: str) -> set[str]:
    """All that a request is found by: names and their sounds, a date of birth, a number and its end."""
    name, birth, phone = map(contact.stored, ("name", "birth_date", "phone"))
    found: set[str] = set()
    for whose in (name, contact.stored("representative_name")):
        found |= {key.digest("name", part) for part in name_parts(whose)}
        found |= {key.digest("sound", sound) for word in name_parts(whose) if (sound := sound_of(word))}
    if birth:
        found.add(key.digest("birth_date", birth))
    if phone:
        numbers = _dialled(phone, region)
        ends = map(phone_end, numbers)
        found |= {key.digest("phone", number) for number in numbers}
        found |= {
            key.digest("phone_end", end[-length:]) for end in ends for length in ENDS if length <= len(end)
        }
    if person := person_of(key, contact):
        found.add(person)
    return found


def person_of(key: IndexKey, contact: KeptContact) -> str | None:
    """Whom a request is for, as a digest; None where the name or the date of birth is not there."""
    name, birth = contact.stored("name"), contact.stored("birth_date")
    return person_digest(key, name, birth) if name and birth else None


def as_one_person(connection: Connection, key: IndexKey, contact: KeptContact) -> str | None:
    """`person_of`, by which the same person's other requests go from now on too.

    While the key is being changed some have a digest by an earlier one: all of a person move at once.
    """
    person = person_of(key, contact)
    before = [person_of(earlier, contact) for earlier in key.earlier]
    if person is None or not before:
        return person
    theirs = select(requests.c.reference).where(here(requests), requests.c.person.in_(before))
    for reference in connection.scalars(theirs.order_by(requests.c.reference).with_for_update()).all():
        binding.touch(connection, binding.REQUEST, reference)
        mine = of_reference(requests, reference)
        connection.execute(update(requests).where(mine).values(person=person))
    return person


_FOUND_BY = insert(request_index)


def write(
    connection: Connection,
    key: IndexKey,
    reference: str,
    received_at: datetime,
    contact: KeptContact,
    region: str,
) -> None:
    """Make a request findable: a new one, or one whose index was forgotten."""
    found, person = digests(key, contact, region), as_one_person(connection, key, contact)
    rows = [
        {"digest": digest, "received_at": received_at, "reference": reference} for digest in sorted(found)
    ]
    if rows:
        connection.execute(_FOUND_BY, rows)
    made = {"index_key": key.key_id, "indexed_as": MADE_AS, "person": person}
    standing.save_seen(connection, reference, made)


def forget(connection: Connection, reference: str) -> None:
    """How a request was found so far, which is to be written anew."""
    connection.execute(delete(request_index).where(of_reference(request_index, reference)))
