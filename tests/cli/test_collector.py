"""The garbage collector of a mock that serves."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import gc
from realtime_mock.cli.serve import _spare_the_collector
_spare_the_collector()
print(gc.get_freeze_count() > 10_000, gc.isenabled(), len(gc.get_objects()) < 5_000)
"""


def test_it_looks_no_more_at_what_the_process_began_with():
    run = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.split() == ["True", "True", "True"]
