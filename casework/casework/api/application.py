"""The application officers' requests come to."""

from chassis.postgres import OperationalError
from fastapi import FastAPI
from web.application import create_api

from casework.api import changes
from casework.api.dependencies import Dependencies
from casework.api.desk import NOWHERE, SignIn, mount_desk
from casework.api.duty import alarms, rosters
from casework.api.errors import answer_refusals
from casework.api.exports import routes as exports
from casework.api.reads import cases, overview, photos, today

DESCRIPTION = (
    "Officers work cases here. A unit sees its own cases, a garrison its own, headquarters all. Every change names the"
    " version it was decided on (`If-Match`, from the `ETag`), so that no two officers overwrite each other."
    " Not an emergency channel: in danger call 112."
)


def application(given: Dependencies, sign_in: SignIn = NOWHERE) -> FastAPI:
    """Casework's routes, with health and documentation, and the desk, where browsers sign in as `sign_in` says."""
    api = create_api(
        "Casework", DESCRIPTION, given.health, authenticate=given.verifier.officer, passing=[OperationalError]
    )
    api.state.dependencies = given
    answer_refusals(api)
    api.include_router(cases.router)
    api.include_router(photos.router)
    api.include_router(overview.router)
    api.include_router(exports.router)
    api.include_router(today.router)
    api.include_router(changes.router)
    api.include_router(rosters.router)
    api.include_router(alarms.router)
    mount_desk(api, sign_in)
    return api
