"""What a client did that the service of today refuses, or that harms: rules over what passed.

A log is read twice. `Session` follows one connection and knows at each entry what its client could know: the active
response, the audio that came, the audio that was appended. A rule is a function that looks at one entry and at that
session, before the entry changes it, and yields faults. `rules.RULES` lists them all with their severity.
"""
