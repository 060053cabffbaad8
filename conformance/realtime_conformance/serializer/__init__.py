"""Property checks of an event serializer in any language, a program that reads and writes JSON Lines."""

from realtime_conformance.serializer.baseline import Baseline, BaselineError
from realtime_conformance.serializer.program import Answer, Program, ProgramError
from realtime_conformance.serializer.survey import Finding, Report, Survey

__all__ = ["Answer", "Baseline", "BaselineError", "Finding", "Program", "ProgramError", "Report", "Survey"]
