"""A file into a rule set; or every problem in it, with its place."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from screening.core import checks, complaints, documents, nodes, pieces, rules, word_lists
from screening.core.building import BuiltEntries, build
from screening.core.errors import RuleSetError
from screening.core.findings import Place, Problem
from screening.core.nodes import Node
from screening.core.outlines import Outline
from screening.core.parts import (
    BLOCK_KEYS,
    carry_sections_on,
    merge,
    of_another_kind,
    refuse_what_is_no_list,
    stand_here,
    write_out_answers,
)

CASES = ".cases.yaml"
PAGE = ".page.yaml"  # fingerprints of the treatment page
VERSIONS = ".versions.yaml"  # digests of the versions that went live
SIGNED = ".signed.yaml"  # who agreed to it
BESIDE = (CASES, PAGE, VERSIONS, SIGNED)
WORDS = "*/words/*.yaml"  # word lists, beside the common blocks
OWN = "own"  # in `uses`: where what the file says itself stands among its blocks
_BLOCK_NAME = re.compile(r"(?=.{1,200}$)[\w-]+(/[\w-]+)*")  # no dots: nothing outside the folder


def rule_files(folder: Path) -> list[Path]:
    """The treatments in `folder`: its YAML files, without what stands beside them and the common blocks."""
    files = sorted([*folder.glob("*.yaml"), *folder.glob("*.yml")])
    return [file for file in files if not file.name.endswith(BESIDE)]


def load(path: Path, *, root: Path | None = None, common: Common | None = None) -> rules.RuleSet:
    """The rule set in `path`; places are named relative to `root`. Raises RuleSetError."""
    return _load(path, _Reading(root or Path(), common))


def _load(path: Path, reading: _Reading) -> rules.RuleSet:
    node = _expand(reading, path)
    if node is None:
        raise RuleSetError(reading.problems)
    refused = {problem.place: problem for problem in reading.refused}
    try:
        # what could be read is still checked, so that an author sees everything at once
        entries = None if reading.problems else reading.common.entries
        return build(node, reading.problems, entries, checks.Hidden(tuple(reading.hidden)))
    except RuleSetError as error:  # of what stands in for what was refused nothing more is told
        raise RuleSetError([refused.get(problem.place, problem) for problem in error.problems]) from None


def blocks_used_by_none(folder: Path) -> list[Path]:
    """The common blocks of a folder that no rule set there takes whole."""
    reading = _Reading(Path())
    read = [node for file in rule_files(folder) if (node := reading.read(file)) is not None]
    used = {str(use.value) for node in read if isinstance(node.value, dict) for use in _uses(node, [])}
    return [file for file in _blocks(folder) if _block_name(file, folder) not in used]


def load_alone(block: Path, folder: Path) -> tuple[rules.RuleSet, Node]:
    """A rule set of nothing but this common block. Raises RuleSetError with what is wrong whoever uses it."""
    reading = _Reading(Path())
    told = {"schema": "screening/1", "id": "alone", "version": "1.0.0", "title": "A common block"}
    node = nodes.node_of({**told, "uses": [_block_name(block, folder)]}, Place(block.as_posix()))
    found = _with_blocks(reading, folder / "alone.yaml", node)
    around = checks.Hidden((None,))  # whoever uses it may ask anything besides
    return build(found, reading.problems, hidden=around), found


def written_out(path: Path) -> Node:
    """The file with its common blocks and ready-made answers, for tools that need the place of every word.

    Raises RuleSetError where nothing of it can be read; what is merely wrong is left to `load`.
    """
    reading = _Reading(Path())
    node = _expand(reading, path)
    if node is None:
        raise RuleSetError(reading.problems)
    return node


def clashing(found: Sequence[rules.RuleSet | Outline]) -> Iterator[Problem]:
    """Treatments that have the id of another, which is their address too."""
    known: dict[str, rules.RuleSet | Outline] = {}
    for each in found:
        first = known.setdefault(each.id, each)
        if first is not each:
            what = f'The treatment id "{each.id}" is taken: {first.place} has it too.'
            yield Problem(each.place, "duplicate-id", what, "Give one of them another id.")


def load_words(
    folder: Path, *, root: Path | None = None, treatments: Iterable[Outline] | None = None
) -> word_lists.WordLists:
    """The word lists in a rules folder; they name subjects of the questions that its files ask.

    Places are named relative to `root`. With the folder's `treatments` as they were just loaded, their files
    are read again only where something is wrong, to say where. Raises RuleSetError.
    """
    reading = _Reading(root or Path())
    files = sorted(folder.glob(WORDS))
    written = [node for file in files if (node := reading.read(file)) is not None]
    lists = [word_lists.read(node, reading.problems) for node in written]
    # What a file that cannot be read asks, or lists, nobody knows; that it cannot is told elsewhere.
    all_read = 0 < len(written) == len(files)
    if all_read and (treatments is None or not _all_known(written, reading.root, folder, treatments)):
        asked = _all_questions(reading.root, folder)
        reading.problems.extend(word_lists.strangers(written, asked) if asked is not None else ())
    if reading.problems:
        raise RuleSetError(reading.problems)
    return word_lists.WordLists(tuple(subject for found in lists if found for subject in found.subjects))


def _all_known(lists: list[Node], root: Path, folder: Path, treatments: Iterable[Outline]) -> bool:
    asked = dict.fromkeys(each for found in treatments for each in found.asked)
    known = [
        nodes.node_of({"id": name} | ({"about": about} if about else {}), Place("")) for name, about in asked
    ]
    return not any(word_lists.strangers(lists, [*(_questions_in(root, _blocks(folder)) or ()), *known]))


def _all_questions(root: Path, folder: Path) -> list[Node] | None:
    """Those of every treatment and block, used or not; None where that is not all that they ask."""
    return _questions_in(root, [*rule_files(folder), *_blocks(folder)])


def _blocks(folder: Path) -> list[Path]:
    return sorted(file for file in folder.glob("*/*.yaml") if not file.name.endswith(BESIDE))


def _block_name(file: Path, folder: Path) -> str:
    return file.relative_to(folder).with_suffix("").as_posix()


def _questions_in(root: Path, files: Sequence[Path]) -> list[Node] | None:
    reading = _Reading(root)
    read = [node for file in files if (node := reading.read(file)) is not None]
    listed = [node.get("questions") for node in read]
    found = [question for node in read for _, _, question in nodes.mappings(node, ("questions",))]
    no_list = any(each is not None and not isinstance(each.value, list) for each in listed)
    nameless = any(question.get("id") is None for question in found)
    return None if len(read) < len(files) or no_list or nameless else found


def read_file(path: Path) -> Node:
    """What one file says, as it stands there. Raises RuleSetError where it cannot be read."""
    try:
        return documents.parse(path.read_bytes(), path.as_posix())
    except OSError as error:
        name = path.as_posix()
        raise RuleSetError([_unread(Place(name), name, error)]) from None


def _unread(place: Place, name: str, error: OSError) -> Problem:
    if isinstance(error, IsADirectoryError):
        return Problem(place, "unreadable", f"{name} is a folder.", "Name a file in it.")
    reason = "does not exist" if isinstance(error, FileNotFoundError) else "cannot be read"
    return Problem(place, "unreadable", f"{name} {reason}.", "Check the name, the folder and its rights.")


def beside(file: Path, suffix: str) -> Path:
    """The file with this suffix that belongs to a rule set: cases, fingerprints, versions."""
    return file.with_name(file.stem + suffix)


class Common:
    """What files have in common: a sound block is read once, and its entries are made once."""

    def __init__(self) -> None:
        self.blocks: dict[Path, Node] = {}
        self.entries = BuiltEntries()

    def keep(self, file: Path, block: Node) -> None:
        """For the next file that uses it."""
        self.blocks[file] = block
        self.entries.keep(block)


class _Reading:
    """Reads files, remembering the problems, how places are named, and what the files have in common."""

    def __init__(self, root: Path, common: Common | None = None) -> None:
        self.root = root.resolve()
        self.problems: list[Problem] = []
        self.refused: list[Problem] = []  # of them, those of the text itself
        self.hidden: list[str | None] = []  # what cannot be read, as in `checks.Hidden`
        self.common = common or Common()

    def read(self, path: Path, asked_at: Place | None = None) -> Node | None:
        name, node = self._name(path), None
        text: str | None = None
        try:
            data, refused = path.read_bytes(), list[Problem]()
            text = data.decode(errors="replace")
            node = documents.read(data, name, refused)
            self.refused.extend(refused)
            self.problems.extend(refused)
        except RuleSetError as error:
            self.problems.extend(error.problems)
        except OSError as error:
            self.problems.append(_unread(asked_at or Place(name), name, error))
        if node is None:
            self.hidden.append(text)
        return node

    def _name(self, path: Path) -> str:
        full = Path(os.path.realpath(path))  # unlike resolve(), it takes links that go in circles
        return full.relative_to(self.root).as_posix() if full.is_relative_to(self.root) else str(path)


def _expand(reading: _Reading, path: Path) -> Node | None:
    """The rule set with its common blocks and ready-made answers written out."""
    node = reading.read(path)
    if node is None:
        return None
    if not isinstance(node.value, dict):
        reading.problems.append(
            Problem(node.place, "format", "A rule set is a list of keys.", "Start with: schema: screening/1")
        )
        return None
    if (other := of_another_kind(node)) is not None:
        reading.problems.append(other)
        return None
    return _with_blocks(reading, path, node)


def _with_blocks(reading: _Reading, path: Path, node: Node) -> Node:
    parts = _parts(reading, path, node)
    before = len(reading.problems)
    for part in parts:
        refuse_what_is_no_list(part, reading.problems)
    reading.hidden += [None] * (len(reading.problems) - before)
    for part in parts:
        write_out_answers(part, reading.problems)
        carry_sections_on(part)
    checks.find_clashing_ids(parts, reading.problems)
    uses = node.get("uses")
    all_read = not reading.hidden and (uses is None or isinstance(uses.value, list))
    parts = stand_here(node, parts, reading.problems, all_read=all_read)
    return merge(node, parts)


def _parts(reading: _Reading, path: Path, node: Node) -> list[Node]:
    """The file's own content and its blocks, in the order of `uses`; its own first where none is said."""
    named = _blocks_named(_uses(node, reading.problems))
    parts = [node if name == OWN else _block(reading, path.parent, uses) for name, uses in named.items()]
    found = [part for part in parts if part is not None]
    reading.hidden += [None] * (len(parts) - len(found) - len(reading.hidden))
    return found if node in found else [node, *found]


