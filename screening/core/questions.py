"""The shape of a question and its answers: what an author may write, before any type gives it a meaning."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Discriminator,
    Field,
    SkipValidation,
    StringConstraints,
    Tag,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from screening.core.codings import CodingSystem, ToBeVerified, adds_up
from screening.core.conditions import EVERYONE, Condition, Test, compile_condition
from screening.core.findings import Place
from screening.core.voices import VOICES

Contact = Literal[
    "for_whom", "representative_name", "representative_relationship", "name", "birth_date",
    "reach_by", "phone", "email", "reach_when", "leave_message", "needs", "needs_words", "consent",
    "patient_knows", "whom_to_ring",
]  # fmt: skip


def _days(value: Any) -> Any:
    found = re.fullmatch(r"([1-9][0-9]{0,2}) days?", value) if isinstance(value, str) else None
    if found is None:
        raise PydanticCustomError("days", "write it like: 28 days")
    return int(found[1])


Text = Annotated[str, StringConstraints(min_length=1, max_length=4000)]
_TWO_VOICES = {"type": "object", "required": ["me", "other"], "additionalProperties": False}
_WRITTEN_TWICE = WithJsonSchema(
    {
        "anyOf": [
            {"type": "string", "minLength": 1, "maxLength": 4000},
            {**_TWO_VOICES, "properties": {voice: {"type": "string", "minLength": 1} for voice in VOICES}},
        ]
    }
)
Spoken = Annotated[Text, _WRITTEN_TWICE]  # may have two voices, of which a rule set holds one
Word = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
AnswerId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]{0,63}$")]
_WRITTEN_DAYS = WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,2} days?$"})
Days = Annotated[int, BeforeValidator(_days), _WRITTEN_DAYS]  # written `28 days`
When = SkipValidation[Condition]  # parsed by `conditions`, with places of its own


class Model(BaseModel):
    """Strict: nothing is converted, nothing unknown is let through, nothing changes afterwards.

    What looks at it is made when the first one is read, which a start that knows all files does not do.
    """

    model_config = ConfigDict(
        strict=True, frozen=True, extra="forbid", arbitrary_types_allowed=True, defer_build=True
    )


def tuples(value: Any) -> Any:
    """Lists as tuples, which is what frozen models hold."""
    if isinstance(value, dict):
        return {key: tuples(inner) for key, inner in value.items()}
    return tuple(map(tuples, value)) if isinstance(value, list) else value


class Coding(Model):
    """What a question asks, as a terminology calls it, and where that was found."""

    system: CodingSystem
    code: Annotated[str, StringConstraints(pattern=r"^([1-9][0-9]{5,17}|[0-9]{1,7}-[0-9])$")]
    display: Text
    source: Text

    @model_validator(mode="after")
    def _is_none_that_was_mistyped(self) -> Coding:
        if ("-" in self.code) != (self.system == "loinc") or not adds_up(self.system, self.code):
            raise PydanticCustomError("coding", "its check digit does not fit: look it up again")
        return self


def _kind_of_codings(value: Any) -> str:
    return "codings[open]" if isinstance(value, str) else "codings[found]"


Codings = Annotated[
    Annotated[ToBeVerified, Tag("codings[open]")]
    | Annotated[tuple[Coding, ...], Field(min_length=1), Tag("codings[found]")],
    Discriminator(_kind_of_codings),
]


class Answer(Model):
    """One of the answers a question offers."""

    id: AnswerId
    label: Spoken
    hint: Spoken | None = None
    alone: bool = False  # cannot stand beside another answer: "None of these"
    clears: bool = False  # to a safety question: the thing is not there


class QuestionShape(Model):
    """What is written of a question; `rules.Question` holds its type to the table of types."""

    id: Word
    ask: Spoken
    type: str
    section: Spoken | None = None
    page: Spoken | None = None  # the heading of a page that it shares with neighbours of the same `page`
    hint: Spoken | None = None
    why: Spoken | None = None
    missing: Spoken | None = None  # what to do where no answer was given
    required: bool = True
    safety: bool = False
    ask_when: When | None = None
    contact: Contact | None = None
    answers: tuple[Answer, ...] = ()
    low: Spoken | None = None
    high: Spoken | None = None
    unit: Text | None = None
    range: tuple[int | float, int | float] | None = None
    decimals: Annotated[int, Field(ge=0, le=6)] | None = None
    partial: bool | None = None
    past: bool | None = None
    limit: Annotated[int, Field(ge=1, le=4000)] | None = None
    format: Literal["email", "phone"] | None = None
    about: Word | None = None  # the subject of the word lists that it belongs to; else the one of its id
    codings: Codings | None = None  # what it asks, in codes of terminologies
    fresh_for: Days | None = None  # how many days an answer holds before it must be asked again
    place: Place = EVERYONE

    @cached_property
    def places(self) -> Mapping[str, str]:
        """Id of each answer that it offers -> its place among them."""
        return {offered.id: str(place) for place, offered in enumerate(self.answers)}

    def answer(self, answer_id: str) -> Answer | None:
        """The offered answer with this id."""
        return next((answer for answer in self.answers if answer.id == answer_id), None)

    @property
    def subject(self) -> str:
        """What it is about, as word lists name it."""
        return self.about or self.id

    @cached_property
    def applies(self) -> Test | None:
        """Whether it is asked, given the counted answers above it; None for always."""
        return compile_condition(self.ask_when) if self.ask_when is not None else None
