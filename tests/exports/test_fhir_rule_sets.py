"""A rule set goes to FHIR and comes back the same; nothing that disagrees passes in silence."""

from __future__ import annotations

import copy
import gc
import json
import random
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from screening.core.errors import RuleSetError
from screening.core.loading import load
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.exports.fhir.definitions import code_systems, structure_definitions
from screening.exports.fhir.importing import take_in
from screening.exports.fhir.names import EXTENSIONS, NAMES, ours
from screening.exports.fhir.parsing import MAX_BYTES
from screening.exports.fhir.questionnaire import questionnaire, resource_id
from tests.authoring.writing import loaded, small
from tests.core.making import RULES, flag, load_data, load_text, question, rule_set

from .conftest import THOROUGH, Reached
from .making import again, dressed, every, resources

SHIPPED = sorted(RULES.glob("*[a-z].yaml"))
SHIPPED = [file for file in SHIPPED if file.name.count(".") == 1]
SOME = THOROUGH or 25
quiet = settings(max_examples=SOME, deadline=None, suppress_health_check=list(HealthCheck))


@pytest.fixture(params=SHIPPED, ids=lambda file: file.stem)
def shipped(request: pytest.FixtureRequest) -> RuleSet:
    """Each rule set that is shipped."""
    return load(request.param)


def times_of(rule_set: RuleSet) -> list[float]:
    """Seconds of CPU, of each of several exports; as in a process that holds nothing of the other tests."""
    gc.freeze()
    began = [time.process_time()]
    for _ in range(9):
        resources(rule_set)
        began.append(time.process_time())
    gc.unfreeze()
    return [after - before for before, after in pairwise(began)]


def test_a_shipped_rule_set_comes_back_with_the_same_digest(
    shipped: RuleSet, tmp_path: Path, reached: Reached
) -> None:
    reached(f"{shipped.id}: export in ms", "20", f"{1000 * median(times_of(shipped)):.0f}")
    found = again(*resources(shipped))
    assert (found.wrong, found.left_out) == ((), ())
    assert found.text is not None
    (tmp_path / "back.yaml").write_text(found.text)
    back = load(tmp_path / "back.yaml")
    assert (back.digest, back.status) == (shipped.digest, "draft")


def test_every_rule_set_comes_back_with_the_same_digest(reached: Reached) -> None:
    same = [0]

    @quiet
    @given(dressed())
    def comes_back(data: Plain) -> None:
        made = load_data(data)
        found = again(*resources(made))
        assert (list(map(str, found.wrong)), found.left_out) == ([], ())
        assert found.text is not None
        assert load_text(found.text).digest == made.digest
        same[0] += 1

    comes_back()
    reached("random rule sets that come back with the same digest", "2,000 or more", f"{same[0]:,}")


def test_several_sources_those_of_notices_and_what_is_set_aside_come_back(tmp_path: Path) -> None:
    data = small()
    data["flags"][0]["source"] = [
        {"section": "safety", "phrase": "fever", "under": "signs of infection"},
        {"section": "safety", "phrase": "hot"},
    ]
    notice = {"id": "now", "level": "emergency", "heading": "Ring 999 if:", "items": ["it bleeds"]}
    data["urgent"] = [
        {**notice, "source": {"section": "safety", "phrase": "bleeding"}},
        {**notice, "id": "soon", "source": data["flags"][0]["source"]},
    ]
    data["page"]["set_aside"] = [
        {"section": "About us", "because": "It is about the clinic."},
        {"section": "who", "phrase": "is required", "because": "It asks for nothing."},
    ]
    made = loaded(tmp_path, data)
    found = again(*resources(made))
    assert (list(map(str, found.wrong)), found.left_out) == ([], ())
    assert found.rule_set is not None
    assert found.rule_set.digest == made.digest


def test_codes_stand_where_fhir_has_them_and_come_back_with_their_source(tmp_path: Path) -> None:
    data = small()
    code = {"system": "snomed", "code": "73211009", "display": "Diabetes mellitus", "source": "a value set"}
    data["questions"][0]["codings"] = [code]
    data["questions"][1]["codings"] = "to be verified"
    made = loaded(tmp_path, data)
    asked, rules = resources(made)
    codes = [each["code"] for each in every(asked, lambda each: "linkId" in each and "code" in each)]
    assert [each["system"] for listed in codes for each in listed] == ["http://snomed.info/sct"]
    back = again(asked, rules)
    assert back.rule_set is not None
    assert back.rule_set.digest == made.digest


def test_a_shipped_rule_set_needs_no_mark_of_what_was_written_needlessly(shipped: RuleSet) -> None:
    assert every(list(resources(shipped)), lambda each: each.get("url") == ours("written")) == []


