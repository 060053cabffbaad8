"""Testing a client: a driver lets it perform exercises against a mock, and the journal of the mock judges it."""

from realtime_conformance.client.driver import Driver, DriverError, describe
from realtime_conformance.client.plan import client_plan
from realtime_conformance.client.run import Run
from realtime_conformance.client.subject import ClientUnderTest

__all__ = ["ClientUnderTest", "Driver", "DriverError", "Run", "client_plan", "describe"]
