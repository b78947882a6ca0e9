"""Pages of a service: its templates in the shared layout, its files beside the shared ones, under a strict policy."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

from contracts.statuses import Language
from fastapi import FastAPI
from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from web.design.files import StaticFiles
from web.design.modules import imported_modules
from web.design.policies import PLAIN, Needs, origin, page_headers
from web.problems import Problem
from web.texts.languages import LANGUAGES, NAMES, chosen_language
from web.texts.templates import localise

_SHARED = Path(__file__).parent
_STATIC = "/static"
_SHEETS = ("tokens", "base", "components", "forms", "data")
"""The looks of what all pages share, in the order in which they hold: one file to a browser, `design/design.css`."""


class Pages:
    """The pages of `package`, which has `web/templates` and `web/static`; their scripts may speak to `connect`, too."""

    def __init__(self, package: str, *, connect: Sequence[str] = ()) -> None:
        self._package = package
        self._web = Path(str(resources.files(package))) / "web"
        self._connect = [origin(url) for url in connect]
        self.files = StaticFiles(
            {"": self._web / "static", "design/": _SHARED / "static"},
            joined={"design/design.css": [f"design/{sheet}.css" for sheet in _SHEETS]},
        )
        self._environment = cache(self._made_environment)
        self._module = cache(self._made_module)

    def mount(self, api: FastAPI) -> None:
        """Serve the files, and answer a browser's errors with a page."""
        api.mount(_STATIC, self.files)
        # What can't be rendered is found out now, in the language most people read; each other one is made when
        # somebody first reads it, in some 40 ms: at the start they would add up to a fifth of it.
        self._environment(LANGUAGES[0]).get_template("problem.html")
        api.state.problem_page = self.problem_page

    def asset(self, name: str) -> str:
        """The address of a static file, as `report.js` or `design/design.css`. Raises LookupError."""
        return f"{_STATIC}{self.files.address(name)}"

    def render(
        self,
        request: Request,
        template: str,
        *,
        language: Language | None = None,
        needs: Needs = PLAIN,
        status_code: int = 200,
        headers: Mapping[str, str] | None = None,
        **values: Any,
    ) -> Response:
        """The page with its headers. `language`: as the request asks when left out; `values`: what the template uses.

        A value `page` reaches scripts, as JSON in `#page`.
        """
        language = language or page_language(request)
        text = self._environment(language).get_template(template).render(request=request, **values)
        tag = hashlib.sha256(text.encode()).hexdigest()[:32]
        return HTMLResponse(
            text,
            status_code,
            {
                "Cache-Control": "no-cache",
                "Content-Language": language,
                "ETag": f'W/"{tag}"',
                "Vary": "Accept-Language",
                **page_headers(needs, self._connect),
                **(headers or {}),
            },
        )

    def problem_page(self, request: Request, problem: Problem) -> Response:
        """What went wrong and what to do, for people."""
        headers = {**(problem.headers or {}), "Cache-Control": "no-store", "Vary": "Accept, Accept-Language"}
        return self.render(request, "problem.html", status_code=problem.status, headers=headers, problem=problem)

    def _made_environment(self, language: Language) -> Environment:
        environment = Environment(
            loader=ChoiceLoader([FileSystemLoader(_SHARED / "templates"), FileSystemLoader(self._web / "templates")]),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        localise(environment, self._package, language)
        environment.globals.update(
            asset=self.asset, module=self._module, icon=self._icon, language_links=language_links
        )
        return environment

    def _made_module(self, name: str) -> Markup:
        """A script that is a module, and what it imports."""
        ahead = Markup('<link rel="modulepreload" href="{}">\n')
        imports = (ahead.format(self.asset(module)) for module in imported_modules(name, self.files.text))
        return Markup("").join(imports) + Markup('<script type="module" src="{}"></script>').format(self.asset(name))

    def _icon(self, name: str, label: str | None = None) -> Markup:
        """A symbol of the sprite; without a label it only repeats what stands beside it."""
        said = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        address = self.asset("design/icons.svg")
        return Markup('<svg class="icon" {} focusable="false"><use href="{}#{}"/></svg>').format(said, address, name)


def language_links(request: Request) -> list[tuple[str, str, str]]:
    """The same page in each language: code, name, address."""
    address = request.url
    return [(code, name, f"?{address.include_query_params(lang=code).query}") for code, name in NAMES.items()]


def page_language(request: Request) -> Language:
    """The language of `?lang=`, else the one `Accept-Language` prefers, else Polish."""
    return chosen_language(request.query_params.get("lang"), request.headers.get("accept-language"))
