"""What others can read and write on Kafka, as a page and as the AsyncAPI document, both from the contracts."""

from contracts.asyncapi.document import published
from fastapi.testclient import TestClient


def test_the_page_says_every_topic_message_and_field_and_asks_nobody_else_for_anything(reader: TestClient) -> None:
    page = reader.get("/docs/topics?lang=en", headers={"Accept": "text/html"})
    assert page.status_code == 200
    document = published()
    for channel in document["channels"].values():
        assert f"<code>{channel['address']}</code>" in page.text
    for name in document["components"]["messages"]:
        assert f'<h3 id="{name}">' in page.text
    for field in (*document["components"]["schemas"]["Context"]["properties"], "acknowledge_by", "supporters"):
        assert f"<code>{field}</code>" in page.text
    assert page.text.count("You write there.") == 1
    assert "default-src 'none'" in page.headers["content-security-policy"]
    assert 'src="http' not in page.text


def test_programs_get_the_document_as_it_is_kept(reader: TestClient) -> None:
    answer = reader.get("/asyncapi.json")
    assert answer.json() == published()
    assert answer.headers["content-type"] == "application/vnd.aai.asyncapi+json;version=3.1.0"
    assert answer.headers["cache-control"] == "public, max-age=300"


def test_the_documentation_of_the_api_leads_there(reader: TestClient) -> None:
    assert '/docs/topics">Topics on Kafka' in reader.get("/docs").text
