"""A window finds what it is for: what a page complains of, whom it asks, what it weighs, who can't use it."""

from time import monotonic

import pytest
from browser.conftest import Opening
from support.browser.axe import axe
from support.web.html import validate

PAGE = '<!doctype html>\n<html lang="pl"><head><title>x</title></head><body><main><h1>x</h1>{}</main></body></html>'


@pytest.mark.parametrize(
    ("event", "script", "found"),
    [
        ("console", "() => { console.error('broken') }", "console: broken"),
        ("pageerror", "() => { setTimeout(() => { throw new Error('thrown') }) }", "error: Error: thrown"),
        ("console", "() => { fetch('http://127.0.0.1:9/').catch(() => 0) }", "connect-src"),
        (
            "console",
            "() => { document.body.append(Object.assign(document.createElement('script'), {text: '1'})) }",
            "script-src",
        ),
        ("console", "() => { document.body.setAttribute('style', 'color: red') }", "style-src"),
    ],
)  # fmt: skip
def test_what_a_page_complains_of_fails_the_test(window: Opening, event: str, script: str, found: str) -> None:
    opened = window()
    opened.open("public_map", "/accessibility")
    opened.check()
    with opened.page.expect_event(event):
        opened.page.evaluate(script)
    with pytest.raises(AssertionError, match=found):
        opened.check()
    opened.forgive(".")


def test_who_asks_a_stranger_fails_the_test(window: Opening) -> None:
    opened = window()
    with opened.page.expect_event("requestfailed"):
        opened.page.set_content("<img src='http://127.0.0.1:9/'>")
    with pytest.raises(AssertionError, match="asks a stranger: http://127.0.0.1:9/"):
        opened.check()
    opened.forgive(".")


def test_what_somebody_cannot_use_fails_the_test(window: Opening) -> None:
    opened = window()
    opened.open("public_map", "/accessibility")
    opened.page.evaluate("() => { document.querySelector('h1').append(document.createElement('button')) }")
    with pytest.raises(AssertionError, match="button-name"):
        axe(opened.page)


@pytest.mark.parametrize(
    "html", ["<p>no page", PAGE.format("<p id=a></p><p id=a></p>"), PAGE.format("<ul><p></p></ul>")]
)
def test_what_is_no_html_fails_the_test(html: str) -> None:
    validate(PAGE.format("<p>fine</p>"))
    with pytest.raises(AssertionError, match="not valid HTML"):
        validate(html)


def test_a_poor_connection_is_slow_and_a_page_is_weighed_as_it_was_sent(window: Opening) -> None:
    opened = window()
    opened.open("public_map", "/accessibility")
    weight = opened.weight()
    assert (
        1_000
        < weight
        < opened.page.evaluate("performance.getEntries().reduce((sum, e) => sum + (e.decodedBodySize ?? 0), 0)")
    )
    opened.slow_down()
    began = monotonic()
    opened.open("public_map", "/accessibility")
    assert monotonic() - began > 0.15
