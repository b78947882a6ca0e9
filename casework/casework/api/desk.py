"""The desk's pages. They hold no data and need no token: what they show comes through the API, with the officer's."""

from dataclasses import dataclass
from typing import Any

from contracts.policy.categories import catalogues, category
from contracts.statuses import LABELS, Language
from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from web.design.pages import Pages, page_language
from web.design.policies import Needs


@dataclass(frozen=True, slots=True, kw_only=True)
class SignIn:
    """Where a browser signs in: at what the discovery document names, or at both addresses. `client` is the desk's name
    there.
    """

    client: str
    discovery: str | None = None
    authorization: str | None = None
    token: str | None = None

    @property
    def urls(self) -> list[str]:
        """The addresses the desk's scripts speak to."""
        return [url for url in (self.discovery, self.token) if url]

    @property
    def usable(self) -> bool:
        """Whether there is anywhere to sign in at."""
        return bool(self.discovery or (self.authorization and self.token))


def mount_desk(api: FastAPI, sign_in: SignIn) -> None:
    """Serve the desk and its files."""
    pages = Pages("casework", connect=sign_in.urls)
    pages.mount(api)
    api.include_router(_routes(pages, sign_in))


def _routes(pages: Pages, sign_in: SignIn) -> APIRouter:
    routes = APIRouter(tags=["desk"])

    @routes.get("/", summary="To the desk", response_class=HTMLResponse)
    def root() -> Response:
        return RedirectResponse("/desk", 307)

    @routes.get("/desk", summary="The officers' desk", response_class=HTMLResponse)
    def desk(request: Request) -> Response:
        return pages.render(request, "desk.html", needs=Needs(map=True), page=_page(sign_in, page_language(request)))

    return routes


def _page(sign_in: SignIn, language: Language) -> dict[str, Any]:
    """What the desk's scripts are told."""
    codes = {known.code: known for catalogue in catalogues() for known in catalogue.category}
    newest = [known for code in codes if (known := category(code))]
    where = {"client": sign_in.client, "discovery": sign_in.discovery}
    where |= {"authorization": sign_in.authorization, "token": sign_in.token}
    return {
        "sign_in": where if sign_in.usable else None,
        "categories": {
            known.code: {"name": known.name(language), "executor": known.executor, "agency": known.agency}
            for known in newest
        },
        "statuses": {status: labels[language] for status, labels in LABELS.items()},
    }