def test_no_client_is_asked_for_what_clients_understand_differently(shipped: RuleSet) -> None:
    asked, rules = resources(shipped)
    conditions = every(asked, lambda each: "operator" in each)
    assert conditions
    assert {each["operator"] for each in conditions} <= {"=", ">=", "<="}
    assert all("enableBehavior" in each for each in every(asked, lambda each: "enableWhen" in each))
    assert every(asked, lambda each: "initial" in each or "initialSelected" in each) == []
    told = [each["expression"] for each in every(rules, lambda each: each.get("language") == "text/fhirpath")]
    assert told
    assert not [each for each in told if "repeat(" in each or "descendants(" in each or "!=" in each]


def test_every_extension_is_defined_and_every_own_code_is_in_a_system(shipped: RuleSet) -> None:
    asked, rules = resources(shipped)
    used = {
        each["url"] for each in every([asked, rules], lambda each: each.get("url", "").startswith(ours("")))
    }
    assert used <= set(NAMES)
    assert {each["url"] for each in structure_definitions()} == set(NAMES)
    known = {(each["url"], code["code"]) for each in code_systems(shipped) for code in each["concept"]}
    codings = every([asked, rules], lambda each: "system" in each and "display" in each)
    own = {
        (each["system"], each["code"]) for each in codings if each["system"].startswith("https://screening")
    }
    assert own <= known


# One change to a document of ours: each makes an element and an extension disagree, or loses something.
Change = Callable[[Any, Any], None]


def _item(asked: Any, name: str) -> Any:
    return every(asked, lambda each: each.get("linkId") == name)[0]


def _drop_enabling(asked: Any, _rules: Any) -> None:
    del _item(asked, "side_worse")["enableWhen"]


def _other_code(asked: Any, _rules: Any) -> None:
    _item(asked, "side_worse")["enableWhen"][0]["answerCoding"]["code"] = "elsewhere"


def _other_behaviour(asked: Any, _rules: Any) -> None:
    _item(asked, "allergy_words")["enableBehavior"] = "all"


def _not_required(asked: Any, _rules: Any) -> None:
    _item(asked, "blood_thinners")["required"] = False


def _no_safety(asked: Any, _rules: Any) -> None:
    item = _item(asked, "blood_thinners")
    item["extension"] = [each for each in item["extension"] if each["url"] != ours("safety")]


def _condition_of_the_flag(_asked: Any, rules: Any) -> None:
    rules["action"][-1]["condition"][0]["expression"]["expression"] = "false"


def _other_phrase(_asked: Any, rules: Any) -> None:
    rules["action"][-1]["documentation"][0]["display"] = "another phrase"


def _one_flag_less(_asked: Any, rules: Any) -> None:
    del rules["action"][-1]


def _an_answer_less(asked: Any, _rules: Any) -> None:
    del _item(asked, "pain_where")["answerOption"][0]


def _other_words(asked: Any, _rules: Any) -> None:
    _item(asked, "blood_thinners")["text"] = "Do you take tablets?"


CHANGES: tuple[Change, ...] = (
    _drop_enabling, _other_code, _other_behaviour, _not_required, _no_safety, _condition_of_the_flag,
    _other_phrase, _one_flag_less, _an_answer_less, _other_words,
)  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_what_disagrees_with_an_extension_is_refused(change: Change, reached: Reached) -> None:
    asked, rules = copy.deepcopy(resources(load(RULES / "lumbar-sympathetic-block.yaml")))
    change(asked, rules)
    found = again(asked, rules)
    assert found.wrong
    assert found.text is None
    assert all(each.where.startswith(("Questionnaire", "PlanDefinition")) for each in found.wrong)
    reached(f"planted fault:{change.__name__.replace('_', ' ')}", "found", "found")


def test_a_form_of_ours_without_its_flags_is_refused_rather_than_read_without_them(shipped: RuleSet) -> None:
    assert [each.where for each in again(resources(shipped)[0], None).wrong] == ["Questionnaire"]


def test_rules_of_another_rule_set_or_version_are_refused_by_name() -> None:
    mine, other = (
        load(RULES / f"{name}.yaml") for name in ("example-knee-injection", "lumbar-sympathetic-block")
    )
    form = resources(mine)[0]
    for rules in (resources(other)[1], {**resources(mine)[1], "version": "9.9.9"}):
        assert [each.where for each in again(form, rules).wrong] == ["PlanDefinition"]


