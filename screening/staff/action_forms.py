"""The forms of what staff do to a request: one for each kind of thing to fill in."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField
from wtforms.validators import ValidationError

from screening.accounts.access import StaffPerson
from screening.core.entries import Booking
from screening.core.errors import Refused
from screening.desk.messages import WaysToWrite
from screening.staff import desk_words
from screening.staff.fields import (
    ChoiceField,
    DayField,
    ListField,
    OfferedField,
    line_field,
    needed,
    words_field,
)
from screening.staff.owners import names_apart
from screening.web.words import gettext as _
from screening.web.words import lazy_gettext as _l


class ActionForm(FlaskForm):  # type: ignore[misc]  # WTForms ships no types
    """`version` is the request as the person saw it: a later one is not overwritten."""

    version = HiddenField()
    restored = False  # whether it holds what was typed before the session ended

    @property
    def seen(self) -> int:
        """The version; 0, which never was one, when somebody tampered with it."""
        text = str(self.version.data or "")
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else 0

    @property
    def given(self) -> dict[str, object]:
        """What was filled in, by the names that the desk's function has for it."""
        return {field.name: field.data for field in self if not isinstance(field, HiddenField)}


class NoteForm(ActionForm):
    note = words_field(
        _l("Note"), needed(_l("Write a note")), hint=_l("Reception and clinicians can read it.")
    )


class CallForm(ActionForm):
    outcome = ChoiceField(
        _l("What happened?"), needed(_l("Select what happened")), offered=desk_words.CALL_OUTCOMES
    )
    note = words_field(_l("Note (optional)"))
    asked = BooleanField(_l("The patient knows what we want to know, and will answer later"))

    def validate_asked(self, field: Any) -> None:
        """Raises ValidationError where nobody can have told the patient."""
        if field.data and self.outcome.data not in desk_words.TOLD_BY_CALL:
            raise ValidationError(_("Take this tick out, or select that you spoke to them or left a message"))

    @property
    def given(self) -> dict[str, object]:
        """Whether it now waits for the patient, where that was asked."""
        return {"asked": False} | super().given


class HandOverForm(ActionForm):
    to = ListField(_l("Hand over to"), needed(_l("Select a person")))
    note = words_field(_l("Note for them (optional)"))
    people: Sequence[StaffPerson] = ()

    def offer(self, people: Sequence[StaffPerson], team: Collection[str] = ()) -> None:
        """Who can be chosen; those of the team first."""
        self.people = sorted(people, key=lambda one: one.id not in team)
        names = names_apart(self.people).items()
        shown = {one: _("%(name)s (team)", name=name) if one in team else name for one, name in names}
        self.to.offered = {"": _("Select a person")} | shown

    @property
    def given(self) -> dict[str, object]:
        """The person it goes to; validation saw to it that there is one."""
        return super().given | {"to": next(one for one in self.people if one.id == self.to.data)}


class RaiseForm(ActionForm):
    """`flags` are ids and labels of the rule set's."""

    flag = ListField(_l("What is it about?"), default="")
    told = words_field(
        _l("What were you told?"),
        needed(_l("Write what you were told")),
        hint=_l("In the patient’s own words, as far as you can."),
    )

    def offer_flags(self, flags: Sequence[tuple[str, str]]) -> None:
        """What can be chosen; something else is always one of them."""
        self.flag.offered = {"": _("Something else")} | dict(flags)