def _uses(node: Node, problems: list[Problem]) -> list[Node]:
    uses = node.get("uses")
    if uses is None:
        return []
    entries = uses.items()
    wrong = [entry for entry in entries if not isinstance(entry.value, str)]
    if wrong or not isinstance(uses.value, list):
        problems.append(
            Problem(
                uses.place,
                "format",
                '"uses" is a list of names of common blocks.',
                "Write: [common/about-you]",
            )
        )
    return [entry for entry in entries if isinstance(entry.value, str)]


def _blocks_named(uses: list[Node]) -> dict[str, list[Node]]:
    """Block -> where it is named: whole, or piece by piece."""
    named: dict[str, list[Node]] = {}
    for at, use in enumerate(uses):
        name, mark, _ = str(use.value).partition(pieces.MARK)
        key = name if mark else f"{name}{pieces.MARK}{at}" if name in named else name
        named.setdefault(key, []).append(use)
    return named


def _block(reading: _Reading, folder: Path, uses: list[Node]) -> Node | None:
    """A common block, or those of its questions that are used one by one."""
    block = _read_block(reading, folder, uses[0])
    if block is None or any(pieces.MARK not in str(use.value) for use in uses):
        return block
    carry_sections_on(block)
    return pieces.pick(block, uses, reading.problems)


