"""The words of the service's validator.

SEEN means recorded from the Realtime API; SIBLING, recorded from another endpoint of the same
API, whose validator words its errors alike; UNSURE, not recorded: code and param are the ones to
rely on, the wording is ours.

| function                | evidence                                                        |
|-------------------------|-----------------------------------------------------------------|
| unknown_parameter       | SEEN                                                            |
| missing_parameter       | SEEN                                                            |
| unsupported_value       | SEEN                                                            |
| unsupported_combination | SEEN                                                            |
| out_of_range            | SEEN for an integer below its minimum; SIBLING for the others   |
| string_too_long         | SEEN                                                            |
| wrong_type              | SEEN for an object; SIBLING for lists, enums and unions         |
| too_few_elements        | SIBLING                                                         |
| too_many_properties     | SIBLING                                                         |
| property_name_too_long  | SIBLING, its shortened name UNSURE                              |
| bad_base64              | SEEN in beta; its `param` in GA is UNSURE                       |
| pattern_mismatch        | SIBLING                                                         |
| missing_type            | documented example                                              |
| not_an_object           | UNSURE                                                          |
| unexplained             | UNSURE; a test holds it to never being sent                     |
"""

from __future__ import annotations

from collections.abc import Sequence

from realtime_mock.api_error import ApiError

_LONGEST_QUOTE = 200


def unknown_parameter(path: str) -> ApiError:
    """A key that a closed object does not have."""
    return ApiError(f"Unknown parameter: '{path}'.", "unknown_parameter", path)


def missing_parameter(path: str) -> ApiError:
    """A required key that is absent."""
    return ApiError(f"Missing required parameter: '{path}'.", "missing_required_parameter", path)


def unsupported_value(path: str, value: object, supported: Sequence[object]) -> ApiError:
    """A value outside its enumeration."""
    names = [quoted(entry) for entry in supported]
    rule = f"Value must be {names[0]}." if len(names) == 1 else f"Supported values are: {listed(names, 'and')}."
    return ApiError(f"Invalid value: {quoted(value)}. {rule}", "invalid_value", path)


def unsupported_combination(path: str, value: Sequence[object], supported: Sequence[Sequence[object]]) -> ApiError:
    """A list whose entries are allowed one by one but not together."""
    # Recorded for `session.output_modalities` and worded for it: the one list of this kind.
    combinations = listed([_bracketed(entry) for entry in supported], "and")
    message = f"Invalid modalities: {_bracketed(value)}. Supported combinations are: {combinations}."
    return ApiError(message, "invalid_value", path)


def wrong_type(path: str, expected: str, value: object) -> ApiError:
    """A value of another JSON type; `expected` is a phrase such as "an array of objects"."""
    message = f"Invalid type for '{path}': expected {expected}, but got {kind_of(value)} instead."
    return ApiError(message, "invalid_type", path)


def out_of_range(path: str, value: float, *, minimum: float | None, maximum: float | None, noun: str) -> ApiError:
    """A number beyond one bound; the noun is "integer" or "decimal"."""
    side, sign, bound = ("above maximum", "<=", maximum) if minimum is None else ("below minimum", ">=", minimum)
    rule = f"{noun} {side} value. Expected a value {sign} {bound}, but got {_number(value)} instead."
    code = f"{noun}_{'above_max' if minimum is None else 'below_min'}_value"
    return ApiError(f"Invalid '{path}': {rule}", code, path)


def string_too_long(path: str, limit: int, length: int) -> ApiError:
    """A string over its limit; both lengths in characters."""
    rule = f"Expected a string with maximum length {limit}, but got a string with length {length} instead."
    return ApiError(f"Invalid '{path}': string too long. {rule}", "string_above_max_length", path)


def too_few_elements(path: str, limit: int) -> ApiError:
    """An empty array where one entry is the least."""
    rule = f"Expected an array with minimum length {limit}, but got an empty array instead."
    return ApiError(f"Invalid '{path}': empty array. {rule}", "empty_array", path)


def too_many_properties(path: str, limit: int, count: int) -> ApiError:
    """A map with more entries than allowed."""
    rule = f"Expected an object with at most {limit} properties, but got an object with {count} properties instead."
    return ApiError(f"Invalid '{path}': too many properties. {rule}", "object_above_max_properties", path)


def property_name_too_long(path: str, name: str, limit: int) -> ApiError:
    """A key of a map over its limit; `path` is the map's."""
    rule = f"Expected a string with maximum length {limit}, but got a string with length {len(name)} instead."
    shown = clean(f"{name[:3]}...{name[-3:]}")
    message = f"Invalid property name in '{path}': '{shown}' is too long. {rule}"
    return ApiError(message, "property_name_above_max_length", f"{path}.{clean(name)}")


def bad_base64(path: str) -> ApiError:
    """Text that is not base64."""
    rule = "Expected base64-encoded audio bytes (mono PCM16 at 24kHz) but got an invalid value."
    # The one capture, of an append in beta, has the param `audio.audio` beside a message about 'audio'.
    return ApiError(f"Invalid '{path}'. {rule}", "invalid_value", "audio.audio" if path == "audio" else path)


def pattern_mismatch(path: str, pattern: str) -> ApiError:
    """A string of the wrong form."""
    rule = f"Expected a string that matches the pattern '{pattern}'."
    return ApiError(f"Invalid '{path}': string does not match pattern. {rule}", "invalid_value", path)


def missing_type() -> ApiError:
    """An event that does not say which it is."""
    return ApiError("The 'type' field is missing.", "invalid_event")


def not_an_object(value: object) -> ApiError:
    """A JSON value that cannot be an event or a body."""
    return ApiError(f"Expected a JSON object, but got {kind_of(value)} instead.", "invalid_event")


def unexplained() -> ApiError:
    """The schema refuses what the search finds no fault with: a defect of ours, told rather than raised."""
    return ApiError("The event does not match its schema.", "invalid_event")


def kind_of(value: object) -> str:
    """A JSON value's type with its article, as errors name it."""
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int():
            return "an integer"
        case float():
            return "a decimal number"
        case str():
            return "a string"
        case list():
            return "an array"
        case dict():
            return "an object"
        case _:
            return "an unsupported value"


def quoted(value: object) -> str:
    """A value in quotation marks, shortened if it is very long."""
    return f"'{clean(value) if isinstance(value, str) else value}'"


def listed(names: Sequence[str], conjunction: str) -> str:
    """`'a', 'b', and 'c'`: the service's own punctuation, last comma included."""
    if len(names) < 3:
        return f" {conjunction} ".join(names)
    return f"{', '.join(names[:-1])}, {conjunction} {names[-1]}"


def clean(text: str) -> str:
    """Text of the client's that can be sent back: lone surrogates cannot, and megabytes should not."""
    short = text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}..."
    return short.encode("utf-8", "replace").decode("utf-8")


def _bracketed(values: Sequence[object]) -> str:
    shown = [quoted(value) for value in values[:10]]
    return f"[{', '.join(shown)}{', ...' if len(values) > 10 else ''}]"


def _number(value: float) -> str:
    # Python refuses to print integers of thousands of digits, which JSON can carry.
    if isinstance(value, int) and value.bit_length() > 256:
        return "a number of more than 256 bits"
    return str(value)