class AskAgainForm(RaiseForm):
    changed = ChoiceField(
        _l("Is anything different since the patient filled in the form?"),
        needed(_l("Select yes or no")),
        offered={"no": _l("No, nothing is different"), "yes": _l("Yes, or not sure")},
    )
    flag = ListField(_l("What is it about? (only where something is different)"), default="")
    told = words_field(_l("What is different?"), hint=_l("A doctor or nurse reads it before the day."))

    def validate_changed(self, field: Any) -> None:
        """Raises ValidationError for a change that nobody would read."""
        if field.data == "no" and (self.flag.data or (self.told.data or "").strip()):
            raise ValidationError(_("Select yes, or take out below what is different"))

    def validate_told(self, field: Any) -> None:
        """Raises ValidationError when a change is not told."""
        if self.changed.data == "yes" and not (field.data or "").strip():
            raise ValidationError(_("Write what is different"))

    @property
    def given(self) -> dict[str, object]:
        """What is different, where anything is."""
        return {"changed": self.changed.data == "yes", "note": self.told.data, "flag": self.flag.data}


class OfOtherForm(ActionForm):
    """About another request `of` those that are offered."""

    of: ChoiceField

    def offer(self, found: Mapping[str, str], chosen: str = "") -> None:
        """Reference and words of each."""
        self.of.offered = found
        if chosen in found and not self.of.data:
            self.of.data = chosen


class NotSameForm(OfOtherForm):
    of = ChoiceField(_l("Which request is another person’s?"), needed(_l("Select a request")))
    reason = words_field(_l("How do you know?"), needed(_l("Say how you know")))


class AlikeAgainForm(OfOtherForm):
    of = ChoiceField(_l("Which request may be the same after all?"), needed(_l("Select a request")))
    reason = words_field(_l("Why?"), needed(_l("Say why")))

    def offer(self, found: Mapping[str, str], chosen: str = "") -> None:
        """The same. Raises Refused where there is none."""
        if not found:
            raise Refused("does_not_look_alike")
        super().offer(found, chosen)


class UnlikeForm(AlikeAgainForm):
    of = ChoiceField(_l("Which request only looks alike?"), needed(_l("Select a request")))
    what = ChoiceField(
        _l("What is it?"),
        needed(_l("Select what it is")),
        offered=desk_words.UNLIKE_WHAT,
        description=_l("It is not pointed out any more. Nothing else changes."),
    )
    reason = words_field(_l("How do you know?"), needed(_l("Say how you know")))


class WayForm(ActionForm):
    """How a message goes; only the ways that there are to this patient can be chosen."""

    way = ChoiceField(
        _l("How?"),
        needed(_l("Select how it is sent")),
        description=_l(
            "The message has no word about health. The question stands behind its link, "
            "where the patient gives their date of birth and a code."
        ),
    )

    def offer_ways(self, found: WaysToWrite) -> None:
        """What can be chosen. Raises Refused where there is nothing."""
        if not found.ways:
            raise Refused("no_way")
        self.way.offered = {way: desk_words.MESSAGE_WAYS[way] for way in found.ways}


class MessageForm(WayForm):
    template = ChoiceField(_l("Which message?"), needed(_l("Select a message")))
    way = ChoiceField(_l("How?"), needed(_l("Select how it is sent")))

    def offer_ways(self, found: WaysToWrite) -> None:
        """What can be chosen."""
        super().offer_ways(found)
        self.template.offered = {template.id: template.label for template in found.templates}
        self.template.hints = {name: " ".join(words.split()) for name, words in found.shown.items()}


class ReasonForm(ActionForm):
    reason = words_field(_l("Why?"), needed(_l("Say why")))


class DuplicateForm(OfOtherForm):
    """The same person's requests to choose from; another one by its reference."""

    of = ChoiceField(
        _l("Which request does this one repeat?"),
        description=_l(
            "This one is then finished. What nobody has read or decided here goes to the other one."
        ),
    )
    reference = line_field(_l("Reference of another request"))

    def offer(self, found: Mapping[str, str], chosen: str = "") -> None:
        """The same; nothing is to be chosen where there is none."""
        super().offer(found, chosen)
        if not found:
            del self.of

    def validate_reference(self, field: Any) -> None:
        """Raises ValidationError when no request is named."""
        del field
        if not self.named:
            raise ValidationError(_("Choose a request, or enter the reference of another one"))

    @property
    def named(self) -> str:
        """What was typed goes before what was chosen: somebody meant it."""
        chosen = self.of.data if "of" in self else ""
        return (self.reference.data or "").strip() or chosen or ""

    @property
    def given(self) -> dict[str, object]:
        """The one request that is meant."""
        return {"of": self.named}


