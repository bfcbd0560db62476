"""Adapters of the ordering core: each translates one outside system, or memory, into the core's ports."""
