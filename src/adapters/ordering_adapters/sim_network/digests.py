"""Names a SIM without saying which: what the network tells by EID or card is matched by these."""

from __future__ import annotations

import hashlib
import hmac

from typing import Final

from ordering_core.domain.values import CardNumber, Eid


_PURPOSE: Final = b"ordering: the SIM of a line request"


def sim_key(sim: Eid | CardNumber) -> str:
    """
    Return a key of one EID or card, the same for the same one, from which it cannot be read off.

    An EID has about 2^80 free combinations; a card's number has fewer, and stands on the card itself.
    """
    return hmac.new(_PURPOSE, sim.value.encode("ascii"), hashlib.sha256).hexdigest()
