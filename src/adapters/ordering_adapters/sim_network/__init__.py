"""Mobile networks as they are: line orders over Freebit's form API, eSIM profiles over ES2+ (DESIGN 5)."""
