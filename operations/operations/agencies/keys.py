"""`kmzb agency key`: what an agency reached by webhook verifies our messages with, and signs its answers with."""

import os

import typer
from contracts.agencies import AgencyChannel
from deploy.agencies.registry import read_registry
from deploy.stack.process import StackError
from notifier.answers.signatures import recipient_secret, written_secret

from operations.agencies.commands import Code
from operations.printing import Json, print_json
from operations.target import FolderOrEnvironment, find_target

_MASTER = "KMZB_NOTIFIER_WEBHOOK_SECRET"


def register(app: typer.Typer) -> None:
    """Add the command to those about agencies."""
    app.command()(key)


def key(code: Code, json: Json = False, stack: FolderOrEnvironment = None) -> None:
    """Print the key of an agency that is reached by webhook: whoever has it answers for the agency.

    It is as the libraries of Standard Webhooks take it, and the same each time.
    Needs KMZB_NOTIFIER_WEBHOOK_SECRET, which keys are made from.
    """
    target = find_target(stack)
    agency = read_registry(target.settings).find(code)
    if agency is None or not agency.active or agency.channel is not AgencyChannel.WEBHOOK:
        raise StackError(
            f"{code}: is no agency that is reached by webhook; kmzb agency change {code} --channel webhook"
        )
    master = target.addresses.get(_MASTER) or os.environ.get(_MASTER, "")
    try:
        secret = bytes.fromhex(master)
    except ValueError:
        secret = b""
    if len(secret) < 16:
        raise StackError(f"{_MASTER}: name the secret that the notifier has, hex of at least 16 bytes")
    written = written_secret(recipient_secret(secret, code))
    if json:
        print_json({"code": code, "webhook": agency.contact, "key": written})
    else:
        typer.echo(written)
