"""Webhooks, signed as the Standard Webhooks specification has it, which is how the service signs its own."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import aiohttp

from realtime_mock.wire import event_text

logger = logging.getLogger(__name__)

TIMEOUT = 10.0
"""Seconds within which the receiver has to answer. There is no second try."""

_USER_AGENT = "OpenAI/1.0 (+https://platform.openai.com/docs/webhooks)"
_PREFIX = "whsec_"


class WebhookSecretInvalid(ValueError):
    """A secret says that it is base64 and is not; `str()` says what is wrong."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of a webhook: the status that it was answered with, or why there was no answer."""

    url: str
    status: int | None = None
    error: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The three of them."""
        return {"url": self.url, "status": self.status, "error": self.error}


class Webhooks:
    """Sends events to one address.

    Args:
        url: where to; None sends nothing.
        secret: signs them; `whsec_` and base64, or any text.
    """

    def __init__(self, url: str | None, *, secret: str) -> None:
        self._url = url
        self._key = signing_key(secret)

    async def send(self, event: Mapping[str, Any], *, skew: float = 0.0) -> Delivery | None:
        """Post an event and wait for the answer; None where no address is set.

        `skew` is by how many seconds a fault has the clock ahead.
        """
        if self._url is None:
            return None
        body = event_text(dict(event))
        # Receivers compare it with their own clock: it is the real time, whatever time the mock lives in.
        headers = signed_headers(body, self._key, webhook_id=str(event["id"]), timestamp=int(time.time() + skew))
        try:
            timeout = aiohttp.ClientTimeout(total=TIMEOUT)
            async with (
                aiohttp.ClientSession(timeout=timeout) as http,
                http.post(self._url, data=body.encode(), headers=headers, allow_redirects=False) as response,
            ):
                return Delivery(self._url, status=response.status)
        except (TimeoutError, aiohttp.ClientError, ValueError) as error:
            logger.warning("the webhook %s was not delivered: %r", event["id"], error)
            return Delivery(self._url, error=str(error) or "no answer in time")


def signed_headers(body: str, key: bytes, *, webhook_id: str, timestamp: int) -> dict[str, str]:
    """The headers of a webhook: `v1,` and the base64 of an HMAC-SHA256 over id, time and body."""
    signed = f"{webhook_id}.{timestamp}.{body}".encode()
    signature = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    return {
        "Content-Type": "application/json",
        "User-Agent": _USER_AGENT,
        "webhook-id": webhook_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": f"v1,{signature}",
    }


def signing_key(secret: str) -> bytes:
    """The bytes that a secret stands for.

    Raises:
        WebhookSecretInvalid: what follows `whsec_` is no base64.
    """
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except binascii.Error as error:
        raise WebhookSecretInvalid(f"the webhook secret is no base64 after {_PREFIX!r}: {error}") from None
