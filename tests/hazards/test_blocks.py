"""Markdown becomes blocks of data, and words put into it stay words."""

from __future__ import annotations

import pytest

from screening.hazards.blocks import blocks, escaped


def test_each_kind_of_block_is_data() -> None:
    made = blocks("# a\n\n- b *c* **d**\n\n> e\nf\n\n| g | h |\n|---|---|\n| i |  |\n")
    assert [one["kind"] for one in made] == ["heading", "list", "quote", "table"]
    assert made[1]["items"][0][0]["words"] == [["b ", ""], ["c", "emph"], [" ", ""], ["d", "strong"]]
    assert made[2]["blocks"][0]["words"] == [["e", ""], [" ", ""], ["f", ""]]
    assert made[3]["rows"] == [[[["i", ""]], []]]


def test_any_punctuation_is_words_again() -> None:
    every = "".join(map(chr, range(33, 127)))
    for said in (every, every[::-1], "1. a", "- a", "+ a", "    a", "# a", "a  \n b", "&amp;", "---", "<br>"):
        (block,) = blocks(escaped(said))
        assert block["kind"] == "paragraph"
        assert "".join(piece for piece, _ in block["words"]) == " ".join(said.split())


def test_a_cell_holds_any_words() -> None:
    said = "b | c \\ `d | e`"
    (table,) = blocks(f"| a |\n|---|\n| {escaped(said)} |\n")
    ((cell,),) = table["rows"]
    assert "".join(piece for piece, _ in cell) == said


def test_what_a_paper_has_no_place_for_is_refused() -> None:
    with pytest.raises(ValueError, match="ordered_list"):
        blocks("1. a")
