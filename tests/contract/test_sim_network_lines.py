"""Line orders over the network's form API keep their contract, whatever the partner's contract says."""

import attrs

from ordering_adapters.sim_network.freebit.lines import FreebitLines
from ordering_core.application.line_book import own_name
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.domain.lines import LineState
from ordering_core.domain.values import CardNumber, LineNumber
from ordering_core.ports.line_book import Completion
from ordering_core.testing.contracts.lines import (
    OTHER_ORDER,
    PORTED,
    PRINTED,
    LineProvisioningContract,
    UnsearchableLineContract,
)
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

    def test_the_number_that_moves_or_that_a_card_was_made_with_is_known_at_once(
        self, lines: FreebitLines
    ) -> None:
        ported = attrs.evolve(self.esim(), porting=self.porting(days_left=15))
        for request, number in ((ported, LineNumber(PORTED.value)), (self.card(OTHER_ORDER), PRINTED)):
            known = self.book.line(lines.submit(request))
            assert known is not None
            assert known.number == number
        new = self.book.line(lines.submit(self.esim(OrderId("801000000000003AAA"))))
        assert new is not None
        assert new.number is None

    def test_a_card_for_data_may_have_a_number_of_machines(self, lines: FreebitLines) -> None:
        cards = [{"productNumber": "AX0000000000002", "phoneNumber": "02012345678"}]
        self.process.admin("POST", "stock", {"cards": cards})
        number = LineNumber("02012345678")
        asked = attrs.evolve(self.card(), card=CardNumber("AX0000000000002"), number=number, voice=False)
        submitted = lines.submit(asked)
        self.complete(asked.mark)
        assert [line.number for line in lines.find(asked.mark) or ()] == [number]
        lines.terminate(submitted, run_date=self.today())
        assert self.end_of(submitted) == self.today()

    def test_a_port_that_failed_has_no_number(self, lines: FreebitLines) -> None:
        ported = lines.submit(attrs.evolve(self.esim(), porting=self.porting(days_left=15)))
        self.book.complete(Completion(line=ported, failure="MNP_NAME_MISMATCH"))
        failed = self.book.line(ported)
        assert failed is not None
        assert (failed.state, failed.number) == (LineState.FAILED, None)

    def name_of(self, line: Row) -> LineId:
        key = OrderId(str(line["requestKey"]))
        receipts = [each["receiptNumber"] for each in self.process.lines(key)]
        return own_name(key, receipts.index(line["receiptNumber"]) + 1)
