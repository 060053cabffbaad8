"""What an endpoint of the control API is, as data: routes and their description are both made of it."""

from __future__ import annotations

import inspect
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from aiohttp import web

from realtime_mock.api_error import ApiError
from realtime_mock.rest.errors import HttpFault
from realtime_mock.scenario.words import suggest
from realtime_mock.wire import printable

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Where = Literal["path", "query", "header"]

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter; `schema` is JSON Schema."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    where: Where = "query"


@dataclass(frozen=True, slots=True)
class Body:
    """What a request or an answer holds: the media types, and for JSON the name of a schema below `schemas/http`."""

    schema: str | None = None
    media: tuple[str, ...] = (JSON,)


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path.

    `section` is what it belongs to. `answer` is that of success; `errors` are the statuses of others, with what they
    mean.
    """

    method: str
    path: str
    handler: Handler
    section: str
    answer: Body
    status: int = 200
    body: Body | None = None
    parameters: tuple[Parameter, ...] = ()
    errors: Mapping[int, str] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        """What it does, in a sentence: what the handler's docstring says behind the colon."""
        first = inspect.cleandoc(self.handler.__doc__ or "").partition("\n\n")[0].replace("\n", " ")
        text = re.sub(r"^`[A-Z]+ /[^`]*`(?:[^:`]|`[^`]*`)*: ", "", first)
        return text[:1].upper() + text[1:]

    @property
    def details(self) -> str:
        """The rest of the docstring, but for what it raises."""
        rest = inspect.cleandoc(self.handler.__doc__ or "").partition("\n\n")[2]
        return re.split(r"(?:^|\n)Raises:", rest)[0].strip()

    @property
    def name(self) -> str:
        """An identifier, unique by method and path."""
        words = re.findall(r"[a-z]+", self.path.removeprefix("/_mock"))
        return "_".join([self.method.lower(), *words])

    def route(self) -> web.RouteDef:
        """The route, which refuses a parameter of the query that it does not know: it would narrow nothing."""
        known = ("lane", *(parameter.name for parameter in self.parameters if parameter.where == "query"))

        async def answer(request: web.Request) -> web.StreamResponse:
            for name in request.query:
                if name not in known:
                    raise _unknown(printable(name, limit=100), known)
            return await self.handler(request)

        return web.route(self.method, self.path, answer)


def _unknown(name: str, known: tuple[str, ...]) -> HttpFault:
    hint = suggest(name, dict.fromkeys(known))
    what = f"Unknown parameter of the query: '{name}'; {hint if hint.endswith('?') else f'{hint}.'}"
    return HttpFault(400, ApiError(what, code="unknown_query_parameter", param=name))
