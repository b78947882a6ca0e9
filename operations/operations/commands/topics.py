"""Commands that look at the log: which topics there are, and what is on one."""

import json
from typing import Annotated

import typer
from confluent_kafka import Message
from contracts.topics import TOPICS, Topic
from deploy.stack.infrastructure import KAFKA
from deploy.stack.process import StackError

from operations.commands.running import DEFAULT, Folder, find
from operations.log import messages

app = typer.Typer(help="Look at the topics.", no_args_is_help=True)


@app.command("list")
def list_topics() -> None:
    """Name every topic of the registry, and say what stands on it, who writes and who reads."""
    for topic in TOPICS:
        kept = "compacted" if topic.compacted else f"{topic.retention.days} days" if topic.retention else "for ever"
        typer.echo(f"{topic.name}\n    {topic.says}")
        typer.echo(f"    {', '.join(topic.writers)} → {', '.join(topic.readers)}; kept {kept}")


@app.command()
def read(
    topic: Annotated[str, typer.Argument(help="The topic's name, or a part of it that no other has.")],
    stack: Folder = DEFAULT,
    key: Annotated[str, typer.Option(help="Only messages with this key (the report's id).")] = "",
    limit: Annotated[int, typer.Option(help="Stop after so many.")] = 0,
) -> None:
    """Print what is on a topic, from the beginning to now: one JSON object a message, headers beside the value."""
    system = find(stack)
    name = system.stack.namespace + _choose(topic).name
    printed = 0
    for message in messages(system.addresses[KAFKA], name, _choose(topic).partitions):
        if not key or _text(message.key()) == key:
            typer.echo(json.dumps(shown(message), ensure_ascii=False))
            printed += 1
        if limit and printed >= limit:
            return


def shown(message: Message) -> dict[str, object]:
    """A message as people read it."""
    value = message.value()
    headers = {name: _text(raw) for name, raw in dict(message.headers() or ()).items()}
    try:
        body = json.loads(value) if value is not None else None
    except ValueError:
        body = _text(value)
    place = f"{message.partition()}/{message.offset()}"
    return {"at": place, "key": _text(message.key()), "headers": headers, "value": body}


def _text(raw: str | bytes | None) -> str:
    return raw if isinstance(raw, str) else (raw or b"").decode(errors="replace")


def _choose(text: str) -> Topic:
    exact = [topic for topic in TOPICS if topic.name == text]
    alike = exact or [topic for topic in TOPICS if text in topic.name]
    if len(alike) != 1:
        names = ", ".join(topic.name for topic in alike or TOPICS)
        raise StackError(f"{text!r} is the name of {len(alike)} topics; choose one of: {names}")
    return alike[0]
