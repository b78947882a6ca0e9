"""Commands that play what a real installation gets from elsewhere: officers' tokens and their mailboxes."""

from typing import Annotated

import typer
from deploy.stack.process import StackError

from deploy import issuer, mailbox
from operations.officers import place_of
from operations.target import DEFAULT, Folder


def token(
    role: Annotated[str, typer.Option(help="beat_officer, coordinator, garrison or headquarters.")] = "coordinator",
    unit: Annotated[str | None, typer.Option(help="The unit's code, e.g. KMP-1661.")] = None,
    garrison: Annotated[
        str | None, typer.Option(help="The garrison's code, e.g. OPO; the unit's, if not given.")
    ] = None,
    subject: Annotated[str, typer.Option(help="Who the officer is.")] = "officer",
    stack: Folder = DEFAULT,
) -> None:
    """Print a signed token for an officer. For development only: a real system trusts a real issuer."""
    unit, garrison = place_of(role, unit, garrison)
    folder = stack / "issuer"
    if not folder.exists():
        raise StackError(f"no issuer has run under {stack}: run `make up`")
    typer.echo(issuer.token(folder, role=role, unit=unit, garrison=garrison, subject=subject))


def mail(
    number: Annotated[int | None, typer.Argument(help="Print this message; without it, list all.")] = None,
    to: Annotated[str, typer.Option(help="Only messages whose address contains this.")] = "",
    stack: Folder = DEFAULT,
) -> None:
    """List or print the e-mails that arrived in the development mailbox."""
    arrived = enumerate(mailbox.messages(stack / "mail"), start=1)
    chosen = {n: message for n, message in arrived if to in str(message["To"])}
    if number is None:
        for n, message in chosen.items():
            typer.echo(f"{n:>4}  {message['To']}  {message['Subject']}")
        return
    if number not in chosen:
        raise StackError(f"there is no message {number}; {len(chosen)} arrived")
    message = chosen[number]
    typer.echo(f"To: {message['To']}\nSubject: {message['Subject']}\n\n{mailbox.text(message)}")


def register(app: typer.Typer) -> None:
    """Add these commands to the application."""
    for command in (token, mail):
        app.command()(command)
