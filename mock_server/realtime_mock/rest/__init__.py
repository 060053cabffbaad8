"""The HTTP side: routes, bodies, keys, CORS, the control API."""
