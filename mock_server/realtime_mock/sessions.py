"""Where sessions come from: numbered, so that the same mock gives the same ids, and kept while they live."""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, cast

from realtime_mock.capture import AudioStore
from realtime_mock.chance import Chance
from realtime_mock.clock import Clock, LoopClock, VirtualClock
from realtime_mock.core.config import new_session
from realtime_mock.core.ids import IdFactory
from realtime_mock.core.limits import Limits
from realtime_mock.core.session import Session, SessionOptions
from realtime_mock.core.speech import Voice
from realtime_mock.core.vad import Detector, EnergyDetector
from realtime_mock.dialects import BetaDialect, Dialect, GaDialect
from realtime_mock.driver import SessionDriver
from realtime_mock.faults.model import Way
from realtime_mock.faults.time_injector import session_expiry
from realtime_mock.faults.time_kinds import SessionExpires
from realtime_mock.hearing.ears import Ears
from realtime_mock.journal import Journal
from realtime_mock.lanes import Lane, Lanes
from realtime_mock.registry import SchemaRegistry
from realtime_mock.scenario.model import Scenario
from realtime_mock.scenario.part import Parts
from realtime_mock.scenario.script import ScriptedAssistant
from realtime_mock.settings import Settings
from realtime_mock.wire import event_text

logger = logging.getLogger(__name__)

DEFAULT_MODEL = "gpt-realtime"
"""The model of a session that names none."""

_MAX_ENDED = 1000

_PORTION = 16
"""Events that a session makes before they leave: few enough for the first not to wait, enough to cost nothing."""

_DEFAULT = Scenario("default")

Transport = Literal["websocket", "webrtc"]
_WAYS: Mapping[Transport, Way] = {"websocket": "websocket", "webrtc": "call"}


@dataclass(frozen=True, slots=True)
class SessionRecord:
    """What is known of a session from outside; `ended_at` is None while it lives. Times are Unix seconds."""

    id: str
    transport: Transport
    model: str
    started_at: float
    ended_at: float | None = None
    lane: str = ""


@dataclass(frozen=True, slots=True)
class CallIds:
    """The ids that a call and its session have, and the source of the others."""

    factory: IdFactory
    session_id: str
    call_id: str


@dataclass(frozen=True, slots=True)
class _Opening:
    """What a session is opened with, however it is reached."""

    transport: Transport
    model: str
    given: Mapping[str, Any] | None
    plays_audio: bool
    dialect: Dialect | None = None
    lane: Lane | None = None


