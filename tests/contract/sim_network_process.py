"""A mobile network of the sandbox as a child process, and the hands of its staff and of devices in it."""

from ordering_core.domain.identifiers import OrderId
from tests.contract.stand_in import Row, StandIn


class SimNetworkProcess(StandIn):
    """One network on ports of its own; stopped by closing its standard input."""

    def __init__(self) -> None:
        super().__init__("sim_network")

    def switch(self, **switches: object) -> None:
        self.admin("PUT", "switches", switches)

    def lines(self, order: OrderId | None = None) -> list[Row]:
        """Return every line, or those asked for under *order*, as the network's staff see them."""
        return self._rows("lines", **({} if order is None else {"requestKey": str(order)}))

    def profiles(self) -> list[Row]:
        """Return every profile, in stock or not."""
        return self._rows("profiles", all="1")

    def completions(self) -> bytes:
        """Return the file of completions."""
        said = self.admin("GET", "completions")
        assert isinstance(said, dict)
        return bytes.fromhex(str(said["hex"]))

    def calls(self) -> list[str]:
        """Return the last parts of the paths that were called, in their order, and forget them."""
        counted = self.admin("GET", "calls")
        self.admin("DELETE", "calls")
        assert isinstance(counted, dict)
        return [str(call["path"]).strip("/").rpartition("/")[2] for call in counted["calls"]]

    def _rows(self, path: str, **query: str) -> list[Row]:
        found = self.admin("GET", path, **query)
        assert isinstance(found, list)
        return found
