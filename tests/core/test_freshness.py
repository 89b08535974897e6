"""Answers hold for their days: asked again so late that each is fresh on the day of the appointment."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from screening.core.freshness import ask_again_on
from screening.core.kept import KeptAnswer, KeptContact, KeptHealth, KeptRequest, KeptRuleSet

SENT = date(2026, 11, 23)
days = st.integers(1, 400)
holds = st.lists(st.none() | st.integers(1, 60), max_size=4)


def kept(found: list[int | None]) -> KeptRequest:
    """A request whose answers hold for these days."""
    answers = tuple(
        KeptAnswer(f"q{number}", "Asked?", "choose_one", stored="no", said=("No",), fresh_for=hold)
        for number, hold in enumerate(found)
    )
    rule_set = KeptRuleSet("t", "1.0.0", "d", "T")
    return KeptRequest(KeptContact(), KeptHealth(rule_set, "", "", answers, (), (), (), ()))


@given(holds, days)
def test_without_an_appointment_nothing_is_asked_again(found: list[int | None], later: int) -> None:
    assert ask_again_on(kept(found), SENT, [SENT + timedelta(days=later)], None) is None


@given(holds, days)
def test_what_is_asked_again_on_its_day_holds_until_the_appointment(
    found: list[int | None], later: int
) -> None:
    request, appointment = kept(found), SENT + timedelta(days=later)
    again = ask_again_on(request, SENT, (), appointment)
    old = [hold for hold in found if hold is not None and hold < later]
    assert (again is not None) == bool(old)
    if again is not None:
        assert SENT < again < appointment
        assert ask_again_on(request, SENT, [again], appointment) is None
        assert ask_again_on(request, SENT, [again - timedelta(days=1)], appointment) == again
