"""The use cases: gather what a decision needs, decide in the domain, then act through the ports."""