class SessionFactory:
    """Opens sessions with all they need.

    Args:
        settings: `seed`, `pace` and the limits of a session are read.
        registry: validates events both ways.
        voice: speaks for every session.
        journal: receives every session's events.
        scenario: what new sessions of the default lane play; it may be set at any time.
        clock: the time that all sessions live in.
        new_detector: makes what finds the turns in a session's input audio.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        registry: SchemaRegistry,
        voice: Voice,
        journal: Journal,
        scenario: Scenario | None = None,
        clock: Clock | None = None,
        new_detector: Callable[[], Detector] = EnergyDetector,
    ) -> None:
        self.registry = registry
        self.journal = journal
        self.lanes = Lanes(scenario, chance=Chance(settings.seed))
        self.clock = LoopClock() if clock is None else clock
        self._settings = settings
        self.voice = voice
        self._new_detector = new_detector
        self.audio = AudioStore()
        self.ears = Ears(voice, beside_loop=not isinstance(self.clock, VirtualClock))
        self._parts = Parts()
        self._opened = 0
        self._live: dict[str, SessionDriver] = {}
        self._calls: dict[str, SessionDriver] = {}
        self._records: OrderedDict[str, SessionRecord] = OrderedDict()

    @property
    def scenario(self) -> Scenario | None:
        """What new sessions of the default lane play."""
        return self.lanes.default.scenario

    @scenario.setter
    def scenario(self, scenario: Scenario | None) -> None:
        self.lanes.default.scenario = scenario

    @property
    def live(self) -> tuple[SessionDriver, ...]:
        """The drivers of the sessions that have not ended, oldest first."""
        return tuple(self._live.values())

    @property
    def records(self) -> tuple[SessionRecord, ...]:
        """All sessions that live and the newest thousand that have ended, in the order of their start."""
        return tuple(self._records.values())

    def next_ids(self) -> IdFactory:
        """The ids of the next session, or of anything else that needs some of its own."""
        self._opened += 1
        return IdFactory(self._settings.seed, self._opened)

    def beta_dialect(self, transport: Transport, *, asked: Mapping[str, Any] | None = None) -> BetaDialect:
        """A codec for one session of a beta client.

        `asked` is the flat session that its client secret was asked for with, if it has such a one.
        """
        return BetaDialect(
            self.registry,
            transport=transport,
            new_event_id=self.next_ids().event,
            tokens_per_minute=self._settings.tokens_per_minute,
            asked=asked,
        )

    def open_websocket(
        self,
        *,
        model: str = DEFAULT_MODEL,
        given: Mapping[str, Any] | None = None,
        dialect: Dialect | None = None,
        lane: Lane | None = None,
    ) -> SessionDriver:
        """A driver for a WebSocket session; attach the channel, then start it.

        Args:
            model: the model of the URL; a `model` inside `given` wins.
            given: the session of a client secret, already valid by its schema.
            dialect: what the client speaks; GA by default.
            lane: whose scenario the session plays; the default one by default.

        Raises:
            ClientFault: the session cannot be made from what is given.
        """
        ids = self.next_ids()
        opening = _Opening("websocket", model, given, plays_audio=False, dialect=dialect, lane=lane)
        return self._open(ids, ids.session(), opening)

    def open_call(
        self,
        *,
        model: str = DEFAULT_MODEL,
        given: Mapping[str, Any] | None = None,
        plays_audio: bool = True,
        dialect: Dialect | None = None,
        lane: Lane | None = None,
    ) -> tuple[SessionDriver, str]:
        """A driver for a WebRTC call, and the call's id; set its speaker, attach the data channel, then start it.

        Args:
            model: the model of the URL; a `model` inside `given` wins.
            given: the session part of the request or of a client secret, already valid by its schema.
            plays_audio: whether the offer has audio.
            dialect: what the client speaks; GA by default.
            lane: whose scenario the session plays; the default one by default.

        Raises:
            ClientFault: the session cannot be made from what is given.
        """
        ids = self.reserve_call()
        opening = _Opening("webrtc", model, given, plays_audio=plays_audio, dialect=dialect, lane=lane)
        driver = self._open(ids.factory, ids.session_id, opening)
        self._calls[ids.call_id] = driver
        return driver, ids.call_id

    def reserve_call(self) -> CallIds:
        """The ids of a call whose session opens later, or never."""
        factory = self.next_ids()
        session_id, call_id = factory.call()
        return CallIds(factory, session_id, call_id)

    def open_reserved(self, ids: CallIds, *, given: Mapping[str, Any], lane: Lane | None = None) -> SessionDriver:
        """Do what `open_call` does for a telephone call that has its ids already; no client speaks beta there.

        Raises:
            ClientFault: the session cannot be made from what is given.
        """
        opening = _Opening("webrtc", DEFAULT_MODEL, given, plays_audio=True, lane=lane)
        driver = self._open(ids.factory, ids.session_id, opening)
        self._calls[ids.call_id] = driver
        return driver

    def find_call(self, call_id: str) -> SessionDriver | None:
        """The driver of a call that lives; None for one unknown or ended."""
        driver = self._calls.get(call_id)
        return None if driver is None or driver.is_closed else driver

    def _open(self, ids: IdFactory, session_id: str, opening: _Opening) -> SessionDriver:
        started_at = self.clock.now()
        settings = self._settings
        lane = opening.lane or self.lanes.default
        expires_at = int(started_at + lane.clock_skew + settings.session_lifetime)
        config = new_session(session_id, model=opening.model, given=opening.given, expires_at=expires_at)
        early = session_expiry(lane.connection_faults(), _WAYS[opening.transport])
        scenario = lane.scenario or _DEFAULT
        ears = self.ears.listening_for(scenario)
        chance = Chance((settings.seed, session_id))
        options = SessionOptions(
            transport=opening.transport,
            plays_audio=opening.plays_audio,
            started_at=started_at,
            pace=settings.pace,
            limits=Limits(
                lifetime=settings.session_lifetime,
                tokens_per_minute=settings.tokens_per_minute,
                ends_after=cast("SessionExpires", early.fault.kind).seconds if early else None,
            ),
            timing=scenario.timing,
            chance=chance if scenario.seed is None else Chance(("scenario", scenario.seed)),
            hears=ears is not None,
            portion=_PORTION,
        )
        session = Session(
            options=options,
            config=config,
            ids=ids,
            registry=self.registry,
            script=ScriptedAssistant(self._parts.of(scenario), chance),
            voice=self.voice,
            detector=self._new_detector(),
        )
        # GA is what sessions speak themselves.
        spoken = opening.dialect or GaDialect(self.registry)
        driver = SessionDriver(
            session,
            journal=self.journal,
            check=spoken.first_server_error if settings.validate_outgoing else None,
            dialect=opening.dialect,
            on_closed=self._forget,
            clock=self.clock,
            lane=lane.name,
            faults=lane.session_faults(chance),
            audio=self.audio,
            ears=ears,
        )
        if early is not None:
            driver.struck(event_text(early.as_json()), early.fault, direction="out", channel="none")
        if spoken.notice:
            logger.warning("%s: %s", session_id, spoken.notice)
            driver.note(spoken.notice, kind="warning")
        self._live[session_id] = driver
        self._records[session_id] = SessionRecord(
            session_id, opening.transport, config.get("model") or opening.model, started_at, lane=lane.name
        )
        return driver

    def _forget(self, driver: SessionDriver) -> None:
        del self._live[driver.session_id]
        self._calls = {call_id: other for call_id, other in self._calls.items() if other is not driver}
        record = self._records[driver.session_id]
        self._records[driver.session_id] = replace(record, ended_at=self.clock.now())
        while len(self._records) - len(self._live) > _MAX_ENDED:
            oldest = next(record.id for record in self._records.values() if record.ended_at is not None)
            del self._records[oldest]
            self.audio.forget(oldest)
