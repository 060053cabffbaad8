"""What the assistant answers: the frozen model, its YAML loader, and the script that picks a turn."""