class IdentityForm(ActionForm):
    checked = ChoiceField(
        _l("Did you check who the patient is?"),
        needed(_l("Select yes or no")),
        offered={"yes": _l("Yes"), "no": _l("No")},
    )
    how = line_field(_l("How? (optional)"), hint=_l("For example: full name, date of birth and address."))

    @property
    def given(self) -> dict[str, object]:
        """Whether it was checked, and how."""
        return super().given | {"checked": self.checked.data == "yes"}


class BookForm(ActionForm):
    """`known` is asked where nobody has checked yet who the patient is, `side` where the rules ask for it."""

    on = DayField(_l("Date of the appointment"))
    at = OfferedField(_l("Time (optional)"), hint=_l("For example, 14:30"))
    place = OfferedField(_l("Place"), needed(_l("Enter the place")))
    what = ChoiceField(
        _l("What is booked?"),
        needed(_l("Select what is booked")),
        offered={"consultation": _l("A consultation"), "treatment": _l("The treatment")},
    )
    known = BooleanField(
        _l("I have checked who the patient is"),
        validators=[needed(_l("Check first who the patient is: name, date of birth, address"))],
    )

    side = BooleanField(
        _l("I have confirmed with the patient which side it is"),
        validators=[needed(_l("Ask the patient first which side it is"))],
    )

    today = date.min

    def validate_on(self, field: Any) -> None:
        """Raises ValidationError for a day that is over; of today, the desk looks at the time."""
        if field.data is not None and field.data < self.today:
            raise ValidationError(_("This day is over. Enter one that is still to come"))

    def offer_places(
        self, places: Sequence[str], times: Sequence[str], *, known: bool, asks_side: bool
    ) -> None:
        """What can be chosen besides what is typed; the only place is filled in already."""
        self.place.offered, self.at.offered = places, times
        if len(places) == 1 and not self.is_submitted() and not self.restored:
            self.place.data = places[0]
        if known:
            del self.known
        if not asks_side:
            del self.side

    def validate_at(self, field: Any) -> None:
        """Raises ValidationError for what is no time of day."""
        field.data = (field.data or "").strip().replace(".", ":")
        if field.data and not re.fullmatch(r"([01]?[0-9]|2[0-3]):[0-5][0-9]", field.data):
            raise ValidationError(_("Enter a time like 14:30"))
        field.data = field.data.rjust(5, "0") if field.data else ""

    @property
    def given(self) -> dict[str, object]:
        """The appointment, and whether they checked with this form who it is and which side."""
        on = self.on.data
        assert on is not None  # noqa: S101  # validation saw to it
        booking = Booking(on, self.at.data, self.place.data, self.what.data)
        identity, side = (name in self and bool(self[name].data) for name in ("known", "side"))
        return {"booking": booking, "identity": identity, "side": side}


class CloseForm(ActionForm):
    reason = ChoiceField(
        _l("Why is it closed?"), needed(_l("Select a reason")), offered=desk_words.CLOSE_REASONS
    )
    note = words_field(_l("Note (optional)"))


class AnswerForm(ActionForm):
    """An answer with the call in which it was given, or a call without an answer."""

    outcome = ChoiceField(
        _l("What happened?"),
        needed(_l("Select what happened")),
        offered=desk_words.ANSWERING,
        default="answered",
    )
    words = words_field(
        _l("What did the patient say?"), hint=_l("Without an answer, this is kept as a note of the call.")
    )

    def validate_words(self, field: Any) -> None:
        """Raises ValidationError when an answer says nothing."""
        if self.outcome.data in desk_words.ANSWERED and not (field.data or "").strip():
            raise ValidationError(_("Enter what the patient said"))
