"""Cross-origin access: the page with the microphone comes from another port than the mock."""

from __future__ import annotations

from collections.abc import MutableMapping

from aiohttp import web

EXPOSED = "Location, X-Request-Id"
"""What a page may read (recorded). Without `Location` a page never learns its call's id."""

_MAX_AGE = "86400"
_CONTROL = "_mock"


def answer_preflight(request: web.Request) -> web.StreamResponse | None:
    """Allow what a preflight asks for.

    The headers are reflected, because `*` does not cover `Authorization` (Fetch standard), and SDKs send
    names of their own. The control API is not for pages from elsewhere: its preflights are not answered.
    """
    method = request.headers.get("Access-Control-Request-Method")
    if request.method != "OPTIONS" or method is None or is_control(request):
        return None
    headers = {"Access-Control-Allow-Methods": method, "Access-Control-Max-Age": _MAX_AGE, "Vary": "Origin"}
    wanted = request.headers.get("Access-Control-Request-Headers")
    if wanted:
        headers["Access-Control-Allow-Headers"] = wanted
    return web.Response(status=204, headers=headers)


def allow_origin(request: web.Request, headers: MutableMapping[str, str]) -> None:
    """Let any page read this answer, errors included, unless it is the control API's."""
    if not is_control(request):
        headers["Access-Control-Allow-Origin"] = "*"
        headers["Access-Control-Expose-Headers"] = EXPOSED


def is_control(request: web.Request) -> bool:
    """Whether a request is for the control API, however its path is written."""
    resource = request.match_info.route.resource
    routed = "" if resource is None else resource.canonical
    return any(path.lstrip("/").startswith(_CONTROL) for path in (request.path, routed))
