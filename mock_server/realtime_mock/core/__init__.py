"""The session as a pure state machine: events, audio and time go in, effects come out."""
