"""The turn that every side plays."""

from __future__ import annotations

ANSWER = " ".join(f"Word number {number} of the answer, and some more of it." for number in range(1, 21))
"""About a thousand characters, in some 250 deltas."""

SCENARIO = f"""scenario: benchmark
rules:
  - on: response.create
    turns:
      - say: "{ANSWER}"
"""
