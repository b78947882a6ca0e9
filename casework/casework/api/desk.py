"""The desk's pages. They hold no data and need no token: what they show comes through the API, with the officer's."""

import json
from dataclasses import dataclass
from typing import Any, Protocol

from contracts.policy.categories import catalogues, category
from contracts.statuses import LABELS, Language
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, Response
from web.design.pages import Pages, page_language
from web.design.policies import PLAIN, Needs
from web.texts.languages import NAMES


class SignIn(Protocol):
    """Where a browser signs in as `client_id`: at what the discovery document names, or at both addresses."""

    @property
    def client_id(self) -> str: ...
    @property
    def discovery_url(self) -> str | None: ...
    @property
    def authorization_url(self) -> str | None: ...
    @property
    def token_url(self) -> str | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInAt:
    """A `SignIn` in values."""

    client_id: str
    discovery_url: str | None = None
    authorization_url: str | None = None
    token_url: str | None = None


NOWHERE = SignInAt(client_id="")


def mount_desk(api: FastAPI, sign_in: SignIn) -> None:
    """Serve the desk and its files."""
    pages = Pages("casework", connect=[url for url in (sign_in.discovery_url, sign_in.token_url) if url])
    pages.mount(api)
    api.include_router(_routes(pages, sign_in))


def _routes(pages: Pages, sign_in: SignIn) -> APIRouter:
    routes = APIRouter(tags=["desk"])
    # Without the rest of the address: what an identity provider put there is for the desk's scripts alone.
    links = [(code, name, f"?lang={code}") for code, name in NAMES.items()]

    def page(request: Request, template: str, needs: Needs) -> Response:
        told = _page(sign_in, page_language(request))
        return pages.render(request, template, needs=needs, page=told, links=links)

    @routes.get("/", summary="The officers' desk", response_class=HTMLResponse)
    @routes.get("/desk", summary="The officers' desk", response_class=HTMLResponse)
    def desk(request: Request) -> Response:
        return page(request, "desk.html", Needs(map=True))

    @routes.get("/desk/duty", summary="Who is on duty", response_class=HTMLResponse)
    @routes.get("/desk/overview", summary="Who is late", response_class=HTMLResponse)
    @routes.get("/desk/wall", summary="The duty officer's wall", response_class=HTMLResponse)
    def desk_page(request: Request) -> Response:
        return page(request, f"{request.url.path.rpartition('/')[2]}.html", PLAIN)

    @routes.get("/desk/today", summary="The beat officer's checks of today", response_class=HTMLResponse)
    def today(request: Request) -> Response:
        return pages.render(
            request, "today.html", needs=Needs(location=True), page=_page(sign_in, page_language(request))
        )

    @routes.get("/desk/today/worker.js", summary="What keeps that page for when there is no connection")
    def worker() -> Response:
        kept = json.dumps({"release": pages.files.digest, "files": [pages.asset(name) for name in _offline(pages)]})
        headers = {
            "Cache-Control": "no-cache",
            "Content-Security-Policy": "default-src 'none'; connect-src 'self'",
            "Service-Worker-Allowed": "/desk/today",
        }
        text = f"self.KEPT = {kept};\n{pages.files.text('today/worker.js')}"
        return Response(text, media_type="text/javascript", headers=headers)

    return routes


def _offline(pages: Pages) -> list[str]:
    """The files the page of today needs: all but maps and what draws them."""
    return [
        name
        for name in pages.files.names()
        if name.endswith((".js", ".css", ".svg")) and not name.startswith(("design/map/", "design/vendor/"))
    ]


def _page(sign_in: SignIn, language: Language) -> dict[str, Any]:
    """What the desk's scripts are told."""
    codes = {known.code: known for catalogue in catalogues() for known in catalogue.category}
    newest = [known for code in codes if (known := category(code))]
    where = {
        "client": sign_in.client_id,
        "discovery": sign_in.discovery_url,
        "authorization": sign_in.authorization_url,
        "token": sign_in.token_url,
    }
    usable = sign_in.discovery_url or (sign_in.authorization_url and sign_in.token_url)
    return {
        "sign_in": where if usable else None,
        "categories": {
            known.code: {"name": known.name(language), "executor": known.executor, "agency": known.agency}
            for known in newest
        },
        "statuses": {status: labels[language] for status, labels in LABELS.items()},
    }
