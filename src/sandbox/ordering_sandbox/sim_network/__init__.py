"""The mobile network: line orders over Freebit's form API, eSIM profiles over ES2+ of SGP.22."""
