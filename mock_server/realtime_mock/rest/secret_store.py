"""Client secrets: short-lived keys that open one kind of session."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

_MAX_SECRETS = 10_000


@dataclass(frozen=True, slots=True)
class ClientSecret:
    """A key `ek_...`, the Unix second at which it is said to expire, and the session it was minted for.

    `ends_at` is when it really does, which differs where a fault has time wrong. `asked` is that session flat, where a
    beta client asked for it. `lane` is that of the request that minted it.
    """

    value: str
    expires_at: int
    session: Mapping[str, Any]
    asked: Mapping[str, Any] | None = None
    lane: str = ""
    ends_at: float = 0.0


class SecretStore:
    """Remembers the newest ten thousand secrets, expired ones included."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._secrets: OrderedDict[str, ClientSecret] = OrderedDict()
        self._spent: set[str] = set()

    def mint(
        self,
        value: str,
        *,
        session: Mapping[str, Any],
        seconds: int,
        asked: Mapping[str, Any] | None = None,
        lane: str = "",
        lasts: float | None = None,
        skew: float = 0.0,
    ) -> ClientSecret:
        """Keep a new secret that opens `session` for so many seconds.

        With faults it `lasts` another time than it says, or the clock that it says it by is ahead by `skew` seconds.
        """
        now = int(self._clock())
        ends_at = now + (seconds if lasts is None else lasts)
        said = int(self._clock() + skew) + seconds
        secret = ClientSecret(value, said, session, asked=asked, lane=lane, ends_at=ends_at)
        self._secrets[value] = secret
        if len(self._secrets) > _MAX_SECRETS:
            forgotten, _ = self._secrets.popitem(last=False)
            self._spent.discard(forgotten)
        return secret

    def find(self, value: str) -> ClientSecret | None:
        """The secret of this value; None where it was not minted here."""
        return self._secrets.get(value)

    def spend(self, secret: ClientSecret) -> bool:
        """Note that a secret has opened something; False where it had before."""
        if secret.value in self._spent:
            return False
        self._spent.add(secret.value)
        return True

    def has_expired(self, value: str) -> bool:
        """Whether this is a secret of ours whose time is over.

        "The TTL limits connection start, not the session" (realtime guide).
        """
        secret = self._secrets.get(value)
        return secret is not None and self._clock() >= secret.ends_at
