"""Driver for the parser of openai-agents (PyPI): `python openai_agents.py`.

What its socket handler does to an event before the parser sees it is done here as well.
"""

import json
import sys

from agents.realtime.openai_realtime import (
    _normalize_custom_voice_for_server_event_validation as normalized,
)
from agents.realtime.openai_realtime import (
    _should_normalize_custom_voice_for_server_event as has_custom_voice,
)
from agents.realtime.openai_realtime import (
    get_server_event_type_adapter,
)

ADAPTER = get_server_event_type_adapter()

for line in sys.stdin:
    try:
        event = json.loads(line)
        if event.get("previous_item_id", "") is None:
            event["previous_item_id"] = ""
        answer = ADAPTER.validate_python(normalized(event) if has_custom_voice(event) else event).to_dict(mode="json")
    except Exception as error:  # noqa: BLE001 - whatever it is, the library refuses the event
        answer = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
