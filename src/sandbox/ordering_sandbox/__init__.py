"""
Stand-ins for Salesforce, WHMCS and the mobile network: real servers on real sockets, for one machine.

They check and refuse what the real ones check and refuse, with their bodies and codes, so that a client
written by anybody works unchanged. They import no other package of this project: what shares no code shares
no mistakes (DESIGN 9).
"""