def test_what_is_too_entangled_is_told_at_its_line() -> None:
    parts = [{"any": [{f"q{number}": "yes"}, {f"q{number + 1}": "yes"}]} for number in range(0, 20, 2)]
    deep = {
        "any": [
            {"all": [{f"q{n}": "yes"}, {f"q{n + 1}": "yes"}, {f"q{n + 2}": "no"}]} for n in range(0, 24, 3)
        ]
    }
    asked = [question(f"q{number}", answers="yes_no") for number in range(24)]
    made = load_data(rule_set([*asked, question("last", ask_when=deep)], flags=[flag("f", {"all": parts})]))
    with pytest.raises(RuleSetError) as caught:
        questionnaire(made)
    assert [(each.code, each.place) for each in caught.value.problems] == [
        ("no-place", made.questions[-1].place)
    ]


NO_FHIR = {
    "nothing": b"",
    "broken off": b"{",
    "deep": b"[" * 100_000,
    "a list": b"[1]",
    "no number": b'{"a": NaN}',
    "more than any": b'{"a": 1e999}',
    "a key twice": b'{"a": 1, "a": 2}',
    "no text": b"\xff\xfe",
    "many digits": b"9" * 5000,
    "deep items": b'{"resourceType": "Questionnaire", "item": '
    + b'[{"item": ' * 60
    + b"1"
    + b"}]" * 60
    + b"}",
    "large": b" " * (MAX_BYTES + 1),
}


@pytest.mark.parametrize("name", NO_FHIR)
def test_what_is_no_fhir_is_refused_in_words(name: str) -> None:
    assert [each.where for each in take_in(NO_FHIR[name]).wrong] == ["Questionnaire"]


JUNK: tuple[Any, ...] = (
    *(None, True, -1, 3.5, 10**30, "", "zzz", "\ud800", "a" * 5000),
    *([], {}, [None], [[]], ["x"], {"url": 1}, {"url": []}, {"valueString": []}, [{"url": []}]),
    *("urgent=5", "flags=[{}]", "questions=1", "indicators=null", "id=[]", "say=1", "page=[]", "no mark"),
    *(
        '{"all": ' * 900,
        '{"all": [' * 400 + "{}" + "]}" * 400,
        '{"a": NaN}',
        '{"a": 1e999}',
        "[]",
        '{"all": []}',
    ),
)


def spoilt(document: Any, chance: random.Random) -> Any:
    """The document with one part, somewhere, replaced, doubled or dropped."""
    holders: list[Any] = every(document, lambda _: True)
    holder = chance.choice(holders)
    key = chance.choice(list(holder) or ["x"])
    how = chance.random()
    if how < 0.2:
        holder.pop(key, None)
    elif how < 0.4 and isinstance(holder.get(key), list) and holder[key]:
        holder[key].append(copy.deepcopy(chance.choice(holder[key])))
    elif how < 0.5:
        holder[chance.choice(["item", "extension", "answerOption", "enableWhen", "action", "code"])] = (
            holder.get(key)
        )
    else:
        strings: list[Any] = every(document, lambda each: "valueString" in each)
        holder, key = (chance.choice(strings), "valueString") if strings and how < 0.7 else (holder, key)
        holder[key] = copy.deepcopy(chance.choice(JUNK))
    return document


def test_spoilt_documents_never_trace_back(reached: Reached) -> None:
    chance = random.Random(12)
    asked, rules = resources(load(RULES / "example-knee-injection.yaml"))
    small = resources(load_data(rule_set([question("a", safety=True), question("b", ask_when={"a": "yes"})],
                                         flags=[flag("f", {"a": ["yes", "not_sure"]})])))  # fmt: skip
    for number in range(SOME * 5):
        pair = copy.deepcopy((asked, rules) if number % 20 == 0 else small)
        for _ in range(chance.randint(1, 3)):
            spoilt(chance.choice(pair), chance)
        found = again(*pair)
        assert (found.text is None) == bool(found.wrong)
    reached("spoilt documents without a traceback", "10,000", f"{SOME * 5:,}")


KEYS = ("item", "linkId", "type", "text", "extension", "url", "answerOption", "valueCoding", "enableWhen")
ANYTHING = st.recursive(
    st.sampled_from(JUNK), lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(KEYS), inner)
)


@quiet
@given(ANYTHING)
def test_forms_made_of_anything_never_trace_back(inside: Any) -> None:
    assert take_in(json.dumps({"resourceType": "Questionnaire", "item": inside}).encode()).wrong


def test_long_ids_that_begin_alike_stay_apart_in_fhir() -> None:
    long = ["a" * 63 + end for end in ("", "b", "-b", "bc", "bd")]
    ids = {resource_id(each) for each in long}
    assert len(ids) == len(long)
    assert all(len(each) <= 64 for each in ids)


def test_the_table_of_extensions_says_where_each_stands() -> None:
    assert all(known.contexts and known.says for known in EXTENSIONS.values())
