"""The page behind a link that the clinic sent: who it is, one question, and the answer to it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from flask import current_app, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from screening.core.answers import DATE_PARTS, Circumstances, Mistake, understand
from screening.core.errors import Refused, Unavailable
from screening.core.rules import Question
from screening.desk import links
from screening.desk.changes import LONGEST_WORDS
from screening.desk.desk import Desk
from screening.desk.links import LinkState
from screening.patient.limits import admit
from screening.patient.pages import patient
from screening.web import failures
from screening.web.door import service
from screening.web.redirects import see_other
from screening.web.words import gettext as _
from screening.web.words import ngettext

OPEN_FOR = 30 * 60  # seconds for which a browser that said who it is need not say so again
MOST_OPEN = 5  # links that one browser has open beside each other
_OPENED = "links"
_BORN = Question(id="birth_date", ask="birth_date", type="date")  # read as on the form
_FIRST_FIELD, _CODE_FIELD, _ANSWER = "birth_date-day", "code", "words"
_CODE_DIGITS = 6
NOTHING: Mapping[str, str] = MappingProxyType({})


def _desk() -> Desk:
    """Raises Unavailable where nothing opens what patients sent: another server may."""
    found: Desk | None = current_app.extensions.get("desk")
    if found is None:
        raise Unavailable("this process has no key that opens a question")
    return found


@patient.route("/answer/<token>", methods=["GET", "POST"])
def answer(token: str) -> ResponseReturnValue:
    """First who it is, then the question; what was typed goes along until it is kept."""
    state = links.look_at(_desk(), token)
    if not state.works:
        admit("look_up")
        return _ended(token, state)
    if request.method == "POST" and "words" in request.form and _is_opened(token):
        return _answered(token, state)
    if request.method == "POST" and "code" in request.form:
        return _identified(token, state)
    return _asking(token, state)


def _asking(
    token: str, state: LinkState, problem: str = "", status: int = 200, wrong: Mapping[str, str] = NOTHING
) -> tuple[str, int]:
    """The question for whoever said who they are, with what they typed; else who they are.

    `problem` is about the page, `wrong` about its fields.
    """
    if not _is_opened(token):
        return _page("answer_identify", state, problem, wrong, typed=_typed_date()), status
    asked = links.asked_by(_desk(), token)
    if asked is None or not asked.waits:
        return _end(LinkState(works=False, settled=True))
    return _page("answer_question", state, problem, wrong, asked=asked), status


def _identified(token: str, state: LinkState) -> ResponseReturnValue:
    admit("link")
    code = "".join(letter for letter in request.form["code"] if letter.isdecimal())
    born = _birth_date()
    wrong = _wrong(born, code)
    if wrong:  # what cannot be right is no try
        return _asking(token, state, status=422, wrong=wrong)
    if links.identify(_desk(), token, born, code):
        session[_OPENED] = _opened() | {links.known_as(token): int(service().now().timestamp()) + OPEN_FOR}
        return _asking(token, state) if _words() else see_other(url_for("patient.answer", token=token))
    state = links.look_at(_desk(), token)
    if not state.works:
        return _end(state)
    why = _("The date of birth or the code is not right for this link. Check both.")
    left = ngettext("You can try %(num)s more time.", "You can try %(num)s more times.", state.tries)
    return _asking(token, state, status=422, wrong={_FIRST_FIELD: f"{why} {left}"})


def _wrong(born: str, code: str) -> dict[str, str]:
    """What cannot be a date of birth or a code, by field: whether it is theirs is another matter."""
    found = {}
    if not born:
        found[_FIRST_FIELD] = _("Enter the date of birth, like 31 3 1950")
    if len(code) != _CODE_DIGITS:
        found[_CODE_FIELD] = _("Enter the 6 numbers of the code in our message")
    return found


def _answered(token: str, state: LinkState) -> ResponseReturnValue:
    if not _words().strip():
        return _asking(token, state, status=422, wrong={_ANSWER: _("Write your answer")})
    if len(_words()) > LONGEST_WORDS:
        why = _("Use %(limit)s characters or fewer", limit=LONGEST_WORDS)
        return _asking(token, state, status=422, wrong={_ANSWER: why})
    try:
        links.answer(_desk(), token, _words())
    except Refused:
        return _ended(token, LinkState(works=False, settled=True))
    return see_other(url_for("patient.answer", token=token))


def _ended(token: str, state: LinkState) -> ResponseReturnValue:
    """As `_end`; on from a second press of the button, whose words came with the first."""
    if _words().strip() and _is_opened(token) and links.was_said(_desk(), token, _words()):
        return see_other(url_for("patient.answer", token=token))
    return _end(state)


def _end(state: LinkState) -> tuple[str, int]:
    """Nothing more to do; what was typed is shown, for it was not kept. Unknown links look like old ones."""
    text = render_template(
        "patient/answer_end.html",
        answered=state.answered,
        settled=state.settled,
        unsent=_words().strip(),
    )
    return text, 200 if state.answered or state.settled else 404


def _page(name: str, state: LinkState, problem: str, wrong: Mapping[str, str], **context: Any) -> str:
    errors = [{"text": problem}] if problem else []
    errors += [{"text": words, "href": f"#{field}"} for field, words in wrong.items()]
    return render_template(
        f"patient/{name}.html",
        for_another=state.for_another,
        errors=errors,
        wrong=wrong,
        words=_words(),
        **context,
    )


def _is_opened(token: str) -> bool:
    """Whether this browser said who it is, for this very link and not long ago."""
    return links.known_as(token) in _opened()


def _opened() -> dict[str, int]:
    """Which links, and until when; the latest, without those whose time is over."""
    now, known = service().now().timestamp(), session.get(_OPENED, {})
    latest = sorted(known, key=known.__getitem__)[-MOST_OPEN:]
    return {link: known[link] for link in latest if now < known[link]}


def _words() -> str:
    return request.form.get("words", "")


def _typed_date() -> dict[str, list[str]]:
    return {part: request.form.getlist(f"birth_date-{part}") for part in DATE_PARTS}


def _birth_date() -> str:
    """`YYYY-MM-DD`; empty for what is no day."""
    try:
        return str(understand(_BORN, _typed_date(), Circumstances(service().today())) or "")
    except Mistake:
        return ""


def _again(status: int, why: str) -> ResponseReturnValue | None:
    """After a failure: the page again, with what was typed."""
    token = (request.view_args or {}).get("token", "")
    state = links.look_at(_desk(), token)
    return None if not state.works else _asking(token, state, why, status)


failures.keepers["patient.answer"] = _again
