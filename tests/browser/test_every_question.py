"""Every question of the shipped rule sets, in both voices: each page opened once, looked at in many ways."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

import pytest

from screening.core.journey import walk
from tests.browser.conftest import MakePatient
from tests.browser.people import Patient
from tests.browser.test_every_page import NARROW, SIDEWAYS
from tests.test_imports import ROOT
from tests.thorough import usually
from tests.usual import TREATMENT, USUAL, everything, rules_of, usual_of, whole

pytestmark = pytest.mark.browser

TALLEST = 1.5  # screens
TALL = """most => [...document.querySelectorAll('main form > * > .govuk-form-group')]
  .filter(one => one.getBoundingClientRect().height > most).map(one => one.textContent.trim().slice(0, 60))"""
MOVING = """() => [...document.querySelectorAll('*')].filter(one => {
  const style = getComputedStyle(one)
  return [style.transitionDuration, style.animationDuration].some(time => parseFloat(time) > 0.01)
}).map(one => one.outerHTML)"""
# Words against what lies behind them, in the colours of the moment; 3 for large ones, as WCAG 2.2 has it.
FAINT = """() => {
  const parts = colour => colour.match(/[0-9.]+/g).map(Number)
  const light = colour => parts(colour).slice(0, 3).map(each => each / 255)
    .map(each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4)
    .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0)
  const behind = one => {
    const colour = getComputedStyle(one).backgroundColor
    return parts(colour)[3] === 0 && one.parentElement ? behind(one.parentElement) : colour
  }
  return [...document.querySelectorAll('body *')]
    .filter(one => [...one.childNodes].some(node => node.nodeType === 3 && node.data.trim()))
    .filter(one => one.checkVisibility({visibilityProperty: true}))
    .filter(one => !one.closest('.govuk-visually-hidden, .govuk-skip-link'))
    .filter(one => {
      const style = getComputedStyle(one), large = parseFloat(style.fontSize) >= 24
      const [less, more] = [light(style.color), light(behind(one))].sort((a, b) => a - b)
      return (more + 0.05) / (less + 0.05) < (large ? 3 : 4.5)
    }).map(one => one.outerHTML.slice(0, 120))
}"""
DOUBLE = "() => { document.documentElement.style.fontSize = '200%' }"
PLAIN = "() => { document.documentElement.style.fontSize = '' }"
RIGHT_TO_LEFT = """() => new Promise(done => {
  const sheet = document.querySelector('link[rel=stylesheet]')
  document.documentElement.dir = 'rtl'
  sheet.onload = done
  sheet.href = sheet.href.replace('style.css', 'style-rtl.css')
})"""
ON_THE_LEFT = """() => [...document.querySelectorAll('.govuk-radios__item, .govuk-checkboxes__item')]
  .filter(item => !item.closest('.clinic-scale'))
  .filter(item => {
    const [box, words] = ['input', 'label'].map(name => item.querySelector(name).getBoundingClientRect())
    return box.left + box.width / 2 <= words.left + words.width / 2
  }).map(item => item.textContent.trim())"""
UNSEEN = """() => [...document.querySelectorAll('input:is([type=radio], [type=checkbox]):checked + label')]
  .filter(label => {
    const other = document.querySelector('input:not(:checked) + label')
    const look = one => getComputedStyle(one).backgroundColor + getComputedStyle(one, '::after').opacity
    return other && look(label) === look(other)
  }).map(label => label.textContent.trim())"""


def pages(treatment: str, answers: dict[str, Any]) -> Iterator[str]:
    """The first question of each page of whoever answers so, but for those that the usual treatment has."""
    rules = rules_of(treatment)
    elsewhere = rules_of(TREATMENT).by_id if treatment != TREATMENT else {}
    for _, page in groupby(walk(rules, whole(rules, answers)).asked, key=rules.pages.__getitem__):
        first = next(page)
        if first not in elsewhere:
            yield first


def faults(patient: Patient) -> dict[str, Any]:
    """What is wrong with the page: as it is, with large text, in other colours, in the other direction."""
    page, found = patient.page, {}
    page.emulate_media(forced_colors="none")
    found["too tall"] = page.evaluate(TALL, TALLEST * NARROW["height"])
    found["moves"] = page.evaluate(MOVING)
    found["faint in the dark"] = page.evaluate(FAINT)
    page.emulate_media(forced_colors="active")
    found["not seen in forced colours"] = page.evaluate(UNSEEN)
    page.evaluate(DOUBLE)
    found["sideways with large text"] = [page.evaluate(SIDEWAYS)] if page.evaluate(SIDEWAYS) > 0 else []
    page.evaluate(PLAIN)
    page.evaluate(RIGHT_TO_LEFT)
    found["on the left"] = page.evaluate(ON_THE_LEFT)
    found["sideways"] = [page.evaluate(SIDEWAYS)] if page.evaluate(SIDEWAYS) > 0 else []
    return {what: where for what, where in found.items() if where}


@pytest.mark.parametrize("treatment", [TREATMENT, "example-knee-injection"])
@pytest.mark.parametrize("whom", ["me", "someone_else"])
def test_every_question_stands_large_text_the_dark_forced_colours_and_right_to_left(
    make_patient: MakePatient, treatment: str, whom: str
) -> None:
    patient = make_patient(viewport=NARROW, reduced_motion="reduce", color_scheme="dark")
    patient.treatment = treatment
    usual = USUAL if treatment == TREATMENT else dict(usual_of(treatment))
    answers = {**usual, **everything(patient.rule_set), "for_whom": whom}
    seen, wrong = [], {}
    patient.has_answered(**whole(patient.rule_set, answers))
    for page in pages(treatment, answers):
        patient.go(page)
        assert patient.name == page
        seen.append(patient.page.get_by_role("main").inner_text())
        if found := faults(patient):
            wrong[page] = found
    (ROOT / "build").mkdir(exist_ok=True)
    talk = ROOT / "build" / f"talk-of-{treatment}-{whom}.txt"  # for somebody to read aloud
    talk.write_text("\n\n".join(seen), encoding="utf-8")
    assert wrong == {}


SLOW = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 20_000}


@pytest.mark.parametrize("treatment", usually([TREATMENT], thorough=[TREATMENT, "example-knee-injection"]))
def test_on_a_slow_network_a_page_is_sent_once_and_leads_on(
    make_patient: MakePatient, treatment: str
) -> None:
    patient = make_patient()
    patient.treatment = treatment
    answers = USUAL if treatment == TREATMENT else dict(usual_of(treatment))
    patient.has_answered(**whole(patient.rule_set, answers))
    patient.go("for_whom")
    patient.page.context.new_cdp_session(patient.page).send("Network.emulateNetworkConditions", SLOW)
    sent: list[str] = []
    patient.page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    for page in usually(["bleeding"], thorough=list(pages(treatment, answers))):
        patient.go(page)
        before = patient.page.url
        with patient.page.expect_navigation():
            patient.button("Continue").dblclick()
        assert patient.page.url != before
        assert len([url for url in sent if url == before]) == 1, page
