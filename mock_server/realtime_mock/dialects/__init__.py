"""The dialects of the protocol: what a session says and hears, as one generation of clients has it."""

from realtime_mock.dialects.beta import BetaDialect
from realtime_mock.dialects.dialect import Dialect
from realtime_mock.dialects.ga import GaDialect

__all__ = ["BetaDialect", "Dialect", "GaDialect"]
