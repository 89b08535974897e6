"""Small rule sets, written down and loaded through real files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from screening.core.errors import RuleSetError
from screening.core.findings import Problem
from screening.core.loading import load
from screening.core.rules import Question, RuleSet

RULES = Path(__file__).parents[2] / "rules"
SHIPPED = RULES / "lumbar-sympathetic-block.yaml"
FILE = "t.yaml"
MARK = "▸"  # in the text of a broken rule set: a problem is told here
HEAD = "schema: screening/1\nid: t\nversion: 1.0.0\ntitle: T\n"
ASKED = HEAD + (
    "questions:\n"
    "  - {id: pregnant, ask: A, type: choose_one, safety: true, answers: yes_no_not_sure}\n"
    "  - {id: severity, ask: S, type: scale}\n"
)


def load_text(text: str | bytes, **blocks: str | bytes) -> RuleSet:
    """The rule set written in `text`; each block stands beside it as common/<name>.yaml."""
    with TemporaryDirectory() as name:
        folder = Path(name, "rules")
        (folder / "common").mkdir(parents=True)
        for block, content in blocks.items():
            (folder / "common" / f"{block}.yaml").write_bytes(_bytes(content))
        (folder / FILE).write_bytes(_bytes(text))
        return load(folder / FILE, root=folder)


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode()


def load_data(data: Mapping[str, Any]) -> RuleSet:
    """The rule set that is `data`: JSON is YAML."""
    return load_text(json.dumps(data, ensure_ascii=False))


def rule_set(questions: list[dict[str, Any]], **keys: Any) -> dict[str, Any]:
    """A rule set as data."""
    head = {"schema": "screening/1", "id": "t", "version": "1.0.0", "title": "T"}
    return {**head, "questions": questions, **keys}


def question(name: str, kind: str = "choose_one", **keys: Any) -> dict[str, Any]:
    """A question as data; one to choose from offers yes, no and not sure."""
    if kind.startswith("choose"):
        keys.setdefault("answers", "yes_no_not_sure")
    return {"id": name, "ask": f"About {name}?", "type": kind, **keys}


def flag(name: str, raise_when: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A flag as data."""
    return {"id": name, "label": name, "raise_when": raise_when, "handling": "arrange", **keys}


def indicator(name: str, matched_when: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """An indicator as data."""
    return {"id": name, "label": name, "matched_when": matched_when, **keys}


def one_question(kind: str, **keys: Any) -> Question:
    """A loaded question of this type."""
    return load_data(rule_set([question("q", kind, **keys)])).questions[0]


def refused(text: str | bytes, **blocks: str | bytes) -> tuple[Problem, ...]:
    """The problems for which `text` is refused."""
    with pytest.raises(RuleSetError) as caught:
        load_text(text, **blocks)
    return caught.value.problems


def refused_at_marks(text: str, **blocks: str) -> tuple[Problem, ...]:
    """As `refused`; problems are told exactly where the texts hold a mark, and nowhere else."""
    texts = {FILE: text} | {f"common/{name}.yaml": block for name, block in blocks.items()}
    problems = refused(_unmarked(text), **{name: _unmarked(block) for name, block in blocks.items()})
    at_marks(problems, texts)
    return problems


def at_marks(problems: Iterable[Problem], texts: Mapping[str, str]) -> None:
    """Problems are told exactly where the texts, by file, hold a mark; each with a remedy."""
    marks = {f"{file}:{place}" for file, content in texts.items() for place in _marks(content)}
    assert marks, "the text holds no mark"
    assert {str(problem.place) for problem in problems} == marks, "\n".join(map(str, problems))
    assert all(problem.message and problem.remedy for problem in problems)


def _unmarked(text: str) -> str:
    return text.replace(MARK, "")


def _marks(text: str) -> list[str]:
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        before = ""
        for part in line.split(MARK)[:-1]:
            before += part
            found.append(f"{number}:{len(before) + 1}")
    return found
