"""Plain data as text: canonical JSON, which digests are made of, and YAML for our strict reader."""

from __future__ import annotations

import json
import re
from typing import Any

import yaml


def canonical(data: Any, *, escaped: bool = False) -> str:
    """JSON that is the same for equal data: sorted keys, no blanks; `escaped`: in ASCII.

    Raises TypeError or ValueError for what JSON cannot hold (a date, NaN).
    """
    return json.dumps(data, ensure_ascii=escaped, allow_nan=False, sort_keys=True, separators=(",", ":"))


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


def as_yaml(data: Any) -> str:
    """Plain data as a strict document: `yes` stays a plain word, keys keep their order."""
    return yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=100, default_flow_style=False
    )
