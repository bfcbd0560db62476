"""
Provisioning as a to-do list: what is to be done next for one order, given what is known of it.

`next_action` is a function; nothing in this package acts. `ordering_core.application.provision` asks, does
the one thing, records it, and asks again, so that a crash anywhere is answered by asking again.
"""
