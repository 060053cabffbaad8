"""Driver for the parser of pipecat-ai (PyPI): `python pipecat_ai.py`.

An event that the library has no model for is ignored by it.
"""

import json
import sys

from pipecat.services.openai.realtime.events import parse_server_event

for line in sys.stdin:
    try:
        event = parse_server_event(line)
        answer = None if event is None else event.model_dump(mode="json", exclude_unset=True)
    except Exception as error:  # noqa: BLE001 - whatever it is, the library refuses the event
        answer = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
