"""What the core needs from the outside: one module per outside system, each a protocol to be implemented."""
