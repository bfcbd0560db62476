"""The routes: parse, one call on `Ordering`, render."""
