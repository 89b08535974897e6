"""A request whose sealed parts do not open: what stands in its place, so that the rest goes on."""

from __future__ import annotations

from screening.core.kept import (
    KeptAnswer,
    KeptContact,
    KeptFlag,
    KeptHealth,
    KeptRequest,
    KeptRuleSet,
    KeptSay,
)
from screening.core.paper_words import DOES_NOT_OPEN, DOES_NOT_OPEN_WHY
from screening.desk.desk import Desk
from screening.storage.standing import Standing

UNREADABLE = "unreadable"


def stand_in(desk: Desk, at: Standing) -> KeptRequest:
    """It says that the request cannot be read, as an open item: nobody may take it for one without any."""
    what, why = desk.translate(DOES_NOT_OPEN), desk.translate(DOES_NOT_OPEN_WHY)
    item = KeptFlag(UNREADABLE, what, True, "review_before_booking", KeptSay(why, why), (), "")
    health = KeptHealth(
        rule_set=KeptRuleSet(at.treatment, "", at.rule_set_digest, at.treatment),
        heading=what,
        statement=why,
        answers=(),
        unanswered=(),
        indicators=(),
        flags=(item,),
        said_to_patient=(),
    )
    return KeptRequest(KeptContact((KeptAnswer(UNREADABLE, what, "text", stored=why, said=(why,)),)), health)
