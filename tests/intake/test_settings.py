"""A wrong setting is refused before anything starts, by the name of its variable."""

from ipaddress import ip_network

import pytest
from chassis.settings import load
from intake.settings import Settings
from support.intake.memory_log import RECEIPT_SECRET, SECRET

RIGHT = {
    "KMZB_KAFKA_BOOTSTRAP": "127.0.0.1:9092",
    "KMZB_INTAKE_SECRET": SECRET,
    "KMZB_INTAKE_RECEIPT_SECRET": RECEIPT_SECRET,
    "KMZB_INTAKE_CONTACT_PUBLIC_KEY": "A" * 43 + "=",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in RIGHT.items():
        monkeypatch.setenv(name, value)


def test_proxies_are_networks_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KMZB_INTAKE_TRUSTED_PROXIES", "10.0.0.0/8, 2001:db8::/32,127.0.0.1")
    told = load(Settings, "intake")
    assert told.trusted_proxies == tuple(map(ip_network, ("10.0.0.0/8", "2001:db8::/32", "127.0.0.1/32")))
    assert (told.reports_per_hour, told.reports_per_day, told.reports_per_place) == (5, 20, 1)
    assert SECRET not in repr(told)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("KMZB_INTAKE_SECRET", "not hex"),
        ("KMZB_INTAKE_SECRET", "1f" * 31),
        ("KMZB_INTAKE_RECEIPT_SECRET", ""),
        ("KMZB_INTAKE_CONTACT_PUBLIC_KEY", "AAAA"),
        ("KMZB_INTAKE_CONTACT_PUBLIC_KEY", "!"),
        ("KMZB_INTAKE_TRUSTED_PROXIES", "10.0.0.1/8"),
        ("KMZB_INTAKE_TRUSTED_PROXIES", "anybody"),
        ("KMZB_INTAKE_REPORTS_PER_HOUR", "0"),
        ("KMZB_INTAKE_REPORTS_PER_HUOR", "5"),
    ],
)
def test_a_wrong_setting_is_named(
    variable: str, value: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as ended:
        load(Settings, "intake")
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert variable in said
    assert SECRET not in said


def test_an_answer_has_time_for_two_deliveries(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KMZB_INTAKE_DELIVERY_TIMEOUT", "PT10S")
    with pytest.raises(SystemExit):
        load(Settings, "intake")
    assert "two deliveries" in capsys.readouterr().err
