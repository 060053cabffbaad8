"""The one shape in which the API says what was wrong."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApiError:
    """What is wrong with an event or a request, in the API's own words.

    `code` and `param` are None where the service sends null. The same value becomes
    the `error` object of an event or the body of an HTTP answer.
    """

    message: str
    code: str | None = None
    param: str | None = None
    type: str = "invalid_request_error"

    def as_json(self) -> dict[str, str | None]:
        """The four keys of the `error` object, in the order of the wire."""
        return {"type": self.type, "code": self.code, "message": self.message, "param": self.param}


class ClientFault(Exception):
    """A client broke a rule of the protocol; `error` is what the client is told.

    `scripted` tells that it broke none: a scenario wants its event to be refused.
    """

    def __init__(self, error: ApiError, *, scripted: bool = False) -> None:
        super().__init__(error.message)
        self.error = error
        self.scripted = scripted
