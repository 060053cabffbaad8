"""The media plane: speech synthesis, Opus, the paced speaker and the listener of a call."""
