"""The REST resources of the org, each a function from a call to an answer (reference 2, 6.3)."""
