"""`GET /v1/receipts/{receipt}`: how a report stands, since when, until when, and who answers."""

import hashlib

from chassis.postgres import Database
from contracts.events.clocks import Clock, ClockState
from contracts.policy.categories import category
from contracts.policy.terms import Policy, Promise
from contracts.statuses import LABELS, Language
from fastapi import APIRouter
from fastapi.responses import Response
from web.problems import Problem
from web.texts.languages import chosen_language
from web.texts.phrases import emergency_phrase

from public_map.api.queries import AcceptLanguage
from public_map.api.schemas import (
    AskedQuestion,
    Continuation,
    Deadline,
    PublicAnswer,
    ReceiptAnswer,
    TimelineStep,
    UpheldDecision,
)
from public_map.domain.receipts import Question, Receipt
from public_map.domain.timeline import TimelineEntry
from public_map.store.receipts import find_receipt


def receipt_routes(database: Database, policy: Policy) -> APIRouter:
    """The route; `policy` says what a report nobody has a clock for yet is promised."""
    routes = APIRouter(tags=["receipts"])

    @routes.get("/v1/receipts/{receipt}", summary="How the report stands, for whoever holds its receipt")
    def by_receipt(
        receipt: str, response: Response, language: Language | None = None, accept_language: AcceptLanguage = None
    ) -> ReceiptAnswer:
        response.headers.update({"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
        with database.transaction() as connection:
            known = find_receipt(connection, hashlib.sha256(receipt.encode()).hexdigest())
        if known is None:
            detail = "No report has this receipt. Copy it whole, or wait some seconds if you have just sent the report."
            raise Problem(404, "Unknown receipt", detail, {"Cache-Control": "no-store"})
        try:
            promise = policy.promise(known.category, known.submitted_at)
        except LookupError:
            detail = "This report is from before there were deadlines, so nothing is promised for it."
            raise Problem(404, "Nothing promised", detail, {"Cache-Control": "no-store"}) from None
        return receipt_answer(known, promise, chosen_language(language, accept_language))

    return routes


def receipt_answer(receipt: Receipt, promise: Promise, language: Language) -> ReceiptAnswer:
    """What is known, in the words of a language."""
    case, responsible, into = receipt.report.case, receipt.responsible, receipt.report.continues_as
    known = category(receipt.category)
    due = {clock.clock: clock.due_at for clock in receipt.deadlines}  # of the last cycle
    return ReceiptAnswer(
        report_id=receipt.report.report_id,
        case_number=case and case.case_number,
        category=receipt.category,
        category_name=known.name(language) if known else receipt.category,
        status=receipt.status,
        status_name=LABELS[receipt.status][language],
        submitted_at=receipt.submitted_at,
        take_up_by=due.get(Clock.TAKE_UP, promise.take_up_by),
        verify_by=due.get(Clock.VERIFICATION, promise.verify_by),
        garrison=responsible and responsible.garrison,
        unit=responsible and responsible.unit,
        unit_name=responsible and responsible.unit_name,
        supporters=case.supporters if case else 0,
        timeline=[_step(entry, language) for entry in receipt.timeline],
        deadlines=[_deadline(clock, receipt.overdue(clock)) for clock in receipt.deadlines],
        continues_as=into and Continuation(report_id=into.report_id, case_number=into.case_number),
        questions=[_question(question) for question in receipt.questions],
        may_answer=receipt.may_answer,
        withdrawn_at=receipt.withdrawn_at,
        erased_at=receipt.erased_at,
        contested_at=receipt.contested_at,
        may_contest=receipt.may_contest,
        upheld=receipt.upheld and UpheldDecision(at=receipt.upheld.at, text=receipt.upheld.text),
        emergency=emergency_phrase(language),
    )


def _step(entry: TimelineEntry, language: Language) -> TimelineStep:
    answer = entry.answer and PublicAnswer(
        checks=entry.answer.checks,
        found=entry.answer.found,
        last_check_on=entry.answer.last_check_on,
        checked_on=list(entry.answer.checked_on),
    )
    return TimelineStep(status=entry.status, status_name=LABELS[entry.status][language], at=entry.at, answer=answer)


def _question(question: Question) -> AskedQuestion:
    return AskedQuestion(
        question=question.number,
        text=question.text,
        asked_at=question.asked_at,
        answered_at=question.answered_at,
    )


def _deadline(clock: ClockState, overdue: bool) -> Deadline:
    return Deadline(
        clock=clock.clock,
        cycle=clock.cycle,
        started_at=clock.started_at,
        due_at=clock.due_at,
        stopped_at=clock.stopped_at,
        outcome=clock.outcome,
        overdue=overdue,
    )
