"""The letter to an agency that is written to on paper: an A4 page, which the unit prints from the link in its mail.

It names the case, says until when to answer, and carries the link that a mail would, as words and as a QR code.
"""

from chassis.clock import now
from chassis.postgres import Database
from contracts.agencies import Agencies
from contracts.policy.categories import category
from contracts.policy.terms import WARSAW
from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from web.design.codes import qr_code
from web.design.pages import Pages
from web.problems import Problem

from notifier.answers.pages import SECRET
from notifier.links import Purpose, read_token, signed_link
from notifier.store.referrals import find_referral


def letter_pages(pages: Pages, database: Database, agencies: Agencies, public_url: str, secret: bytes) -> APIRouter:
    """The page. `public_url` is what the link in the letter begins with."""
    router = APIRouter(prefix=f"{Purpose.LETTER.path}/{{token}}", tags=["agencies"])

    @router.get("", summary="The letter of a referral, to be printed.", response_class=HTMLResponse)
    def letter(request: Request, token: str) -> Response:
        """In Polish, as agencies read it, whatever the browser of who prints it prefers."""
        referral_id = read_token(Purpose.LETTER, token, secret)
        with database.transaction() as connection:
            referral = find_referral(connection, referral_id) if referral_id else None
        if referral is None:
            raise Problem(404, "Unknown letter", "This link leads to no letter: copy it whole.", dict(SECRET))
        made, known = referral.made, category(referral.made.category)
        link = signed_link(public_url, Purpose.ANSWER, made.referral_id, secret)
        agency = agencies.find(made.agency)
        return pages.render(
            request,
            "letter.html",
            language="pl",
            headers=SECRET,
            made=made,
            category=known.name("pl") if known else made.category,
            agency=agencies.name(made.agency),
            address=(agency.contact if agency else None) or "",
            link=link,
            code=qr_code(link),
            today=now().astimezone(WARSAW).date(),
        )

    return router
