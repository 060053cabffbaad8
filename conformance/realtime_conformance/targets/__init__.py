"""What scripts of client events are played against."""
