"""A proxy between a client and the service that writes down what passes."""
