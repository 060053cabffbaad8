"""Words without a speech model: an utterance is matched against the phrases that a scenario lists."""
