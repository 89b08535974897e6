"""Settings: every wrong one in one go, none silently ignored, and none that reaches a template as a whole."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import Field, ValidationError
from pydantic.fields import FieldInfo

from screening.core.errors import NotReady
from screening.settings import Settings, environment, shipped
from screening.settings.environment import load_settings
from tests.test_documents_tell_the_truth import SETTINGS


@pytest.mark.parametrize("name", ["SCREENING_TRAIL", "SCREENING_CLINIC_TELEPHONE", "SCREENING_XYZZY"])
def test_a_variable_that_is_no_setting_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "false")
    with pytest.raises(NotReady, match=name):
        load_settings()


def test_a_near_miss_names_the_setting_that_was_meant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCREENING_TRAIL", "false")
    with pytest.raises(NotReady, match="SCREENING_TRIAL"):
        load_settings()


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {"SCREENING_TRIALS": "false", "SCREENING_PORT": "99999", "SCREENING_REGION": "gb"}
    for name, value in wrong.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(NotReady) as refused:
        load_settings()
    assert all(name in str(refused.value) for name in wrong)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "abc"),
        ("port", "8.5"),
        ("port", "-1"),
        ("proxies", "99"),
        ("trial", "maybe"),
        ("doors", "front"),
    ],
)
def test_what_is_wrong_is_told_to_an_operator_and_not_in_the_words_of_a_library(
    name: str, value: str
) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({name: value})
    with pytest.raises(NotReady, match=f"SCREENING_{name.upper()}") as refused:
        load_settings(**{name: value})
    assert caught.value.errors()[0]["msg"] not in str(refused.value)


@pytest.mark.parametrize("name", ["xx_YY", "en-GB", "English"])
def test_a_language_that_nobody_knows_is_told_before_a_page_needs_it(name: str) -> None:
    with pytest.raises(NotReady, match="SCREENING_LANGUAGE") as refused:
        load_settings(language=name)
    assert "Value error" not in str(refused.value)  # what pydantic says before our words


@pytest.mark.parametrize("name", ["QQ", "UK", "gb", "GBR"])
def test_a_region_whose_numbers_nobody_knows_is_told_before_a_patient_gives_one(name: str) -> None:
    with pytest.raises(NotReady, match="SCREENING_REGION"):
        load_settings(region=name)


def test_settings_that_do_not_go_together_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"TRIAL": "false", "SMTP_HOST": "mail.example.org", "SMTP_TLS": "none"}.items():
        monkeypatch.setenv(f"SCREENING_{name}", value)
    with pytest.raises(NotReady) as refused:
        load_settings(secret_key="short")
    told = str(refused.value)
    for name in ("CLINIC_PHONE", "MAIL_FROM", "SMTP_TLS", "SECRET_KEY"):
        assert f"SCREENING_{name}" in told


def test_what_does_not_go_together_is_told_beside_what_is_wrong_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wrong = {"TRAIL": "no", "PORT": "99999", "TRIAL": "false", "SMTP_TLS": "none", "PROMISE_HOURS": "a day"}
    for name, value in (wrong | {"SMTP_HOST": "mail.example.org", "MAIL_FROM": "nobody"}).items():
        monkeypatch.setenv(f"SCREENING_{name}", value)
    with pytest.raises(NotReady) as refused:
        load_settings()
    told = [line.split(":")[0].split("=")[0] for line in str(refused.value).splitlines()]
    # That mail needs a sender is not said: the one that is named is wrong, and told as such.
    assert sorted(told) == [f"SCREENING_{name}" for name in sorted({*wrong, "MAIL_FROM"})]


def test_a_setting_costs_one_line_and_its_row_in_the_docs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class More(Settings):
        tea_time: str = Field("16:00", description="when tea is served")

    monkeypatch.setattr(environment, "Settings", More)
    monkeypatch.setenv("SCREENING_TEA_TIME", "15:30")
    assert getattr(load_settings(), "tea_time") == "15:30"  # noqa: B009  # it is made at run time
    monkeypatch.delenv("SCREENING_TEA_TIME")
    monkeypatch.setenv("SCREENING_TEATIME", "15:30")
    with pytest.raises(NotReady, match="SCREENING_TEA_TIME"):
        load_settings()
    assert missing_rows(Settings) == []
    assert missing_rows(More) == ["SCREENING_TEA_TIME"]


def missing_rows(kind: type[Settings]) -> list[str]:
    """Settings without their whole row in docs/settings.md: name, default, what it is for."""
    lines = SETTINGS.splitlines()
    fields = kind.model_fields.items()
    return [f"SCREENING_{name.upper()}" for name, field in fields if row_of(name, field) not in lines]


def row_of(name: str, field: FieldInfo) -> str:
    """The row as it must stand; what is made at the start is said in words."""
    if field.default_factory is not None:
        default = "the shipped rules"
    elif field.default in (None, ""):
        default = "*(empty)*"
    else:
        default = f"`{str(field.default).lower() if isinstance(field.default, bool) else field.default}`"
    return f"| `SCREENING_{name.upper()}` | {default} | {field.description} |"


def test_a_name_that_is_no_setting_is_refused_when_the_program_gives_it() -> None:
    with pytest.raises(NotReady) as refused:
        load_settings(trail=False, port=99999)
    told = str(refused.value)
    assert "SCREENING_TRIAL" in told
    assert "SCREENING_PORT" in told
    assert len(told.splitlines()) == 2
    with pytest.raises(ValidationError, match="trail"):
        Settings(trail=False)  # type: ignore[call-arg]  # that is what is refused


def test_no_template_is_given_all_settings() -> None:
    templates = [path for path in shipped("templates").rglob("*") if path.is_file()]
    assert templates
    assert [str(path) for path in templates if "settings" in _code(path)] == []


def _code(path: Path) -> str:
    """What a template looks up, and not what it says."""
    text = path.read_text(encoding="utf-8")
    return " ".join(part.split("}")[0] for part in text.replace("{%", "{{").split("{{")[1:])