def _read_block(reading: _Reading, folder: Path, use: Node) -> Node | None:
    name = str(use.value).partition(pieces.MARK)[0]
    file = folder / f"{name}.yaml"
    if _BLOCK_NAME.fullmatch(name) and file in reading.common.blocks:
        return reading.common.blocks[file]
    amiss = _out_of_reach(folder, name, file)
    if amiss is not None:
        reading.problems.append(Problem(use.place, "format", *amiss))
        return None
    before = len(reading.problems)
    block = reading.read(file, use.place)
    if block is not None and not isinstance(block.value, dict):
        reading.problems.append(
            Problem(block.place, "format", "A common block is a list of keys.", "Start with: questions:")
        )
        return None
    if block is not None:
        _refuse_unknown_keys(block, BLOCK_KEYS, reading.problems)
        if len(reading.problems) == before:
            reading.common.keep(file, block)
    return block


def _out_of_reach(folder: Path, name: str, file: Path) -> tuple[str, str] | None:
    """Why there is no such block, and what to do."""
    if not _BLOCK_NAME.fullmatch(name):
        return (
            f'"{name}" cannot be the name of a common block.',
            "Write folder and name, like common/about-you.",
        )
    if not Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder)):
        return f'"{name}" lies outside the rules.', "Name a file below this folder."
    if file.is_file():
        return None
    what, inside = f'There is no common block "{name}".', name.rpartition("/")[0]
    if not file.parent.is_dir():
        return what, f'There is no folder "{inside}" beside this file. Put the file where that folder is.'
    return what, complaints.did_you_mean(name, [_block_name(found, folder) for found in _blocks(folder)])


def _refuse_unknown_keys(node: Node, known: tuple[str, ...], problems: list[Problem]) -> None:
    for key, place in node.keys.items():
        if key not in known:
            what = f'A common block has no "{key}".'
            problems.append(Problem(place, "format", what, complaints.did_you_mean(key, known)))
