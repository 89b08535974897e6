"""The forms of a clinician's review: what is decided on each item, and what comes next."""

from __future__ import annotations

from typing import Any

from wtforms import BooleanField, Form
from wtforms.validators import ValidationError

from screening.staff import desk_words
from screening.staff.action_forms import ActionForm
from screening.staff.fields import ChoiceField, needed, words_field
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l


class DecisionForm(Form):  # type: ignore[misc]  # WTForms ships no types
    """What is decided on one item; left empty, nothing is."""

    decision = ChoiceField(_l("What do you decide on this?"), offered=desk_words.DECISIONS)
    question = words_field(_l("Question for reception to ask"), hint=_l("Only where you ask the patient."))
    note = words_field(_l("Note"), hint=_l("Needed where you decide not to proceed."))

    def validate_decision(self, field: Any) -> None:
        """Raises ValidationError for words without a decision: they would be lost."""
        typed = (self.question.data or "").strip() or (self.note.data or "").strip()
        if typed and not field.data:
            raise ValidationError(_("Select what you decide"))

    def validate_question(self, field: Any) -> None:
        """Raises ValidationError when there is nothing to ask, or nobody to ask it."""
        typed, asks = (field.data or "").strip(), self.decision.data == "ask_patient"
        if asks and not typed:
            raise ValidationError(_("Write the question to ask the patient"))
        if typed and self.decision.data and not asks:
            raise ValidationError(_("Select “Ask the patient”, or take the question out"))

    def validate_note(self, field: Any) -> None:
        """Raises ValidationError when a stop is not explained."""
        if self.decision.data == "do_not_proceed" and not (field.data or "").strip():
            raise ValidationError(_("Write a note that says why not"))


class ReviewForm(ActionForm):
    """One save for the whole page: what was read, each decision, and what comes next."""

    read = BooleanField(_l("I have read the patient’s own words, and what does not fit together"))
    next_step = words_field(
        _l("What should reception do next? (optional)"),
        hint=_l("With this it goes back to reception. Leave it empty to keep it here."),
    )


class NextStepForm(ActionForm):
    next_step = words_field(_l("What should reception do next?"), needed(_l("Say what to do next")))
