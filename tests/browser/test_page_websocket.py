"""A page's own WebSocket, which can send no header: the key is a subprotocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from realtime_mock.server import RealtimeMock

if TYPE_CHECKING:
    from playwright.async_api import Page

pytestmark = [pytest.mark.browser, pytest.mark.timeout(90)]

TEXT_TURN = """async (url) => {
    const socket = new WebSocket(url, ["realtime", "openai-insecure-api-key.sk-test"]);
    return await new Promise((resolve, reject) => {
        socket.onerror = () => reject(new Error("the connection failed"));
        socket.onmessage = ({data}) => {
            const event = JSON.parse(data);
            if (event.type === "session.created") {
                const response = {output_modalities: ["text"]};
                socket.send(JSON.stringify({type: "response.create", response}));
            }
            if (event.type === "response.done") resolve([socket.protocol, event.response.status]);
        };
    });
}"""


async def test_a_text_turn_over_a_page_s_websocket(page: Page, mock: RealtimeMock) -> None:
    url = mock.base_url.replace("http", "ws") + "/realtime?model=gpt-realtime"
    assert await page.evaluate(TEXT_TURN, url) == ["realtime", "completed"]
