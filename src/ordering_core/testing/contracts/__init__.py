"""
What every adapter of a port has to keep, as tests to be inherited.

A host names the plugin in its top-level conftest (``pytest_plugins = ["ordering_core.testing.plugin"]``),
derives a class per contract whose name begins with ``Test``, and returns its adapter from the abstract
fixtures.
"""
