"""Rule sets as resources of FHIR R4: loaded when a system asks for one, for no page of ours needs it."""

from __future__ import annotations

from collections.abc import Callable

from screening.core.errors import RuleSetError
from screening.core.outlines import Outline
from screening.core.rules import RuleSet
from screening.core.serialising import Plain
from screening.exports.fhir.bundles import as_json
from screening.exports.fhir.names import HOME
from screening.exports.fhir.plan import plan
from screening.exports.fhir.questionnaire import address, questionnaire, resource_id, version_before
from screening.web.door import service

WrittenAs = Callable[[RuleSet, str], Plain]


def form(rule_set: RuleSet, base: str) -> Plain:
    """What it asks."""
    published = service().library.published().values()
    known = [each.version for each in published if each.rule_set_id == rule_set.id]
    return questionnaire(rule_set, base, version_before(rule_set, known))


def both(rule_set: RuleSet, base: str) -> Plain:
    """Its flags and indicators, with what it asks."""
    return plan(rule_set, questionnaire(rule_set, base), base)


def base() -> str:
    """What addresses begin with: this service's own, where the operator named it."""
    return service().settings.forms_at or HOME


def written(outline: Outline, how: WrittenAs) -> Plain | None:
    """None where something in it has no place in FHIR; `screening fhir export-questionnaire` says what."""
    rule_set = service().library.whole(outline)
    try:
        return how(rule_set, base()) if rule_set is not None else None
    except RuleSetError:
        return None


__all__ = ["address", "as_json", "base", "both", "form", "resource_id", "written"]
