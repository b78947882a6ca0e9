"""The pages of subscriptions: where one is asked for, and behind its link where it is confirmed and ended.

Asking and reading change nothing but that one mail is sent, to the address that was named; buttons do. Whether an
address is subscribed already is told to nobody but who reads its mail.
"""

from collections.abc import Callable, Mapping
from typing import Annotated, Any
from urllib.parse import parse_qs, quote
from uuid import UUID, uuid4

from chassis.postgres import Connection, Database
from contracts.addresses import email_address
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from nacl.public import PrivateKey
from web.design.pages import Pages, page_language

from notifier.contacts.mailboxes import mailbox_key
from notifier.contacts.sealing import seal_address
from notifier.domain.subscriptions.areas import Area, read_area
from notifier.links import Purpose, read_token
from notifier.store.subscriptions.asking import (
    delete_subscription,
    find_subscription,
    insert_subscription,
    update_subscription_confirmed,
)

# The address of a page is a secret, and so may be what is read on it.
_SECRET = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex, nofollow"}
_FORM: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/x-www-form-urlencoded": {"schema": {"type": "object", "required": ["email"]}}},
    }
}
_ONE_CLICK: dict[str, Any] = {
    "requestBody": {"content": {"application/x-www-form-urlencoded": {"schema": {"type": "object"}}}}
}


async def _raw(request: Request) -> bytes:
    return await request.body()


def subscription_routes(pages: Pages, database: Database, secret: bytes, key: PrivateKey) -> APIRouter:
    """The pages. A link we did not write, or whose subscription has ended, gives 404 and no more."""
    routes = APIRouter(prefix=Purpose.SUBSCRIPTION.path, tags=["subscriptions"])

    def page(request: Request, state: str, status: int = 200, **more: Any) -> Response:
        values = {"area": None, "query": "", "written": "", "error": "", **more}
        return pages.render(request, "subscription.html", headers=_SECRET, status_code=status, state=state, **values)

    @routes.get("", summary="Where changes of a unit or an area are subscribed to.", response_class=HTMLResponse)
    def form(request: Request) -> Response:
        area = _area(request.query_params)
        return page(request, "form" if area else "no-area", 200 if area else 422, area=area)

    @routes.post("", summary="Have an address asked.", response_class=HTMLResponse, openapi_extra=_FORM)
    def ask(request: Request, body: Annotated[bytes, Depends(_raw)]) -> Response:
        area, written = _area(request.query_params), _fields(body).get("email", "")
        if area is None:
            return page(request, "no-area", 422)
        try:
            address = email_address(written)
        except ValueError:
            return page(request, "form", 422, area=area, written=written[:254], error="address")
        with database.transaction() as connection:
            insert_subscription(
                connection, uuid4(), mailbox_key(address, secret), seal_address(address, key), page_language(request),
                area,
            )  # fmt: skip
        return page(request, "asked", area=area)

    _add_held(routes, database, secret, page)
    return routes


def _add_held(routes: APIRouter, database: Database, secret: bytes, page: Callable[..., Response]) -> None:
    """The page of whoever holds a link, and its buttons."""

    def held(request: Request, token: str, change: Callable[[Connection, UUID], object] | None = None) -> Response:
        subscription_id = read_token(Purpose.SUBSCRIPTION, token, secret)
        with database.transaction() as connection:
            before = find_subscription(connection, subscription_id) if subscription_id else None
            if before is None or subscription_id is None:
                return page(request, "unknown", 404)
            if change:
                change(connection, subscription_id)
            after = find_subscription(connection, subscription_id)
        state = "ended" if after is None else "confirmed" if after.confirmed_at else "asking"
        # Mail names no language in its link: who opens it reads what they asked in.
        language = None if "lang" in request.query_params else before.language
        return page(request, state, area=before.area, token=token, language=language)

    @routes.get("/{token}", summary="What it is of, and how it stands.", response_class=HTMLResponse)
    def read(request: Request, token: str) -> Response:
        return held(request, token)

    @routes.post("/{token}", summary="Yes: write to me.", response_class=HTMLResponse)
    def confirm(request: Request, token: str) -> Response:
        return held(request, token, update_subscription_confirmed)

    @routes.get("/{token}/end", summary="Where a mail program leads who wants no more mail: to the page.")
    def leave(token: str) -> RedirectResponse:
        return RedirectResponse(f"../{quote(token, safe='')}", 303, headers=_SECRET)

    @routes.post(
        "/{token}/end", summary="No more: the button, and a mail program's one click (RFC 8058).",
        response_class=HTMLResponse, openapi_extra=_ONE_CLICK,
    )  # fmt: skip
    def end(request: Request, token: str) -> Response:
        return held(request, token, delete_subscription)


def _area(asked: Mapping[str, str]) -> Area | None:
    try:
        return read_area(asked)
    except ValueError:
        return None


def _fields(body: bytes) -> dict[str, str]:
    """The fields of a form, the first of each name; none of what is no form."""
    try:
        return {name: values[0] for name, values in parse_qs(body.decode(), max_num_fields=8).items()}
    except ValueError:
        return {}
