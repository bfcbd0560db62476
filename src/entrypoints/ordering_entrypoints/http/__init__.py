"""The HTTP API: thin, over `Ordering`."""
