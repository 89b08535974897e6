"""A picture of the flow: every question in order, and which follow-ups hang on what, as SVG."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from screening.core.conditions import leaves
from screening.core.rules import RuleSet
from screening.core.wording import so_many

ROW, STEP, LEFT, HEIGHT = 30, 26, 10, 22  # pixels
TOP = 6  # half way between two boxes, so that a strip holds none of its neighbour's
LONGEST = 64  # characters of a question


def pages(rule_set: RuleSet, rows: int = 28) -> list[str]:
    """The picture as SVG, cut into strips of `rows` questions that a printed page can hold."""
    return [svg(rule_set, first, first + rows) for first in range(0, len(rule_set.questions), rows)]


def svg(rule_set: RuleSet, first: int = 0, last: int | None = None) -> str:
    """A row for each question from `first` to before `last`, with lines to what each looks at."""
    depth = _depths(rule_set)
    rows = {name: number for number, name in enumerate(rule_set.by_id)}
    width = LEFT * 2 + STEP * max(depth.values()) + LONGEST * 7 + 40
    parts = [*_lines(rule_set, depth, rows), *_boxes(rule_set, depth, rows)]
    shown = min(len(rows), last or len(rows)) - first
    top, height = ROW * first + TOP, ROW * shown
    of_some = sum(1 for deep in depth.values() if deep)
    label = f"{so_many(len(rows), 'question')}, {of_some} asked only of some."
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 {top} {width} {height}" role="img" '
        f'width="{width}" height="{height}" font-family="Arial, Helvetica, sans-serif" font-size="12">'
        f"<title>{escape(label)}</title>{''.join(parts)}</svg>"
    )


def _depths(rule_set: RuleSet) -> dict[str, int]:
    found: dict[str, int] = {}
    for question in rule_set.questions:
        above = [found[leaf.question] for leaf in leaves(question.ask_when) if leaf.question in found]
        found[question.id] = 1 + max(above) if above else 0
    return {name: min(depth, 12) for name, depth in found.items()}  # deeper is drawn no further in


def _boxes(rule_set: RuleSet, depth: dict[str, int], rows: dict[str, int]) -> Iterator[str]:
    for name, row in rows.items():
        question = rule_set.by_id[name]
        x, y = LEFT + STEP * depth[name], LEFT + ROW * row
        text = question.ask if len(question.ask) <= LONGEST else f"{question.ask[: LONGEST - 1]}…"
        stroke = ' stroke-width="2.5"' if question.safety else ' stroke-width="1"'
        yield (
            f'<rect x="{x}" y="{y}" width="{LONGEST * 7 + 20}" height="{HEIGHT}" rx="3" fill="#ffffff" '
            f'stroke="#1d3557"{stroke}/><text x="{x + 8}" y="{y + 15}" fill="#111111">'
            f"{row + 1}. {escape(text)}</text>"
        )


def _lines(rule_set: RuleSet, depth: dict[str, int], rows: dict[str, int]) -> Iterator[str]:
    for question in rule_set.questions:
        for parent in dict.fromkeys(leaf.question for leaf in leaves(question.ask_when)):
            if parent in rows:
                x = LEFT + STEP * depth[parent] + 10
                top, bottom = LEFT + ROW * rows[parent] + HEIGHT, LEFT + ROW * rows[question.id] + HEIGHT // 2
                end = LEFT + STEP * depth[question.id]
                yield f'<path d="M{x} {top} V{bottom} H{end}" fill="none" stroke="#5a6b7b"/>'
