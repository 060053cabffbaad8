"""A recorded session as a scenario: what the service answered becomes what the mock will answer."""
