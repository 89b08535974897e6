"""What authors are told: near misses, and a model's complaints in plain words with their places."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from screening.core.findings import Place, Problem
from screening.core.nodes import Node

SomeModel = TypeVar("SomeModel", bound=BaseModel)

# what pydantic calls it -> what is wrong, and the remedy; {x} are pydantic's own figures
_WORDS = {
    "missing": ('"{key}" is missing.', "Add it."),
    "string_type": ('"{key}" must be text.', "Put it in quotes if it looks like a number or true/false."),
    "string_too_short": ('"{key}" is empty.', "Write something, or leave the key out."),
    "string_too_long": ('"{key}" is too long.', "Keep it under {max_length} characters."),
    "bool_type": (
        '"{key}" must be true or false.',
        "Write true or false, in small letters and without quotes.",
    ),
    "int_type": ('"{key}" must be a whole number.', "Write digits only, without quotes."),
    "date_type": ('"{key}" must be a date.', "Write year, month and day, as in 2026-11-01."),
    "tuple_type": ('"{key}" must be a list.', "Write each entry on a line of its own, after a dash."),
    "too_short": ('"{key}" has too few entries.', "Write {min_length} at least; one alone needs no list."),
    "mapping_type": ('"{key}" must be a list of keys.', "Write key: value pairs below it."),
    "model_type": ('"{key}" must be a list of keys.', "Write below it, each with its value: {keys}."),
    "greater_than_equal": ('"{key}" cannot be {input}.', "Write {ge} or more."),
    "less_than_equal": ('"{key}" cannot be {input}.', "Write {le} or less."),
    "literal_error": ('"{key}" cannot be "{input}".', "It is one of: {expected}."),
}
OURS = ("place", "places", "digest", "document", "schema_")  # fields of models that no author may write
_LOOK_UP = "See rules/README.md, part 4, for what it may be."
_SHOWN = 20  # known words, where none is near
_FORMS = {
    "version": "Write three numbers, like 1.0.0.",
    "id": "Use lower-case letters and digits, a letter first; join words with _ (a treatment's with -).",
}


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A remedy that names the nearest known word, or all of them where none is near."""
    there = [name for name in known if name]
    near = difflib.get_close_matches(word, there, n=1, cutoff=0.6)
    if near:
        return f'Did you mean "{near[0]}"?'
    more = f" and {len(there) - _SHOWN} more" if len(there) > _SHOWN else ""
    return f"There are: {', '.join(there[:_SHOWN])}{more}." if there else "There are none."


def said_elsewhere(rule: str) -> str:
    """The remedy where a common rule has its source in words that this page does not have."""
    return (
        f"It is a common rule: say where this page says it, page: {{borrowed: {{{rule}: {{section: ..., "
        "phrase: a few words}}}, or why it is asked all the same: {none: ...} in place of the section."
    )


def model_of(
    kind: type[SomeModel], node: Node, problems: list[Problem], more: Mapping[str, object] | None = None
) -> SomeModel | None:
    """What is written in `node`, with `more` beside or instead of it; None where it does not fit, and why."""
    data = node.frozen() if isinstance(node.value, dict) else {}
    if "schema_" in kind.model_fields:
        data["schema_"] = data.pop("schema", None)
    try:
        return kind.model_validate({**data, **(more or {})})
    except ValidationError as error:
        problems.extend(problems_of(error, kind, node))
        return None


def problems_of(error: ValidationError, model: type[BaseModel], node: Node) -> Iterator[Problem]:
    """A model's complaints, each at the deepest place of `node` that it speaks of."""
    for complaint in error.errors(include_url=False):
        steps = (step for step in complaint["loc"] if "[" not in str(step))  # the kinds of a union have it
        path = tuple("schema" if step == "schema_" else step for step in steps)
        yield _problem(complaint, path, model, node)


def unknown_keys(model: type[BaseModel], node: Node) -> Iterator[Problem]:
    """Keys of `node` that are fields of the model, but ours to fill in."""
    for key in OURS:
        if key in node.keys and key in model.model_fields:
            yield _unknown(key, node.keys[key], _fields(model, ()))


def _unknown(key: str, place: Place, known: list[str]) -> Problem:
    return Problem(place, "format", f'There is no key "{key}" here.', did_you_mean(key, known))


def _problem(complaint: Any, path: tuple[int | str, ...], model: type[BaseModel], node: Node) -> Problem:
    key = _key(path, node)
    if complaint["type"] == "extra_forbidden":
        holder = node.at(path[:-1])
        place = holder.keys.get(key, holder.place)
        if complaint["input"] is None:  # only inside {...} can a key stand without a colon
            what = f'"{key}" stands here by itself, as after a comma inside a text.'
            return Problem(place, "format", what, 'Put the whole text in quotes: label: "Yes, often".')
        if not key.isascii() and key[:1].isspace():
            what = "This line is moved in with blanks that are no spaces, as copied from a web page."
            return Problem(place, "format", what, "Use spaces, two for each step.")
        return _unknown(key, place, _fields(model, path[:-1]))
    if complaint["type"] == "string_pattern_mismatch" or (
        complaint["type"] == "string_type" and key in _FORMS
    ):
        what = f'"{complaint["input"]}" cannot be used as {key}.'
        return Problem(node.at(path).place, "format", what, _FORMS.get(key, _LOOK_UP))
    if complaint["type"] == "model_type" and path and isinstance(path[-1], int):
        what = f'An entry of "{key}" has no keys.'
        return Problem(node.at(path).place, "format", what, _keys_of_entry(_fields(model, path)))
    kind = "string_too_short" if complaint["input"] is None else complaint["type"]  # nothing after its colon
    what, remedy = _WORDS.get(kind, ('"{key}" is not right: {message}.', _LOOK_UP))
    keys = ", ".join(_fields(model, path)) if kind == "model_type" else ""
    figures = {
        "key": key,
        "keys": keys,
        "input": complaint.get("input"),
        "message": complaint["msg"],
    } | complaint.get("ctx", {})
    return Problem(node.at(path).place, "format", what.format(**figures), remedy.format(**figures))


def _keys_of_entry(known: list[str]) -> str:
    return f"Write them after its dash, as in - {{{', '.join(f'{name}: ...' for name in known[:2])}}}."


def _key(path: tuple[int | str, ...], node: Node) -> str:
    """The last key on `path`; what pydantic calls the kinds of a union is not one."""
    for index in range(len(path), 0, -1):
        step, holder = path[index - 1], node.at(path[: index - 1])
        if isinstance(step, str) and isinstance(holder.value, dict) and not _is_kind(step):
            return step
    return ""


def _is_kind(step: str) -> bool:
    return step in ("int", "float", "str", "bool") or "[" in step


def _fields(model: Any, path: tuple[int | str, ...]) -> list[str]:
    """The keys of the model that stands at `path` below `model`."""
    for step in path:
        if isinstance(step, str) and step in model.model_fields:  # else a key of a mapping of models
            model = _inner(model.model_fields[step].annotation)
    known = [name for name in model.model_fields if name not in OURS]
    return ["schema", *known] if "schema_" in model.model_fields else known


def _inner(annotation: Any) -> Any:
    """The model inside an annotation such as `tuple[Answer, ...]` or `Source | None`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next(filter(None, map(_inner, getattr(annotation, "__args__", ()))), None)
