"""Ways into the ordering core: settings and wiring, HTTP, command line."""
