"""All checks, and what they find in a source tree."""

from collections.abc import Iterator, Mapping

from checks import counters, docstrings, pages, sizes, sole_owners, stores, testing
from checks.releases import access, migrations
from checks.sources import Check, Sources
from checks.texts import catalogues, scripts, templates

CHECKS: Mapping[str, Check] = {
    "sizes.files": sizes.files,
    "sizes.functions": sizes.functions,
    "sizes.apps": sizes.apps,
    "sizes.folders": sizes.folders,
    "sizes.chassis": sizes.chassis,
    "stores.sql": stores.sql,
    "stores.verbs": stores.verbs,
    "stores.columns": stores.columns,
    "counters.after_commit": counters.after_commit,
    "docstrings.public_names": docstrings.public_names,
    "pages.inline_code": pages.inline_code,
    "testing.private_names": testing.private_names,
    "testing.sleeps": testing.sleeps,
    "testing.mutations": testing.mutations,
    "releases.expanding": migrations.expanding,
    "releases.topics_and_rules": access.topics_and_rules,
    "releases.contracts": access.contracts,
    "sole_owners.clock": sole_owners.clock,
    "sole_owners.topics": sole_owners.topics,
    "sole_owners.environment": sole_owners.environment,
    "texts.catalogues": catalogues.complete,
    "texts.templates": templates.bare_words,
    "texts.scripts": scripts.bare_words,
}


def offences(sources: Sources) -> Iterator[tuple[str, str]]:
    """What all checks find: the check's name, and `path:line: what is wrong`."""
    for name, check in CHECKS.items():
        yield from ((name, offence) for offence in check(sources))
