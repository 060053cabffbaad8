"""Recordings of sessions as JSON Lines: how they are written, scrubbed and read.

The first line tells where the recording comes from. Each line after it is one thing that passed: the opening of a
connection, a message, a close, an HTTP exchange. A message has the `kind`, `direction` and `data` that lists of
WebSocket messages have elsewhere, so both layouts read alike. Audio stands in WAV files beside the lines.
"""
