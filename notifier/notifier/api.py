"""What the notifier answers by HTTP: the pages behind the links in its mail, and agencies that sign what they say."""

from chassis.health import Health
from chassis.postgres import Database, OperationalError
from contracts.agencies import Agencies
from fastapi import FastAPI
from web.application import create_api
from web.design.pages import Pages

from notifier.answers.letters import letter_pages
from notifier.answers.pages import answer_pages
from notifier.answers.signed import signed_answers
from notifier.contacts.pages import confirmation_routes
from notifier.contacts.subscribing import subscription_routes
from notifier.settings import Settings

DESCRIPTION = (
    "Citizens say here whether they may be written to, people subscribe to changes on the map, and agencies say what"
    " becomes of the threats handed to them."
    " Not an emergency channel: in danger call 112."
)


def application(settings: Settings, database: Database, agencies: Agencies, health: Health) -> FastAPI:
    """Health, the pages behind the links in mails, and the API of agencies without topics."""
    pages = Pages("notifier")
    served = create_api(
        "KMZB notifier",
        DESCRIPTION,
        health,
        documented=False,
        limits=settings.post_limits,
        passing=[OperationalError],
    )
    served.include_router(confirmation_routes(database, settings.link_key, settings.confirm_within))
    served.include_router(subscription_routes(pages, database, settings.link_key, settings.contact_key))
    served.include_router(answer_pages(pages, database, agencies, settings.link_key, settings.answer_within))
    served.include_router(letter_pages(pages, database, agencies, settings.links_url, settings.link_key))
    served.include_router(signed_answers(database, agencies, health, settings.webhook_key))
    pages.mount(served)
    return served
