"""A patient at a treatment, and what pages say of where they stand for their forms to carry."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import groupby

from screening.core import summary
from screening.core.assessment import Assessment, assess, raised_by
from screening.core.journey import Path, voice_of, walk
from screening.core.rules import Flag, RuleSet
from screening.core.shown import differing, shown
from screening.core.stored import Stored
from screening.core.unfinished import Unfinished, opened_on
from screening.core.voices import ME
from screening.storage.drafts import Draft
from screening.storage.sealing.tokens import DraftToken


@dataclass(frozen=True)
class Visit:
    """A patient at a treatment: the rule set that is theirs, and what they have answered so far.

    `rule_set` is `base` in the voice for whoever fills it in. `draft` is None before the first answer;
    `spoken` is the voice for who has none. `lost` tells that the cookie named a draft that is gone, `turned`
    that an answer was not kept: since its page was opened, the request is for somebody else. `withdrawn`
    that the rule set was taken back since it was begun, so that it cannot be sent. `promised_at` is until
    when we said, as it was sent, that we would get in touch.
    """

    base: RuleSet
    token: DraftToken | None = None
    draft: Draft | None = None
    lost: bool = False
    turned: bool = False
    withdrawn: bool = False
    promised_at: datetime | None = None
    spoken: str = ME
    voice: str = field(init=False)  # in which whoever fills it in is spoken to
    rule_set: RuleSet = field(init=False)
    path: Path = field(init=False)

    def __post_init__(self) -> None:
        voice = self.spoken if self.draft is None else voice_of(self.base, self.answers)
        object.__setattr__(self, "voice", voice)
        object.__setattr__(self, "rule_set", self.base.speaking(voice))
        object.__setattr__(self, "path", walk(self.rule_set, self.answers))

    @cached_property
    def pages(self) -> tuple[tuple[str, ...], ...]:
        """The questions that are asked, page by page."""
        by_page = groupby(self.path.asked, key=self.rule_set.pages.__getitem__)
        return tuple([tuple(page) for _, page in by_page])

    @property
    def answers(self) -> Stored:
        """Stored answers by question."""
        return self.draft.answers if self.draft is not None else {}

    @property
    def reference(self) -> str | None:
        """The reference of the request this became, once it is sent."""
        return self.draft.reference if self.draft is not None else None

    @property
    def waits(self) -> bool:
        """Whether it is begun and not sent."""
        return self.draft is not None and self.draft.reference is None

    @property
    def held_by(self) -> str:
        """The id of the member of staff who fills it in; empty for patients."""
        return self.draft.held_by if self.draft is not None else ""

    @property
    def next_question(self) -> str | None:
        """The first question that is still due; None when everything is answered."""
        return self.path.due[0] if self.path.due else None

    @property
    def shown(self) -> str:
        """What the check page shows of it, for a form to carry."""
        return shown(self.rule_set, self.path, self.answers)

    def differs_from(self, before: str) -> frozenset[str]:
        """Questions that a page which showed that did not show as they are now."""
        return differing(self.rule_set, before, self.shown)

    @property
    def unfinished(self) -> Unfinished:
        """What was typed to questions that are asked, and not gone on with."""
        words = self.draft.unfinished if self.draft is not None and self.draft.reference is None else {}
        return {question: words[question] for question in self.path.asked if question in words}

    @property
    def no_longer_asked(self) -> list[summary.NoLongerAsked]:
        """What was given to questions that do not apply now."""
        begun = self.draft.unfinished if self.draft is not None else {}
        return summary.no_longer_asked(self.rule_set, self.path, self.answers, begun)

    def opened(self, questions: Collection[str]) -> str:
        """What a page with these questions stands on now, for its form to carry, as a digest."""
        text = opened_on(self.base, questions, self.answers)
        return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()[:16]

    def raised(self) -> Iterator[Flag]:
        """The flags that it raises, for what they say to the patient."""
        return raised_by(self.rule_set, self.path)

    def assessment(self) -> Assessment:
        """What the answers mean; never shown to the patient as a result."""
        return assess(self.rule_set, self.answers, self.path)
