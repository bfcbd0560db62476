"""
What a host needs to prove its own adapters and rules.

Strategies, state machines, contract suites and a clock.

Nothing else in `ordering_core` imports this package.
"""
