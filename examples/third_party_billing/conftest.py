"""Lets the shipped contracts say what they compared."""

pytest_plugins = ["ordering_core.testing.plugin"]
