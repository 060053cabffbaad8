"""The control API of a mock as a test calls it, in this process or elsewhere; with the standard library alone."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from urllib.parse import quote, urlencode, urlsplit

TIMEOUT = 15.0
"""Seconds for an answer of the mock, beside what it was asked to wait."""

_TEXT = "text/plain; charset=utf-8"
_TOKEN_HEADER = "X-Realtime-Mock-Token"  # noqa: S105 - the name of a header


class ControlError(Exception):
    """The mock cannot be asked, or refuses; the text says what to do."""


class ControlApi:
    """Asks one mock, on behalf of one lane.

    Args:
        url: where it is, with or without the `/v1` that clients need.
        lane: what every question is about; None for the whole mock.
        token: what the mock was told to ask for (`serve --control-token`), if anything.

    Raises:
        ControlError: `url` is no address of a mock.
    """

    def __init__(self, url: str, *, lane: str | None = None, token: str | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ControlError(f"'{url}' is no address of a mock; write one such as http://127.0.0.1:8080")
        self.origin = f"{parts.scheme}://{parts.netloc}"
        self.lane = lane
        self._token = token

    @property
    def base_url(self) -> str:
        """What the SDKs take as `base_url`."""
        return f"{self.origin}/v1"

    def of_lane(self, lane: str) -> ControlApi:
        """The same mock, on behalf of another lane."""
        return ControlApi(self.origin, lane=lane, token=self._token)

    def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        patience: float = 0.0,
    ) -> object:
        """What the mock answers, which is JSON.

        Args:
            method: of HTTP.
            path: below `/_mock/`.
            body: a text, which is sent as it is, or a value, which is sent as JSON.
            query: more of the address; what is None is left out.
            patience: for how many seconds longer than usual the answer may take.

        Raises:
            ControlError: the mock is not there, takes too long, or refuses.
        """
        __tracebackhide__ = True
        answer = self.fetch(method, path, body, query=query, patience=patience)
        return json.loads(answer) if answer else None

    def fetch(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        query: Mapping[str, object] | None = None,
        patience: float = 0.0,
    ) -> bytes:
        """What the mock answers, as it comes; the arguments and what is raised are those of `ask`."""
        __tracebackhide__ = True
        status, answer = self._exchange(method, self._target(path, query or {}), body, TIMEOUT + patience)
        if status >= 400:
            raise ControlError(_message(answer) or f"the mock answered {method} /_mock/{path} with status {status}")
        return answer

    def _target(self, path: str, query: Mapping[str, object]) -> str:
        told = {name: value for name, value in {"lane": self.lane, **query}.items() if value is not None}
        return f"/_mock/{quote(path)}" + (f"?{urlencode(told)}" if told else "")

    def _exchange(self, method: str, target: str, body: object, timeout: float) -> tuple[int, bytes]:
        __tracebackhide__ = True
        content, headers = _content(body)
        if self._token is not None:
            headers[_TOKEN_HEADER] = self._token
        connection = self._connection(timeout)
        try:
            connection.request(method, target, body=content, headers=headers)
            answer = connection.getresponse()
            return answer.status, answer.read()
        except TimeoutError:
            raise ControlError(
                f"the mock at {self.origin} did not answer within {timeout:.0f} s; if it runs in the event loop of "
                "this test, ask it through `.aio`, which leaves the loop free"
            ) from None
        except (OSError, http.client.HTTPException) as error:
            raise ControlError(f"no mock answers at {self.origin} ({error}); start one: realtime-mock serve") from None
        finally:
            connection.close()

    def _connection(self, timeout: float) -> http.client.HTTPConnection:
        parts = urlsplit(self.origin)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        return kind(parts.hostname or "", parts.port, timeout=timeout)


def _content(body: object) -> tuple[bytes | None, dict[str, str]]:
    match body:
        case None:
            return None, {}
        case str():
            return body.encode(), {"Content-Type": _TEXT}
        case _:
            return json.dumps(body).encode(), {"Content-Type": "application/json"}


def _message(answer: bytes) -> str | None:
    """The message of an error in the API's shape."""
    try:
        message = json.loads(answer)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        return None
    return message if isinstance(message, str) else None
