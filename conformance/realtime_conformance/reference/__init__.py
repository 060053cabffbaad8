"""The reference client: what a client of the API has to do, in as little code as it takes.

It is the client that the suite's own tests break on purpose, and an example for those who write a driver.
"""
