"""A rule set as a page that a clinician can read and sign: HTML of its own, and PDF."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

import typst

from screening.authoring import flow, sentences
from screening.authoring.cases import Cases
from screening.authoring.sentences import Sentence
from screening.core.conditions import leaves
from screening.core.questions import Answer
from screening.core.rules import Flag, Question, Rule, RuleSet
from screening.proving.prove import Proof

STYLE = """
body { font: 16px/1.5 Arial, Helvetica, sans-serif; color: #111;
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h1, h2, h3 { line-height: 1.2 } h2 { border-top: 3px solid #1d3557; padding-top: .6rem; margin-top: 2.5rem }
section.entry { margin: 1.2rem 0; padding-left: 1rem; border-left: 4px solid #c5ced6; break-inside: avoid }
section.safety { border-left-color: #1d3557 }
.small { color: #444; font-size: .875rem } em { font-style: normal; font-weight: bold }
.flow { overflow-x: auto }
.sign td { border: 1px solid #555; height: 2.6rem; min-width: 12rem; padding: .2rem .5rem }
"""


def contents(rule_set: RuleSet, cases: Sequence[Cases] = (), proof: Proof | None = None) -> dict[str, Any]:
    """Everything that the page shows, as JSON data; sentences are lists of [text, stressed]."""
    head = ("title", "category", "id", "version", "status", "digest")
    dates = {key: str(getattr(rule_set, key) or "not given") for key in ("effective_from", "review_by")}
    return {
        **{key: getattr(rule_set, key) for key in head},
        **dates,
        "page": rule_set.page.url or "",
        "statement": rule_set.summary.statement,
        "questions": [_question(rule_set, one, number) for number, one in enumerate(rule_set.questions, 1)],
        "indicators": [
            _rule(rule_set, one, sentences.of_indicator(rule_set, one)) for one in rule_set.indicators
        ],
        "flags": [_flag(rule_set, one) for one in rule_set.flags],
        "urgent": [
            {"heading": one.heading, "items": one.items, "after": one.after or ""} for one in rule_set.urgent
        ],
        "cases": [_case(case.case, case.signed_off) for file in cases for case in file.cases],
        "proof": _proof(proof),
        "flow": flow.svg(rule_set),
        "flow_pages": flow.pages(rule_set),
    }


def _marks(question: Question, answer: Answer) -> Iterator[str]:
    """What is special about an answer, where it makes a difference."""
    if answer.alone and question.kind.several:
        yield "only by itself"
    if answer.clears and question.safety:
        yield "clears: it is not there"


def _question(rule_set: RuleSet, question: Question, number: int) -> dict[str, Any]:
    answers = [
        {
            "label": one.label,
            "hint": one.hint or "",
            "marks": list(_marks(question, one)),
        }
        for one in question.answers
    ]
    used = [rule.label for rule in rule_set.rules if question.id in rule.looks_at]
    followed = [one.ask for one in rule_set.questions if one.ask_when and question.id in _named(one)]
    return {
        "number": number,
        "id": question.id,
        "ask": question.ask,
        "hint": question.hint or "",
        "why": question.why or "",
        "kind": question.type.replace("_", " "),
        "safety": question.safety,
        "required": question.required,
        "answers": answers,
        "asked": sentences.of_question(rule_set, question),
        "used": [*used, *(f"asks further: {ask}" for ask in followed)] or [_for_contact(question)],
        "place": str(question.place),
    }


def _named(question: Question) -> tuple[str, ...]:
    return tuple(leaf.question for leaf in leaves(question.ask_when))


def _for_contact(question: Question) -> str:
    return "reaching the patient" if question.contact else "the summary: no rule looks at it"


def _rule(rule_set: RuleSet, rule: Rule, sentence: Sentence) -> dict[str, Any]:
    source = rule.source
    heading = "" if source is None else rule_set.page.sections.get(source.section, source.section)
    return {
        "id": rule.id,
        "label": rule.label,
        "sentence": sentence,
        "source": f"“{source.phrase}”, {heading}" if source is not None else "no source",
        "place": str(rule.place),
    }


def _flag(rule_set: RuleSet, flag: Flag) -> dict[str, Any]:
    said = [{"to": key, "words": words or "not told"} for key, words in flag.say.model_dump().items()]
    return {**_rule(rule_set, flag, sentences.of_flag(rule_set, flag)), "say": said}


def _case(sentence: str, signed: str | None) -> dict[str, str]:
    return {"sentence": sentence, "signed": signed or ""}


def _proof(proof: Proof | None) -> dict[str, Any]:
    if proof is None:
        return {"run": False, "checked": 0, "problems": []}
    problems = [f"{one.code}: {one.message} ({one.place})" for one in proof.problems]
    return {"run": True, "checked": sum(proof.checked.values()), "problems": problems}


def as_html(shown: dict[str, Any]) -> str:
    """One self-contained file without scripts, from what `contents` gives."""
    parts = [
        _head(shown),
        _part("Questions", "".join(map(_html_question, shown["questions"]))),
        _part("How the questions hang together", f'<div class="flow">{shown["flow"]}</div>'),
        _part("Flags: what must be looked at", "".join(map(_html_flag, shown["flags"]))),
        _part(
            "Indicators: what the page says it may help with", "".join(map(_html_rule, shown["indicators"]))
        ),
        _part("Get help now", "".join(map(_html_urgent, shown["urgent"]))),
        _part("Cases", _list([case["sentence"] + _signed(case) for case in shown["cases"]])),
        _part("Proof", _html_proof(shown["proof"])),
        _part("Signed off by", _SIGN),
    ]
    title = escape(f"{shown['title']} {shown['version']}")
    return (
        f'<!doctype html>\n<html lang="en-GB">\n<head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{STYLE}</style></head>\n<body>\n{''.join(parts)}</body>\n</html>\n"
    )


_SIGN = (
    '<table class="sign"><tr><td>Name</td><td></td></tr><tr><td>Role</td><td></td></tr>'
    "<tr><td>Date</td><td></td></tr><tr><td>Signature</td><td></td></tr></table>"
)


def _head(shown: dict[str, Any]) -> str:
    rows = [
        f"Version {shown['version']}, {shown['status']}; holds from {shown['effective_from']}, "
        f"to be reviewed by {shown['review_by']}.",
        f"Category: {shown['category']}. Page: {shown['page'] or 'not given'}.",
        f"Digest: {shown['digest']}",
    ]
    small = "".join(f'<p class="small">{escape(row)}</p>' for row in rows)
    return f"<h1>{escape(shown['title'])}</h1>\n{small}<p>{escape(shown['statement'])}</p>\n"


def _part(heading: str, body: str) -> str:
    return f"<h2>{escape(heading)}</h2>\n{body or '<p>None.</p>'}\n"


def _list(items: Sequence[str]) -> str:
    return f"<ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>" if items else ""


def _sentence(sentence: Sentence) -> str:
    return "".join(f"<em>{escape(text)}</em>" if stressed else escape(text) for text, stressed in sentence)


def _small(words: str) -> str:
    return f'<p class="small">{escape(words)}</p>' if words else ""


def _html_question(one: dict[str, Any]) -> str:
    mark = " (safety)" if one["safety"] else "" if one["required"] else " (optional)"
    answers = [
        answer["label"]
        + (f" ({answer['hint']})" if answer["hint"] else "")
        + "".join(f" [{mark}]" for mark in answer["marks"])
        for answer in one["answers"]
    ]
    return (
        f'<section class="entry{" safety" if one["safety"] else ""}"><h3>{one["number"]}. '
        f"{escape(one['ask'])}{mark}</h3>{_small(one['hint'])}{_small(one['why'])}"
        f"{_list(answers) or _small(one['kind'])}<p>{_sentence(one['asked'])}</p>"
        f"{_small('Asked for: ' + '; '.join(one['used']))}{_small(one['place'])}</section>\n"
    )


def _html_rule(one: dict[str, Any], more: str = "") -> str:
    return (
        f'<section class="entry"><h3>{escape(one["label"])}</h3><p>{_sentence(one["sentence"])}</p>{more}'
        f"{_small('Source: ' + one['source'])}{_small(one['place'])}</section>\n"
    )


def _html_flag(one: dict[str, Any]) -> str:
    return _html_rule(one, _list([f"To the {said['to']}: {said['words']}" for said in one["say"]]))


def _html_urgent(one: dict[str, Any]) -> str:
    return f"<h3>{escape(one['heading'])}</h3>{_list(one['items'])}{_small(one['after'])}"


def _signed(case: dict[str, str]) -> str:
    return f" (signed off: {case['signed']})" if case["signed"] else ""


def _html_proof(proof: dict[str, Any]) -> str:
    if not proof["run"]:
        return "<p>Not run.</p>"
    words = (
        f"{proof['checked']} claims were examined for all possible answers; {len(proof['problems'])} failed."
    )
    return f"<p>{escape(words)}</p>{_list(proof['problems'])}"


def as_pdf(shown: dict[str, Any]) -> bytes:
    """The same page as PDF, tagged for screen readers."""
    template = Path(__file__).with_name("show.typ").read_bytes()
    return bytes(typst.compile(template, sys_inputs={"shown": json.dumps(shown)}))
