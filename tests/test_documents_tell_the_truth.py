"""The documents and the program say the same, and their links lead somewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import click

from screening.cli import main
from screening.settings import PREFIX, Settings

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "docs/commands.md", "docs/settings.md")
README, COMMANDS, SETTINGS = ((ROOT / page).read_text(encoding="utf-8") for page in PAGES)
ALL = f"{README}\n{COMMANDS}\n{SETTINGS}"
DOCUMENTS = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("docs/*/*.md"), ROOT / "rules" / "README.md"]
)
FOR_TESTS = re.compile(rf"{PREFIX}TEST_[A-Z]+")  # read by the tests, not by the program


def inside(group: click.Group) -> dict[str, click.Command]:
    """The commands of a group, each imported."""
    here = click.Context(group)
    found = {name: group.get_command(here, name) for name in group.list_commands(here)}
    return {name: command for name, command in found.items() if command is not None}


def commands(group: click.Group, path: str) -> Iterator[str]:
    """Every command that can be run, as it is typed."""
    for name, command in inside(group).items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}"


def test_every_setting_is_documented_and_every_documented_setting_exists() -> None:
    settings = {PREFIX + name.upper() for name in Settings.model_fields}
    documented = set(re.findall(rf"{PREFIX}[A-Z0-9_]*[A-Z0-9]", FOR_TESTS.sub("", ALL)))
    assert documented == settings


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_every_command_is_documented() -> None:
    every = list(commands(main, "screening"))
    assert every
    assert [one for one in every if not re.search(rf"\b{re.escape(one)}\b", COMMANDS)] == []


def test_every_documented_command_exists() -> None:
    every = "\n".join(page.read_text(encoding="utf-8") for page in DOCUMENTS)
    documented = set(
        re.findall(r"(?:^|`|bin/)screening ([a-z][a-z-]+(?: [a-z][a-z-]*)?)\b", every, re.MULTILINE)
    )
    known = {one.removeprefix("screening ") for one in commands(main, "screening")}
    groups = {name for name, command in inside(main).items() if isinstance(command, click.Group)}
    unknown = {one for one in documented if one not in known | groups and one.split()[0] not in known}
    assert unknown == set()


def test_every_option_of_a_documented_command_exists() -> None:
    """`screening serve --watch` in the documents is an option that `serve` has."""
    for line in re.findall(r"screening (serve\b[^`\n]*)", ALL):
        known = {option for parameter in inside(main)["serve"].params for option in parameter.opts}
        assert set(re.findall(r"--[a-z-]+", line)) <= known


def test_every_link_leads_to_a_file_and_a_heading_that_are_there() -> None:
    dead = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in DOCUMENTS
        for link in re.findall(r"\]\(([^)\s]+)\)", without_code(page.read_text(encoding="utf-8")))
        if not re.match(r"[a-z]+:", link) and not leads_somewhere(page, link)
    ]
    assert dead == []


def without_code(text: str) -> str:
    """Markdown without its blocks of code, where brackets are no links and `#` begins no heading."""
    return re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)


def leads_somewhere(page: Path, link: str) -> bool:
    file, _, anchor = link.partition("#")
    target = (page.parent / file).resolve() if file else page
    return target.exists() and (not anchor or anchor in anchors(target.read_text(encoding="utf-8")))


def anchors(text: str) -> set[str]:
    """What the headings of a page are called in its address, as hosts of repositories make it."""
    headings = re.findall(r"^#+ (.+)$", without_code(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}
