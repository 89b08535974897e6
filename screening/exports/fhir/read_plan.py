"""A PlanDefinition of ours into indicators, flags and page; of another's, rules are no conditions of ours."""

from __future__ import annotations

from typing import Any

from screening.core.serialising import Plain
from screening.exports.fhir.names import HOME, VERSIONS
from screening.exports.fhir.read_answers import overwriting
from screening.exports.fhir.read_questionnaire import OF_NO_MEANING, parsed
from screening.exports.fhir.reading import Element

STATES = f"{HOME}/CodeSystem/indicator-states"
MAX_RULES = 2000
ReadRules = dict[str, list[tuple[str, Plain]]]  # `indicators`, `flags`: each with its FHIRPath


def read_page(resource: Element) -> Plain:
    """The treatment page that rules have their sources on."""
    found: dict[str, str] = {}
    sections: dict[str, str] = {}
    for artifact in resource.parts("relatedArtifact"):
        if artifact.text("type") == "documentation":
            url, label, heading = (artifact.text(key) for key in ("url", "label", "display"))
            if url is not None:
                found["url"] = url
            if label is not None and heading is not None:
                sections[label] = heading
    aside = resource.extensions().all("set-aside")
    more = {"sections": sections, "set_aside": aside}
    return {**found, **{key: held for key, held in more.items() if held}}


def read_marks(resource: Element) -> Plain:
    """What was written needlessly; names what nobody asked for."""
    extensions = resource.extensions()
    found = overwriting(extensions, resource)
    extensions.one("digest")
    extensions.hl7(VERSIONS)
    extensions.all("set-aside")
    extensions.done()
    resource.ignore(*OF_NO_MEANING, "version", "title", "identifier", "type", "relatedArtifact")
    resource.done()
    return found


def read_rules(resource: Element) -> ReadRules:
    """Its actions as rules; those that say nothing of ours are refused."""
    found: ReadRules = {"indicators": [], "flags": []}
    for action in resource.parts("action")[:MAX_RULES]:
        read = read_action(action)
        if read is None:
            action.refuse(
                "This is no flag or indicator of ours: FHIRPath is not read.", "Write the rule by hand."
            )
        else:
            found[read[0]].append((action.path, read[1]))
    return found


def read_action(action: Element) -> tuple[str, Plain] | None:
    """`flags` or `indicators`, and the rule; None for what is neither."""
    extensions = action.extensions()
    kind, name = _code(action)
    if kind not in ("flags", "indicators"):
        return None
    condition = parsed(extensions.one("condition"), action)
    held = {
        "handling": extensions.one("handling"),
        "say": extensions.one("say"),
        "source": _source(action, extensions.one("no-source"), extensions.one("guidance")),
    }
    found = {
        "id": name,
        "label": action.text("title") or "",
        **({"raise_when": condition} if kind == "flags" else _states(action)),
        **{key: value for key, value in held.items() if value is not None},
        **overwriting(extensions, action),
    }
    extensions.done()
    action.ignore("condition", "id")
    action.done()
    return kind, found


def _code(action: Element) -> tuple[str, str]:
    for concept in action.parts("code"):
        for coding in concept.parts("coding"):
            system, code = coding.text("system") or "", coding.text("code") or ""
            if system.startswith(HOME):
                return system.rsplit("/", 1)[-1], code
    return "", ""


def _states(action: Element) -> Plain:
    found = {}
    for inner in action.parts("action"):
        said = parsed(inner.extensions().one("condition"), inner)
        kind, state = _code(inner)
        if kind == "indicator-states" and state in ("matched", "possible") and said is not None:
            found[f"{state}_when"] = said
    return found


def _source(action: Element, none: Any, guidance: Any) -> Plain | list[Plain] | None:
    sources: list[Plain] = [
        {"section": section, "phrase": phrase, **({"under": under} if under else {})}
        for artifact in action.parts("documentation")
        if (section := artifact.text("label")) and (phrase := artifact.text("display"))
        for under in [artifact.text("citation")]
    ]
    if len(sources) > 1 and none is None and guidance is None:
        return sources
    sources += [{"none": none}] if none is not None else []
    sources += [guidance] if guidance is not None else []
    if len(sources) > 1:
        action.refuse("A rule stands for the page, or says why not.", "Keep one of them.")
    return sources[0] if sources else None
