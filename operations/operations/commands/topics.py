"""Commands that look at the log: which topics there are, and what is on one."""

import json
from typing import Annotated

import typer
from chassis.kafka.messages import odd_headers, original_headers
from confluent_kafka import Message
from deploy.agencies import all_topics

from operations.options import choose_topic
from operations.printing import json_text
from operations.target import FolderOrEnvironment, find_target
from operations.topic_reader import read_topic

app = typer.Typer(help="Look at the topics.", no_args_is_help=True)


@app.command("list")
def list_topics() -> None:
    """Name every topic, and say what stands on it, who writes and who reads."""
    for topic in all_topics():
        kept = "compacted" if topic.compacted else f"{topic.retention.days} days" if topic.retention else "for ever"
        typer.echo(f"{topic.name}\n    {topic.says}")
        typer.echo(f"    {', '.join(topic.writers)} → {', '.join(topic.readers)}; kept {kept}")


@app.command()
def read(
    topic: Annotated[str, typer.Argument(help="The topic's name, or a part of it that no other has.")],
    stack: FolderOrEnvironment = None,
    key: Annotated[str, typer.Option(help="Only messages with this key (the report's id).")] = "",
    limit: Annotated[int, typer.Option(help="Stop after so many.")] = 0,
) -> None:
    """Print what is on a topic, from the beginning to now: one JSON object a message, headers beside the value."""
    chosen, settings, printed = choose_topic(topic), find_target(stack).settings, 0
    for message in read_topic(settings, chosen):
        if not key or _text(message.key()) == key:
            typer.echo(json_text(as_json(message)))
            printed += 1
        if limit and printed >= limit:
            return


def as_json(message: Message) -> dict[str, object]:
    """A message as people read it: where it stands, its key, its headers, its value."""
    value, odd = message.value(), odd_headers(message)
    headers = {name: _text(raw) for name, raw in original_headers(message)}
    try:
        body = json.loads(value) if value is not None else None
        json.dumps(body)
    except (ValueError, RecursionError):
        body = _text(value)
    at = f"{message.partition()}/{message.offset()}"
    as_read = {"at": at, "key": _text(message.key()), "headers": headers, "value": body}
    return as_read | ({"odd_headers": odd} if odd else {})


def _text(raw: str | bytes | None) -> str:
    return raw if isinstance(raw, str) else (raw or b"").decode(errors="backslashreplace")
