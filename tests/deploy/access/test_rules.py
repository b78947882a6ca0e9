"""The rules of access as the registry has them, without a broker."""

from contracts.topics import SERVICES
from deploy.access.rules import (
    agency_principal,
    agency_rules,
    members_of,
    region_rules,
    service_principal,
    service_rules,
)


def test_no_principal_has_a_rule_for_everything() -> None:
    rules = [*service_rules("x."), *agency_rules("x.", "guard")]
    assert {rule.principal for rule in rules} == {
        *(service_principal("x.", each) for each in SERVICES),
        agency_principal("x.", "guard"),
    }
    assert all(rule.name.startswith("x.") for rule in rules)
    assert {rule.name for rule in rules if rule.pattern.name == "PREFIXED"} == {"x.guard."}
    assert {rule.operation.name for rule in rules} == {"READ", "WRITE"}


def test_a_regions_services_may_no_more_than_the_nations_and_have_groups_of_their_own() -> None:
    nation = {(rule.principal, rule.name, rule.operation) for rule in service_rules("x.")}
    own = region_rules("x.", "wroclaw")
    assert {rule.principal for rule in own} == {f"x.{member}" for member in members_of(["wroclaw"])}
    beyond = {
        rule.name for rule in own if (rule.principal.removesuffix(".wroclaw"), rule.name, rule.operation) not in nation
    }
    assert beyond == {f"x.{member}" for member in members_of(["wroclaw"])}  # its groups
    assert not [rule for rule in own if "heartbeat" in rule.name]
    answers = {rule.principal for rule in agency_rules("x.", "guard", ["wroclaw"]) if rule.name.endswith("answer.v1")}
    assert answers == {"x.agency.guard", "x.casework", "x.casework.wroclaw"}
