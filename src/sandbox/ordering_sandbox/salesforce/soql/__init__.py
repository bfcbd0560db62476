"""SOQL, as far as ordering needs it: parsed, checked, answered from the rows (reference 3)."""
