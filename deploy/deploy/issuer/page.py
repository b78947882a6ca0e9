"""The page of the development issuer on which one picks the officer to be."""

import base64
import hashlib
from collections.abc import Iterable, Mapping
from html import escape

from boundaries.areas import units
from casework.domain.officers import SCOPES, Scope

from deploy.issuer.grants import AuthorizationRequest, Officer, Rejected

_STYLE = (
    ":root{color-scheme:light dark}"
    "body{font:18px/1.5 system-ui,sans-serif;max-width:36rem;margin:2rem auto;padding:0 1rem}"
    "fieldset{border:1px solid;border-radius:6px;margin:0 0 1rem;padding:.5rem 1rem}"
    "label{display:block;padding:.5rem 0}select,input[type=text]{font:inherit;display:block;width:100%;min-height:44px}"
    "input[type=radio]{width:20px;height:20px;vertical-align:-3px}button{font:inherit;min-height:44px;padding:0 2rem}"
    ".note{border-left:4px solid;padding-left:1rem}.wrong{font-weight:bold}"
)
_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
HEADERS = {
    # The last form leads back to the desk, so that is where forms may lead.
    "Content-Security-Policy": f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none';"
    " frame-ancestors 'none'; form-action 'self' http://127.0.0.1:* http://localhost:*",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}
_ROLES = {
    "coordinator": "Koordynator",
    "beat_officer": "Dzielnicowy",
    "garrison": "Komenda wojewódzka",
    "headquarters": "Komenda Główna",
}


def page(request: AuthorizationRequest | None, wrong: str = "") -> str:
    """The page: a form where there is a request to grant, and what is `wrong` in words."""
    return "".join(_lines(request, wrong))


def chosen_officer(form: Mapping[str, str]) -> Officer:
    """The officer picked on the page. Raises Rejected for one that can't be."""
    role, subject, beat = form.get("role", ""), form.get("subject", "").strip(), form.get("beat", "").strip()
    scopes = {str(known): scope for known, scope in SCOPES.items()}
    if role not in scopes:
        raise Rejected("invalid_request", "Pick a role.")
    if not subject:
        raise Rejected("invalid_request", "Say who you are.")
    match scopes[role]:
        case Scope.UNIT:
            unit = units.units().get(form.get("unit", ""))
            if unit is None or not unit.powiats:
                raise Rejected("invalid_request", "Pick a unit.")
            return Officer(subject, role, unit.garrison, unit.code, beat or None)
        case Scope.GARRISON:
            if form.get("garrison") not in units.garrisons():
                raise Rejected("invalid_request", "Pick a garrison.")
            return Officer(subject, role, form["garrison"], None, None)
        case _:
            return Officer(subject, role, None, None, None)


def _lines(request: AuthorizationRequest | None, wrong: str) -> Iterable[str]:
    yield '<!doctype html><html lang="en"><meta charset="utf-8"><title>Development sign-in</title>'
    yield f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style><main>'
    yield "<h1>Development sign-in</h1>"
    yield '<p class="note">This is for development and demonstrations only: anybody may be anybody here. A real system'
    yield " signs officers in at the police's own identity provider.</p>"
    if wrong:
        yield f'<p class="wrong" role="alert">{escape(wrong)}</p>'
    if request is not None:
        yield from _form(request)
    yield "</main></html>"


def _form(request: AuthorizationRequest) -> Iterable[str]:
    yield '<form method="post" action="/authorize">'
    for name, value in request.parameters.items():
        yield f'<input type="hidden" name="{name}" value="{escape(value)}">'
    yield "<fieldset><legend>Role</legend>"
    for role, polish in _ROLES.items():
        checked = " checked" if role == "coordinator" else ""
        yield f'<label><input type="radio" name="role" value="{role}"{checked}> {escape(polish)} ({role})</label>'
    yield '</fieldset><label>Unit (coordinator, beat officer)<select name="unit">'
    for garrison in units.garrisons().values():
        yield f'<optgroup label="{escape(garrison.name)}">'
        for unit in units.units_of(garrison.code):
            yield f'<option value="{escape(unit.code)}">{escape(unit.short_name)} ({escape(unit.code)})</option>'
        yield "</optgroup>"
    yield '</select></label><label>Garrison (garrison)<select name="garrison">'
    for garrison in units.garrisons().values():
        yield f'<option value="{escape(garrison.code)}">{escape(garrison.name)} ({escape(garrison.code)})</option>'
    yield '</select></label><label>Beat (beat officer, its code; may stay empty)<input type="text" name="beat"'
    yield ' maxlength="64" pattern="[A-Za-z0-9_.\\-]*"></label>'
    yield '<label>Who you are<input type="text" name="subject" value="officer" maxlength="64" required></label>'
    yield '<p><button type="submit">Sign in</button></p></form>'
