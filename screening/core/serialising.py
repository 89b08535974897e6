"""Plain data as text: canonical JSON, which digests are made of, and YAML for our strict reader."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache, partial
from itertools import chain
from types import NoneType, UnionType
from typing import Any, Literal, TypeVar, cast, get_args, get_origin, get_type_hints

import yaml

Plain = Mapping[str, Any]  # what JSON holds: the one untyped form, for what lies under a seal or in a file
Kind = TypeVar("Kind")


_encoder = partial(
    json.JSONEncoder, allow_nan=False, check_circular=False, sort_keys=True, separators=(",", ":")
)
_PLAIN, _ESCAPED = (_encoder(ensure_ascii=escaped) for escaped in (False, True))


def canonical(data: Any, *, escaped: bool = False) -> str:
    """JSON that is the same for equal data: sorted keys, no blanks; `escaped`: in ASCII.

    Raises TypeError or ValueError for what JSON cannot hold (a date, NaN).
    """
    return (_ESCAPED if escaped else _PLAIN).encode(data)


_AS_IT_IS = frozenset({str, int, float, bool, NoneType})  # most of what a request holds
_TEXT = frozenset({str})


@lru_cache(maxsize=256)
def _names(kind: Any) -> tuple[str, ...] | None:
    """Of the fields of a dataclass."""
    return tuple(part.name for part in fields(kind)) if is_dataclass(kind) else None


def to_plain(value: Any) -> Any:
    """A frozen dataclass as JSON data, whatever it holds; tuples become lists, days `YYYY-MM-DD`."""
    kind: Any = type(value)
    if kind in _AS_IT_IS:
        return value
    if (names := _names(kind)) is not None:
        return {
            name: part if type(part := getattr(value, name)) in _AS_IT_IS else to_plain(part)
            for name in names
        }
    if isinstance(value, list | tuple):  # a request holds thousands of plain ones
        return [part if type(part) in _AS_IT_IS else to_plain(part) for part in value]
    return value.isoformat() if isinstance(value, date) else value


def from_plain(kind: type[Kind], value: Any) -> Kind:
    """What `to_plain` wrote: just the fields of `kind`, each of its type; fields with defaults may be absent.

    Raises TypeError, ValueError or LookupError for anything else.
    """
    make: Callable[[Any], Kind] = _maker(cast(Any, kind))
    return make(value)


@lru_cache(maxsize=256)
def _maker(kind: Any) -> Callable[[Any], Any]:
    origin, inside = get_origin(kind), get_args(kind)
    if kind is Any:
        return lambda value: value
    if is_dataclass(kind):
        return _dataclass_maker(kind)
    if origin is Literal:
        return lambda value: inside[inside.index(value)]
    if origin is UnionType and inside[1:] == (NoneType,):
        make = _maker(inside[0])
        return lambda value: None if value is None else make(value)
    if origin is tuple:
        return _tuple_maker(inside)
    if kind is date:
        return date.fromisoformat
    return lambda value: _exactly(kind, value)


def _dataclass_maker(kind: Any) -> Callable[[Any], Any]:
    """Most fields hold one plain thing: those are looked at here, for a request holds thousands of them."""
    parts = {name: (_plain_types(hint), _maker(hint)) for name, hint in _hints(kind).items()}

    def make(value: Any) -> Any:
        made = {}
        for name, inner in value.items():
            plain, make_inner = parts[name]
            made[name] = inner if type(inner) in plain else make_inner(inner)
        return kind(**made)

    return make


def _plain_types(kind: Any) -> tuple[type, ...]:
    """The types of which a value stays as it is."""
    if kind in (str, int, float, bool):
        return (kind,)
    inside = get_args(kind) if get_origin(kind) is UnionType else ()
    return tuple(chain.from_iterable(map(_plain_types, inside))) + ((NoneType,) if NoneType in inside else ())


def _hints(kind: Any) -> dict[str, object]:
    hints = get_type_hints(kind)
    return {part.name: hints[part.name] for part in fields(kind)}


def _tuple_maker(inside: tuple[Any, ...]) -> Callable[[Any], Any]:
    if inside == (str, ...):
        return _texts
    if inside == (str, str):
        return _two_texts
    makers = [_maker(inner) for inner in inside if inner is not Ellipsis]
    if inside[-1] is Ellipsis:
        return lambda value: tuple(makers[0](inner) for inner in _exactly(list, value))
    return lambda value: tuple(make(inner) for make, inner in zip(makers, _exactly(list, value), strict=True))


def _texts(value: Any) -> tuple[str, ...]:
    if not _TEXT.issuperset(map(type, _exactly(list, value))):
        raise TypeError("texts are expected here")
    return tuple(value)


def _two_texts(value: Any) -> tuple[str, ...]:
    """As an offered answer is kept, of which a request holds hundreds."""
    if len(value) != 2:
        raise ValueError("two texts are expected here")
    return _texts(value)


def _exactly(kind: type, value: Any) -> Any:
    if type(value) is not kind:
        raise TypeError(f"{kind.__name__} is expected here")
    return value


class _Dumper(yaml.SafeDumper):
    """Quotes what our strict reader would take for something else than text, and nothing more."""

    yaml_implicit_resolvers: dict[Any, Any] = {}  # noqa: RUF012 (PyYAML's own way)

    def ignore_aliases(self, data: Any) -> bool:
        del data
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        del indentless
        super().increase_indent(flow, False)


for _tag, _pattern, _first in (
    ("null", r"^(|~|null)$", ["", "~", "n"]),
    ("bool", r"^(true|false)$", ["t", "f"]),
    ("float", r"^-?[0-9]+\.[0-9]+$", list("-0123456789")),
    ("int", r"^-?[0-9]+$", list("-0123456789")),
):
    _Dumper.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(_pattern), _first)


def _without_exponent(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    text = f"{Decimal(repr(value)):f}"
    return dumper.represent_scalar("tag:yaml.org,2002:float", text if "." in text else f"{text}.0")


_Dumper.add_representer(float, _without_exponent)


def as_yaml(data: Any) -> str:
    """Plain data as a strict document: `yes` stays a plain word, keys keep their order."""
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False
    )
