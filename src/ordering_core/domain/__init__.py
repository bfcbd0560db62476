"""The business of ordering: values, rules and decisions, all of them pure functions of their arguments."""
