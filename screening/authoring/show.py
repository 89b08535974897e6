"""A rule set as a page that a clinician can read and sign: HTML of its own, and PDF."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from screening.authoring import flow, sentences
from screening.authoring.cases import Cases
from screening.authoring.sentences import Piece, Sentence
from screening.authoring.shown import (
    AnswerShown,
    NoticeShown,
    ProofShown,
    QuestionShown,
    RuleShown,
    Shown,
    WordsShown,
)
from screening.core.ages import whom_it_asks
from screening.core.conditions import leaves
from screening.core.findings import Place
from screening.core.questions import Answer
from screening.core.rules import Flag, PageRule, Question, Rule, RuleSet, Urgent
from screening.core.sources import Guidance, why_not_on_the_page
from screening.core.voices import OTHER
from screening.core.wording import so_many
from screening.proving.prove import Proof


@dataclass(frozen=True)
class ShownStanding:
    """What is known of a rule set besides its files: what changed since the last version, who has signed.

    `statements` of the treatment page that each rule stands for, by its id, where the page is at hand.
    """

    changed: Sequence[str] = ()
    signed: Sequence[str] = ()
    statements: Mapping[str, Sequence[str]] = field(default_factory=dict)


def contents(
    rule_set: RuleSet,
    cases: Sequence[Cases] = (),
    proof: Proof | None = None,
    standing: ShownStanding = ShownStanding(),  # frozen
) -> Shown:
    """Everything that the page shows; a text with two voices in both."""
    mine, other = _contents(rule_set, cases, proof, standing), rule_set.speaking(OTHER)
    if other is rule_set:
        return mine
    pictures = {"flow": mine["flow"], "flow_pages": mine["flow_pages"]}
    theirs = {**_contents(other, cases, proof, standing), **pictures}
    return cast(Shown, _in_both_voices(mine, theirs))


def _in_both_voices(mine: Any, theirs: Any) -> Any:
    if isinstance(mine, dict):
        return {key: _in_both_voices(inner, theirs[key]) for key, inner in mine.items()}
    if isinstance(mine, Piece):
        return Piece(_in_both_voices(mine.text, theirs.text), mine.stressed)
    if isinstance(mine, list | tuple):
        return [_in_both_voices(*pair) for pair in zip(mine, theirs, strict=True)]
    return mine if mine == theirs else f"{mine} [For somebody else: {theirs}]"


def _contents(
    rule_set: RuleSet, cases: Sequence[Cases], proof: Proof | None, standing: ShownStanding
) -> Shown:
    return {
        "title": rule_set.title,
        "category": rule_set.category,
        "id": rule_set.id,
        "version": rule_set.version,
        "status": rule_set.status,
        "digest": rule_set.digest,
        "effective_from": str(rule_set.effective_from or "not given"),
        "review_by": str(rule_set.review_by or "not given"),
        "page": rule_set.page.url or "",
        "statement": rule_set.summary.statement,
        "changed": list(standing.changed),
        "signed": list(standing.signed),
        "start": list(_start(rule_set, standing)),
        "questions": [
            _question(rule_set, question, number) for number, question in enumerate(rule_set.questions, 1)
        ],
        "indicators": [
            _rule(rule_set, indicator, sentences.of_indicator(rule_set, indicator), standing)
            for indicator in rule_set.indicators
        ],
        "flags": [_flag(rule_set, flag, standing) for flag in rule_set.flags],
        "urgent": [_notice(rule_set, urgent, standing) for urgent in rule_set.urgent],
        "by_guidance": list(_by_guidance(rule_set)),
        "accepted": [f"{each.where} ({each.code}): {each.reason}" for each in rule_set.accept],
        "set_aside": list(_set_aside(rule_set)),
        "cases": [
            {"sentence": case.case, "signed": case.signed_off or ""} for file in cases for case in file.cases
        ],
        "proof": _proof(proof),
        "flow": flow.svg(rule_set),
        "flow_pages": flow.pages(rule_set),
    }


def _start(rule_set: RuleSet, standing: ShownStanding) -> Iterator[str]:
    yield from rule_set.start.about
    if rule_set.age is not None:
        said = f" Source: {_source(rule_set, rule_set.age, standing)}." if rule_set.age.source else ""
        yield f"{whom_it_asks(rule_set.age)}, and may send the request all the same.{said}"
    if rule_set.start.have_ready:
        yield f"Have ready: {'; '.join(rule_set.start.have_ready)}"


def _notice(rule_set: RuleSet, notice: Urgent, standing: ShownStanding) -> NoticeShown:
    return {
        "heading": notice.heading,
        "items": notice.items,
        "after": notice.after or "",
        "source": _source(rule_set, notice, standing) if notice.sources else "",
    }


def _by_guidance(rule_set: RuleSet) -> Iterator[str]:
    for rule in rule_set.rules:
        if isinstance(rule.source, Guidance):
            yield f"{rule.label}. {why_not_on_the_page(rule.source)}"


def _set_aside(rule_set: RuleSet) -> Iterator[str]:
    for each in rule_set.page.set_aside:
        yield f"{_statement(rule_set, each.section, each.phrase, each.under)}: {each.because}"


def _at(place: Place) -> str:
    """Where something stands, without the server's folders."""
    return f"{Path(place.file).name}:{place.line}"


