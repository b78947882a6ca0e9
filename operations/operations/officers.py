"""Which officers there can be: a development token that no service would believe is not printed."""

from boundaries.areas import units
from casework.domain.officers import SCOPES, Scope
from deploy.stack.process import StackError
from deploy.suggestions import no_such


def place_of(role: str, unit: str | None, garrison: str | None) -> tuple[str | None, str | None]:
    """The unit and the garrison an officer's token names. Raises StackError where role and place make no officer."""
    scopes = {str(known): scope for known, scope in SCOPES.items()}
    if role not in scopes:
        raise StackError(no_such("role ", role, scopes))
    if garrison is not None and garrison not in units.garrisons():
        raise StackError(no_such("garrison ", garrison, units.garrisons()))
    answering = {code: known for code, known in units.units().items() if known.powiats}
    if unit is not None and unit not in answering:
        raise StackError(no_such("unit ", unit, answering))
    if unit is not None:
        if garrison not in (None, answering[unit].garrison):
            raise StackError(f"{unit} belongs to {answering[unit].garrison}, not to {garrison}")
        garrison = answering[unit].garrison
    if scopes[role] is Scope.UNIT and unit is None:
        raise StackError(f"a {role} works in a unit: --unit KMP-1661")
    if scopes[role] is Scope.GARRISON and garrison is None:
        raise StackError(f"a {role} works in a garrison: --garrison OPO")
    return unit, garrison
