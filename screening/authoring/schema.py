"""The format as JSON Schema, made from the models and the grammar of conditions, for editors."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from screening.authoring.cases import Cases
from screening.core.answers import READY_MADE, TYPES, Bounds
from screening.core.complaints import OURS
from screening.core.conditions import BOUNDS, CONDITIONS, LOGIC
from screening.core.parts import BLOCK_KEYS, BORROWED
from screening.core.rules import SCHEMA, RuleSet
from screening.core.word_lists import WORDS_SCHEMA, WordList
from screening.tracing.fingerprints import Signature

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]


class _Generate(GenerateJsonSchema):
    """Without titles, which editors would show instead of what a key means."""

    def field_title_should_be_set(self, schema: Any) -> bool:
        del schema
        return False


def _of(model: type[BaseModel], constant: str, title: str) -> Schema:
    """The schema of a model as authors write it: `schema` for `schema_`, nothing that is ours to fill in."""
    whole = model.model_json_schema(schema_generator=_Generate)
    for part in (whole, *whole.get("$defs", {}).values()):
        _mend(part)
    whole["properties"] = {"schema": {"const": constant}, **whole["properties"]}
    whole["required"] = ["schema", *whole.get("required", [])]
    return {"$schema": DIALECT, **whole, "title": title}


def _mend(part: Schema) -> None:
    """Takes out our own keys, and puts the grammar where a condition stands."""
    properties: Schema = part.get("properties", {})
    for key in OURS:
        properties.pop(key, None)
    if "required" in part:
        part["required"] = [key for key in part["required"] if key not in OURS]
    for key in CONDITIONS:
        if key in properties:
            properties[key] = {"$ref": "#/$defs/Condition"}
    for inner in properties.values():
        _no_null(inner)


def _no_null(inner: Schema) -> None:
    """A key is written or left out; an empty one is only ever a slip."""
    inner.pop("default", None)
    kinds = [kind for kind in inner.pop("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) == 1:
        inner.update(kinds[0])
    elif kinds:
        inner["anyOf"] = kinds


def rule_set() -> Schema:
    """JSON Schema of a treatment's file, for editors; whether names exist only the loader can tell."""
    found = _of(RuleSet, SCHEMA, "A treatment")
    found["properties"]["uses"] = {"type": "array", "items": {"type": "string"}}
    found["properties"]["questions"]["minItems"] = 1
    found["$defs"]["Page"]["properties"][BORROWED] = _borrowed(found)
    found["$defs"]["Age"]["minProperties"] = 1
    found["$defs"]["Condition"] = _condition()
    _mend_question(found["$defs"]["Question"])
    return _swept(found)


def _borrowed(whole: Schema) -> Schema:
    """Where this page says what common rules ask for: a source for each."""
    source: Schema = whole["$defs"]["Flag"]["properties"]["source"]
    return {"type": "object", "additionalProperties": source}


def block() -> Schema:
    """The same for a common block: the keys that a treatment can take over, and none required."""
    whole = rule_set()
    whole["title"] = "A common block"
    whole["properties"] = {key: whole["properties"][key] for key in BLOCK_KEYS}
    del whole["required"]
    return _swept(whole)


def cases() -> Schema:
    """JSON Schema of `<id>.cases.yaml`, generated ones too; it knows no questions, so any answer will do."""
    found = _of(Cases, "screening-cases/1", "Cases of a treatment")
    differs = found["$defs"]["Case"]["properties"]["differs"]
    differs["additionalProperties"] = found["properties"]["usual"]["additionalProperties"] = True
    flags = found["$defs"]["Expected"]["properties"]["flags"]
    reasons = found["$defs"]["FlagExpected"]["properties"]["reason"]
    flags["additionalProperties"] = {"anyOf": [reasons, {"$ref": "#/$defs/FlagExpected"}]}
    signed = found["$defs"]["Case"]["properties"]["signed_off"]
    signed["type"] = ["string", "null"]  # a generated case shows where the name goes
    return _swept(found)


def page() -> Schema:
    """JSON Schema of the fingerprints that `trace --sign` writes."""
    return _swept(_of(Signature, "screening-page/1", "Fingerprints of a treatment page"))


def words() -> Schema:
    """The schema of a word list."""
    return _swept(_of(WordList, WORDS_SCHEMA, "A word list"))


KINDS: Mapping[str, Callable[[], Schema]] = {
    "rule-set": rule_set,
    "block": block,
    "words": words,
    "cases": cases,
    "page": page,
}


def _condition() -> Schema:
    """Exactly one key: `all`, `any`, or a question with answers or bounds."""
    word = {"type": "string"}
    comparisons = (kind.comparison for kind in TYPES.values())
    schemas = [dict(each.schema) for each in comparisons if isinstance(each, Bounds)]
    bound = {"anyOf": [schema for at, schema in enumerate(schemas) if schema not in schemas[:at]]}
    bounds = {
        "type": "object",
        "properties": dict.fromkeys(BOUNDS, bound),
        "additionalProperties": False,
        "minProperties": 1,
    }
    answers = {"anyOf": [word, {"type": "array", "items": word, "minItems": 1}, bounds]}
    parts = {"type": "array", "items": {"$ref": "#/$defs/Condition"}, "minItems": 1}
    return {
        "description": "{question: answer}, {question: [answers]}, {question: {at_least: n}}, all or any",
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "properties": dict.fromkeys(LOGIC, parts),
        "additionalProperties": answers,
    }


def _mend_question(question: Schema) -> None:
    """Ready-made answers by name, and the keys that each type has of its own."""
    properties = question["properties"]
    properties["type"] = {"enum": list(TYPES)}
    properties["answers"] = {
        "anyOf": [{"enum": sorted(READY_MADE)}, {**properties["answers"], "minItems": 1}]
    }
    own = sorted(frozenset().union(*(kind.keys for kind in TYPES.values())))
    question["allOf"] = [
        {
            "if": {"properties": {"type": {"const": name}}, "required": ["type"]},
            "then": {
                "properties": {key: False for key in own if key not in kind.keys},
                "required": sorted(kind.needs),
            },
        }
        for name, kind in TYPES.items()
    ]


def _swept(whole: Schema) -> Schema:
    """Without the definitions that nothing refers to any more."""
    found, defs = Schema(), whole["$defs"]
    waiting = _references({key: value for key, value in whole.items() if key != "$defs"})
    while waiting:
        name = waiting.pop()
        if name in defs and name not in found:
            found[name] = defs[name]
            waiting += _references(defs[name])
    return {**whole, "$defs": dict(sorted(found.items()))}


def _references(part: Any) -> list[str]:
    if isinstance(part, list):
        return [name for inner in part for name in _references(inner)]
    if not isinstance(part, dict):
        return []
    own = [str(part["$ref"]).rsplit("/", 1)[-1]] if "$ref" in part else []
    return own + [name for inner in part.values() for name in _references(inner)]
