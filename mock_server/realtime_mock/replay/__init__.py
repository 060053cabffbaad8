"""Replaying a recorded session: the mock gets what the client sent and must answer as the service did.

A recording is a JSON list of `{kind, direction, data}`, one entry for each WebSocket message in the order in which
the client saw them. It holds no times, and its audio is usually cut. So a replay runs on a virtual clock, with
stand-ins made from the recording: its answers are the script, its `speech_started` and `speech_stopped` the voice
detector, its token counts the lengths of what is spoken.

The one rule of order: every server event belongs to the main line or to a side stream. Side streams are deltas, the
events of input transcription, and `rate_limits.updated`: the service sends them when they are ready, so two
recordings of the same session mix them differently.

- The main line is compared event by event, in order.
- The deltas of one item are compared by what they add up to; of audio, only that there is some.
- The transcription of one item is compared by what its deltas add up to and by its final event.
- Of `rate_limits.updated` the names are compared, and the mock may send more of them than are recorded: the service
  leaves some out. Not more are asked for than there are completed responses.

What the mock gets obeys the same order. The client's record tells when it sent a message, not when the service took
it, which is a network's delay later. So a message is given to the mock right before the recorded event that answers
it: when the mock has sent all of the main line, and all the text of deltas, that is recorded before that event. A
message that nothing answers is given at its own place. What starts or ends a user's speech is given in the same way,
and with it enough silence to reach the recorded offset. An interruption waits for all of the text that the
interrupted response still sent, since that is what its final events repeat.

A recording ends when its client hung up: what the mock would send after that is no difference.
"""
