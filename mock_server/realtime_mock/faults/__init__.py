"""What goes wrong because a test wants it to: one model and one grammar, whoever asks for it."""
