"""Line orders over the network's form API keep their contract, whatever the partner's contract says."""

from ordering_core.application.line_book import own_name
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.testing.contracts.lines import LineProvisioningContract, UnsearchableLineContract
from tests.contract.sim_network_lines import LinesOnSandbox
from tests.contract.stand_in import Row


class TestFreebitLines(LinesOnSandbox, LineProvisioningContract): ...


class TestUnsearchableFreebitLines(LinesOnSandbox, UnsearchableLineContract):
    switches = {"status_query": False}  # noqa: RUF012 - read only
    status_path = ""


class TestFreebitLinesThatAreToldLittle(LinesOnSandbox, LineProvisioningContract):
    """No phone number and no number of the request in the answers, and codes as numbers."""

    switches = {  # noqa: RUF012 - read only
        "account_in_answer": False,
        "receipt_in_answer": False,
        "numeric_codes": True,
    }
    receipt_field = ""

    def name_of(self, line: Row) -> LineId:
        key = OrderId(str(line["requestKey"]))
        receipts = [each["receiptNumber"] for each in self.process.lines(key)]
        return own_name(key, receipts.index(line["receiptNumber"]) + 1)
