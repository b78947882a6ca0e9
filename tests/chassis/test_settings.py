"""A service refuses to start on settings that are wrong, and names the variable."""

from datetime import timedelta
from pathlib import Path

import pytest
from chassis.settings import Settings, TermsFile, load, variables
from pydantic import Field


class ExampleSettings(Settings, env_prefix="KMZB_ROUTING_"):
    nearest_m: float = Field(default=500, ge=0)
    terms_file: TermsFile = None
    pause: timedelta = timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _environment(monkeypatch: pytest.MonkeyPatch) -> None:
    import os

    for name in [name for name in os.environ if name.startswith("KMZB_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("KMZB_KAFKA_BOOTSTRAP", "127.0.0.1:1")


def refused(capsys: pytest.CaptureFixture[str]) -> str:
    with pytest.raises(SystemExit) as caught:
        load(ExampleSettings, "routing")
    assert caught.value.code == 2
    return capsys.readouterr().err


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KMZB_ROUTING_NEAREST_M", "250")
    settings = load(ExampleSettings, "routing")
    assert (settings.kafka_bootstrap, settings.nearest_m) == ("127.0.0.1:1", 250)


def test_a_missing_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("KMZB_KAFKA_BOOTSTRAP")
    assert "KMZB_KAFKA_BOOTSTRAP" in refused(capsys)


def test_a_wrong_value_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setenv("KMZB_ROUTING_NEAREST_M", "far")
    assert "KMZB_ROUTING_NEAREST_M" in refused(capsys)


@pytest.mark.parametrize("name", ["KMZB_ROUTING_NEARES_M", "KMZB_KAFKA_BOOTSTRAPS", "KMZB_ROUTNG_URL"])
def test_a_name_that_no_service_declares_is_refused(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, "1")
    assert f"{name}: no service knows this setting" in refused(capsys)


@pytest.mark.parametrize(
    ("given", "why"),
    [
        (("USER", "PASSWORD"), "with KMZB_KAFKA_USER goes KMZB_KAFKA_CA"),
        (("USER", "CA"), "with KMZB_KAFKA_USER goes KMZB_KAFKA_PASSWORD"),
        (("PASSWORD",), "with KMZB_KAFKA_PASSWORD goes KMZB_KAFKA_USER"),
        (("CERTIFICATE", "KEY"), "with KMZB_KAFKA_CERTIFICATE goes KMZB_KAFKA_CA"),
        (("CA", "KEY"), "KMZB_KAFKA_CERTIFICATE and KMZB_KAFKA_KEY go together"),
    ],
)
def test_no_password_is_ever_said_in_the_clear(
    given: tuple[str, ...], why: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in given:
        monkeypatch.setenv(f"KMZB_KAFKA_{name}", __file__)
    said = refused(capsys)
    assert why in said
    assert __file__ not in said


@pytest.mark.parametrize("text", [None, "not = [toml", "[[terms]]\nversion = 1"])
def test_terms_that_cannot_be_read_are_refused(
    text: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "terms.toml"
    if text is not None:
        file.write_text(text)
    monkeypatch.setenv("KMZB_TERMS_FILE", str(file))
    assert f"KMZB_TERMS_FILE: Value error, {file} cannot be used" in refused(capsys)


def test_a_service_without_terms_does_not_look_at_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KMZB_TERMS_FILE", "nowhere.toml")
    assert not hasattr(load(Settings, "casework"), "terms_file")


def test_other_services_settings_are_theirs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KMZB_CASEWORK_POSTGRES_DSN", "postgresql://…")
    monkeypatch.setenv("KMZB_POSTGRES_ADMIN_DSN", "postgresql://…")
    assert load(ExampleSettings, "routing").nearest_m == 500


def test_settings_of_another_system_take_nothing_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KMZB_KAFKA_USER", "somebody")
    monkeypatch.setenv("KMZB_ROUTING_NEAREST_M", "250")
    settings = ExampleSettings.from_variables(
        {"KMZB_KAFKA_BOOTSTRAP": "127.0.0.1:2", "KMZB_REDIS_URL": "no field of it"}
    )
    assert (settings.kafka_bootstrap, settings.kafka_user, settings.nearest_m) == ("127.0.0.1:2", "", 500)
    with pytest.raises(ValueError, match="KMZB_ROUTING_NEAREST_M: "):
        ExampleSettings.from_variables({"KMZB_KAFKA_BOOTSTRAP": "127.0.0.1:2", "KMZB_ROUTING_NEAREST_M": "far"})


def test_every_field_has_one_variable() -> None:
    names = variables(ExampleSettings)
    assert names["nearest_m"] == "KMZB_ROUTING_NEAREST_M"
    assert names["kafka_bootstrap"] == "KMZB_KAFKA_BOOTSTRAP"
    assert len(set(names.values())) == len(names)
