"""Whatever strangers send is answered as HTTP answers."""

from hypothesis import strategies as st
from starlette.testclient import TestClient
from support.web.any_request import check, requests, with_any_requests


@with_any_requests
def test_no_request_is_answered_otherwise_than_by_http(client: TestClient, data: st.DataObject) -> None:
    drawn = data.draw(requests(client.get("/openapi.json").json()))
    check(client, drawn, public=True)
