"""Who is on duty is told what can't wait, at the address of the roster; everything else goes by the directory."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from chassis.postgres import Database
from contracts.base import HEADQUARTERS, Owner
from contracts.events.cases import CaseOpened, Role
from contracts.events.clocks import DeadlineMissed
from contracts.events.duty.rosters import DutyTime, RosterChanged
from contracts.events.duty.surges import SurgeAcknowledged, SurgeEscalated, SurgeRaised
from contracts.events.notices import Channel
from notifier.settings import Settings
from support.events import OPOLE, SUBMITTED, report_id
from support.histories import Life
from support.notifier.mail import ScriptedMailServer
from support.notifier.notifying import DIRECTORY, Service, clock
from support.stack.databases import Clone

HOUR = timedelta(hours=1)


def roster(
    version: int, *times: tuple[float, float, str], garrison: str = "OPO", unit: str = OPOLE.unit
) -> RosterChanged:
    """A desk's roster: from and until so many hours from now, and the address."""
    now = datetime.now(UTC)
    return RosterChanged(
        garrison=garrison,
        unit=unit,
        version=version,
        changed_at=now,
        times=tuple(
            DutyTime(starts_at=now + begins * HOUR, ends_at=now + ends * HOUR, email=email)
            for begins, ends, email in times
        ),
    )


def surge(owner: Owner = OPOLE) -> dict[str, Any]:
    """What all events of an alarm have."""
    return {
        "report_id": report_id(7),
        "surge_id": report_id(7),
        "owner": owner,
        "longitude": 17.92,
        "latitude": 50.67,
        "reports": 6,
        "first_at": SUBMITTED,
        "last_at": SUBMITTED,
        "raised_at": SUBMITTED,
    }


def told(service: Service, smtp: ScriptedMailServer) -> list[str]:
    """To whom everything went that is due."""
    service.send_due()
    found = [str(mail["To"]) for mail in smtp.mails]
    smtp.mails.clear()
    return sorted(found)


def test_an_alarm_goes_to_whoever_is_on_duty(service: Service, smtp: ScriptedMailServer) -> None:
    service.handle(roster(1, (-1, 1, "nowak@policja.example"), (1, 2, "spi@policja.example")))
    service.handle(SurgeRaised(**surge()))
    service.handle(SurgeRaised(**surge()))
    service.send_due()
    [mail] = smtp.mails
    assert mail["To"] == "nowak@policja.example"
    assert "ALARM" in mail["Subject"]
    assert "6 zgłoszeń" in mail.get_content()


def test_without_a_roster_or_between_turns_it_goes_by_the_units_own_channel(
    service: Service, smtp: ScriptedMailServer
) -> None:
    service.handle(SurgeRaised(**surge()))
    assert told(service, smtp) == ["kmp-1661@policja.example"]
    service.handle(roster(1, (-2, -1, "byl@policja.example"), (1, 2, "bedzie@policja.example")))
    service.handle(DeadlineMissed(**clock(Life(1))))
    assert told(service, smtp) == ["kmp-1661@policja.example"]


def test_what_can_wait_goes_by_the_directory_whoever_is_on_duty(service: Service, smtp: ScriptedMailServer) -> None:
    service.handle(roster(1, (-1, 1, "nowak@policja.example")))
    service.handle(*Life(1).then(CaseOpened, 1).events)
    assert told(service, smtp) == ["kmp-1661@policja.example"]
    service.handle(DeadlineMissed(**clock(Life(1))))
    assert told(service, smtp) == ["nowak@policja.example"]


def test_of_several_rosters_of_a_desk_the_newest_holds_in_any_order(service: Service, smtp: ScriptedMailServer) -> None:
    versions = [roster(n, (-1, 1, f"v{n}@policja.example")) for n in (1, 2, 3)]
    for number, order in enumerate(permutations(versions)):
        service.execute("delete from roster")
        for event in order:
            service.handle(event)
        service.handle(DeadlineMissed(**clock(Life(100 + number))))
        assert told(service, smtp) == ["v3@policja.example"]
    service.execute("delete from roster")
    service.handle(*reversed(versions))
    assert service.query("select version from roster") == [{"version": 3}]


def test_garrison_and_headquarters_have_duty_of_their_own(service: Service, smtp: ScriptedMailServer) -> None:
    service.handle(
        roster(1, (-1, 1, "garnizon@policja.example"), unit="OPO"),
        roster(1, (-1, 1, "kgp@policja.example"), garrison="KGP", unit="KGP"),
    )
    for to in ("garrison", "headquarters"):
        service.handle(SurgeEscalated(**surge(), to=to, escalated_at=SUBMITTED))
        assert told(service, smtp) == [{"garrison": "garnizon", "headquarters": "kgp"}[to] + "@policja.example"]
    service.handle(SurgeRaised(**{**surge(HEADQUARTERS), "surge_id": report_id(8), "report_id": report_id(8)}))
    assert told(service, smtp) == ["kgp@policja.example"]
    service.handle(SurgeAcknowledged(**surge(), acknowledged_at=SUBMITTED, actor=Role.GARRISON))
    assert told(service, smtp) == []


def test_where_two_garrisons_have_a_unit_of_one_code_the_directory_decides(
    service: Service, smtp: ScriptedMailServer
) -> None:
    service.handle(roster(1, (-1, 1, "a@policja.example")))
    service.handle(roster(1, (-1, 1, "b@policja.example"), garrison="KAT"))
    service.handle(SurgeRaised(**surge()))
    assert told(service, smtp) == ["kmp-1661@policja.example"]


@pytest.fixture
def by_log(clone: Clone, make_settings: Callable[..., Settings]) -> Iterator[Service]:
    """A service whose units have no address."""
    database = Database(clone.service)
    yield Service(make_settings(DIRECTORY.replace('email = "{code}@policja.example"', "log = true", 1)), database)
    database.close()


def test_a_roster_opens_mail_where_the_directory_has_none(by_log: Service, smtp: ScriptedMailServer) -> None:
    by_log.handle(SurgeRaised(**surge()))
    assert told(by_log, smtp) == []
    assert by_log.send_due(Channel.LOG) == 1
    by_log.handle(roster(1, (-1, 1, "nowak@policja.example")))
    by_log.handle(DeadlineMissed(**clock(Life(1))))
    assert told(by_log, smtp) == ["nowak@policja.example"]
    assert by_log.send_due(Channel.LOG) == 1
