"""What the browser is given: small, from here alone, and readable."""

from __future__ import annotations

import gzip
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

from screening.web.components import COMPONENTS

PACKAGE = Path(__file__).parents[2] / "screening"
SOURCES = PACKAGE / "assets"
BUILT = PACKAGE / "static" / "built"
STYLE_BUDGET = 14_500  # bytes, compressed; 12 KB with the desk's lists and pages
SCRIPT_BUDGET = 9_000

STYLE_SOURCE = (SOURCES / "style.scss").read_text()
COLOURS = dict(re.findall(r"^\$([a-z-]+): (#[0-9a-f]{6});", STYLE_SOURCE, re.MULTILINE))


def built(name: str) -> str:
    file = BUILT / name
    assert file.is_file(), f"{file.name} is not built: run `pip install -e .`"
    return file.read_text()


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("assets_build", SOURCES / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_lock_names_no_registry_and_keeps_every_digest() -> None:
    packages = json.loads((SOURCES / "package-lock.json").read_text())["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
    assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_the_packages_that_are_built_with_are_pinned() -> None:
    wanted = json.loads((SOURCES / "package.json").read_text())["devDependencies"]
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


def test_the_style_is_compiled_for_exactly_the_components_in_use() -> None:
    assert set(re.findall(r'govuk/components/([a-z-]+)"', STYLE_SOURCE)) == COMPONENTS


def test_the_style_asks_for_nothing_from_elsewhere() -> None:
    style = built("style.css")
    assert re.findall(r"url\(|@import|@font-face", style) == []


def test_style_and_script_stay_small() -> None:
    assert len(gzip.compress(built("style.css").encode())) < STYLE_BUDGET
    assert len(gzip.compress(built("script.js").encode())) < SCRIPT_BUDGET


def test_the_script_needs_no_exception_from_the_content_policy() -> None:
    assert re.findall(r"\beval\(|new Function\(|\.innerHTML|\.style\.|import\(", built("script.js")) == []


def luminance(colour: str) -> float:
    """As WCAG 2 defines relative luminance, 0 to 1."""
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(COLOURS[one]), luminance(COLOURS[other])))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    ("words", "ground"),
    [
        *(
            (words, ground)
            for words in ("text", "text-quiet", "link", "error")
            for ground in ("page", "surface")
        ),
        *((words, "page") for words in ("brand", "link-hover", "link-visited", "success")),
        ("brand-text", "brand"),
        ("page", "brand"),
        ("page", "success"),
        ("button-text", "button"),
        ("button-text", "button-hover"),
        ("emergency-text", "emergency"),
        ("urgent-text", "urgent"),
        ("focus-text", "focus"),
        *(
            (f"dark-{words}", f"dark-{ground}")
            for words in (
                "text",
                "text-quiet",
                "link",
                "link-hover",
                "link-visited",
                "error",
                "brand",
                "success",
            )
            for ground in ("page", "surface")
        ),
        ("dark-brand-text", "dark-brand"),
        ("dark-brand-text", "dark-success"),
        ("button-text", "dark-button"),
        ("button-text", "dark-button-hover"),
    ],
)
def test_words_stand_out_from_their_ground(words: str, ground: str) -> None:
    assert contrast(words, ground) >= 4.5


def test_a_second_build_from_the_same_inputs_does_nothing(
    build: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def compiled(workshop: Path) -> None:
        (workshop / "built").mkdir()
        for file in build.every_output():
            (workshop / "built" / file).write_text(file)

    monkeypatch.setattr(build, "compile_in", compiled)
    assert build.build(SOURCES, tmp_path / "built")
    assert not build.build(SOURCES, tmp_path / "built")
    (tmp_path / "built" / "style.css").unlink()
    assert build.build(SOURCES, tmp_path / "built")


def test_every_source_counts_as_an_input(build: ModuleType) -> None:
    files = {file.name for file in SOURCES.iterdir() if file.is_file()}
    assert files == set(build.INPUTS)


def test_a_step_that_fails_stops_the_build_and_says_what_it_said(build: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"absent\.js"):
        build.node(tmp_path, "absent.js")
