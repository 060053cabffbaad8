"""Driver for the types of openai (PyPI): `python openai_python.py [--client] [--beta] [--validate]`.

Parses as the library's connection does, which validates nothing; with `--validate`, as pydantic does with its types.
"""

import json
import sys

from openai._models import construct_type_unchecked
from pydantic import TypeAdapter

if "--beta" in sys.argv:
    from openai.types.beta.realtime import RealtimeClientEvent, RealtimeServerEvent
else:
    from openai.types.realtime import RealtimeClientEvent, RealtimeServerEvent

TYPE = RealtimeClientEvent if "--client" in sys.argv else RealtimeServerEvent
ADAPTER = TypeAdapter(TYPE)

for line in sys.stdin:
    try:
        value = json.loads(line)
        event = (
            ADAPTER.validate_python(value)
            if "--validate" in sys.argv
            else construct_type_unchecked(value=value, type_=TYPE)
        )
        answer = event.to_dict(mode="json")
    except Exception as error:  # noqa: BLE001 - whatever it is, the library refuses the event
        answer = {"error": f"{type(error).__name__}: {error}"}
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
