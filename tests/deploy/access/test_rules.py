"""The rules of access as the registry has them, without a broker."""

from contracts.topics import SERVICES
from deploy.access.rules import IN_REGIONS, agency_principal, agency_rules, service_principal, service_rules


def test_no_principal_has_a_rule_for_everything() -> None:
    rules = [*service_rules("x."), *agency_rules("x.", "guard")]
    assert {rule.principal for rule in rules} == {
        *(service_principal("x.", each) for each in SERVICES),
        agency_principal("x.", "guard"),
    }
    assert all(rule.name.startswith("x.") for rule in rules)
    groups_of_regions = {f"x.{service}." for service in IN_REGIONS}
    assert {rule.name for rule in rules if rule.pattern.name == "PREFIXED"} == {"x.guard.", *groups_of_regions}
    assert {rule.operation.name for rule in rules} == {"READ", "WRITE"}