def _kind(question: Question) -> str:
    """How it is answered, with the ends of a scale and the range of a number."""
    ends = [f"{word}: {text}" for word, text in (("0", question.low), ("10", question.high)) if text]
    within = [f"from {question.range[0]} to {question.range[1]}"] if question.range else []
    return ", ".join(
        [question.type.replace("_", " "), *within, *ends, *([question.unit] if question.unit else [])]
    )


def _marks(question: Question, answer: Answer) -> Iterator[str]:
    """What is special about an answer, where it makes a difference."""
    if answer.alone and question.kind.several:
        yield "only by itself"
    if answer.clears and question.safety:
        yield "clears: raises no flag by itself"


def _question(rule_set: RuleSet, question: Question, number: int) -> QuestionShown:
    answers: list[AnswerShown] = [
        {
            "label": answer.label,
            "hint": answer.hint or "",
            "marks": list(_marks(question, answer)),
        }
        for answer in question.answers
    ]
    used = [rule.label for rule in rule_set.rules if question.id in rule.looks_at]
    followed = [other.ask for other in rule_set.questions if other.ask_when and question.id in _named(other)]
    return {
        "number": number,
        "id": question.id,
        "ask": question.ask,
        "hint": question.hint or "",
        "why": question.why or "",
        "kind": _kind(question),
        "safety": question.safety,
        "required": question.required,
        "holds": f"Holds for {so_many(question.fresh_for, 'day')}, then it is asked again"
        if question.fresh_for
        else "",
        "codes": _codes(question),
        "answers": answers,
        "asked": sentences.of_question(rule_set, question),
        "used": [*used, *(f"asks further: {ask}" for ask in followed)] or [_for_contact(question)],
        "place": _at(question.place),
    }


def _codes(question: Question) -> str:
    """What terminologies call it, and where that was found."""
    held = question.codings
    if not isinstance(held, tuple):
        return f"Codes: {held}" if held else ""
    said = (f"{each.system} {each.code} {each.display} ({each.source})" for each in held)
    return f"Codes: {'; '.join(said)}"


def _named(question: Question) -> tuple[str, ...]:
    return tuple(leaf.question for leaf in leaves(question.ask_when))


def _for_contact(question: Question) -> str:
    return "reaching the patient" if question.contact else "the summary: no rule looks at it"


def _rule(rule_set: RuleSet, rule: Rule, sentence: Sentence, standing: ShownStanding) -> RuleShown:
    return {
        "id": rule.id,
        "label": rule.label,
        "sentence": sentence,
        "source": _source(rule_set, rule, standing),
        "place": _at(rule.place),
        "say": [],
    }


def _source(rule_set: RuleSet, rule: PageRule, standing: ShownStanding) -> str:
    """What it stands for: the statements themselves where the page is at hand, else what points at them."""
    if said := standing.statements.get(rule.id):
        return "; ".join(f"“{statement}”" for statement in said)
    if rule.sources:
        return "; ".join(_statement(rule_set, each.section, each.phrase, each.under) for each in rule.sources)
    if isinstance(rule.source, Guidance):
        return f"not the page, but guidance. {why_not_on_the_page(rule.source)}"
    return "no source" if rule.source is None else f"none on the page. {why_not_on_the_page(rule.source)}"


def _statement(rule_set: RuleSet, section: str, phrase: str | None, under: str | None) -> str:
    """Where on the page it stands, in as many of its words as the rule set holds."""
    heading = rule_set.page.sections.get(section, section)
    below = f", under “{under}”" if under else ""
    return f"“{phrase}”{below}, {heading}" if phrase else f"all of {heading}"


def _flag(rule_set: RuleSet, flag: Flag, standing: ShownStanding) -> RuleShown:
    said: list[WordsShown] = [
        {"to": key, "words": words or "not told"} for key, words in flag.say.model_dump().items()
    ]
    shown = _rule(rule_set, flag, sentences.of_flag(rule_set, flag), standing)
    return {**shown, "say": said}


def _proof(proof: Proof | None) -> ProofShown:
    if proof is None:
        return {"run": False, "checked": 0, "problems": []}
    problems = [f"{problem.code}: {problem.message} ({_at(problem.place)})" for problem in proof.problems]
    return {"run": True, "checked": sum(proof.checked.values()), "problems": problems}


def as_html(shown: Shown) -> str:
    """One self-contained HTML file without scripts; whatever an author wrote is escaped."""
    return _pages().get_template("show.html").render(shown=shown)


def as_body(shown: Shown) -> Markup:
    """What stands between its title and its signatures, for a page of the service."""
    return Markup(_pages().get_template("show_body.html").render(shown=shown))  # noqa: S704  # escaped there


def _pages() -> Environment:
    folder = FileSystemLoader(Path(__file__).parent)
    return Environment(loader=folder, autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True)


def as_pdf(shown: Shown) -> bytes:
    """The same page as PDF, tagged for screen readers. Raises typst.TypstError where it cannot be set."""
    from typst import compile as typeset  # 7 MB, for whoever makes papers

    template = Path(__file__).with_name("show.typ").read_bytes()
    return bytes(typeset(template, sys_inputs={"shown": json.dumps(shown)}))
