"""What a client did that the service of today refuses, or that harms: rules over what passed."""
