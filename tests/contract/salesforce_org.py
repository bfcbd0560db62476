"""The hands of the contracts over Salesforce, in an org of the sandbox, over real sockets."""

import re
import time

from collections.abc import Callable, Collection
from datetime import UTC, datetime
from typing import Final

import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory.catalogue import MemoryCatalogue
from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.hints import MemoryHints
from ordering_adapters.memory.price_book import SMALL_CATALOGUE
from ordering_adapters.memory.salesforce import MemorySalesforce
from ordering_adapters.salesforce import ClientCredentials, SalesforceOrg, SalesforceSettings
from ordering_core.domain.address import PostalAddress
from ordering_core.domain.catalogue import Catalogue, Product
from ordering_core.domain.customers import Account, EligibilityFields, IdentityFields
from ordering_core.domain.identifiers import (
    AccountId,
    CaseId,
    FileId,
    OpportunityId,
    OrderId,
    RequestKey,
    ServiceId,
    SimCardId,
    Version,
)
from ordering_core.domain.opportunity import Opportunity
from ordering_core.domain.orders import ActivationFields, AssignedSim
from ordering_core.domain.vocabulary import OrderType, Stage
from ordering_core.ports.cases import CaseKind, NewCase
from ordering_core.testing.contracts.outside import HOUSE, OutsideContract
from ordering_core.testing.contracts.salesforce import SalesforceContract
from ordering_core.testing.faults import Fault
from ordering_entrypoints.memory_systems import MemorySystem
from ordering_entrypoints.salesforce_settings import SalesforceVariables
from ordering_entrypoints.settings import Settings
from tests.contract.sandbox_process import SalesforceProcess, bare_seed
from tests.contract.stand_in import Row


BEGIN: Final = "2026-06-03T01:00:00+00:00"
PATIENCE: Final = 0.4
LATE: Final = 1.3
MARGIN: Final = 0.4
TRIES: Final = 4
"""How often the adapter sends a call that did nothing."""

STANDARD_BOOK: Final = "SELECT Id FROM Pricebook2 WHERE IsStandard = true"
PORTAL_BOOK: Final = "SELECT Id FROM Pricebook2 WHERE IsStandard = false"
COMMODITIES: Final = {
    OrderType.INTERNET: "Personal SonixNet Home Internet",
    OrderType.SIM: "SIM",
    OrderType.VPN: "VPN",
}
FAULTS: Final[dict[Fault, dict[str, object]]] = {
    Fault.DOWN: {
        "kind": "answer",
        "failure": "CONCURRENT_REQUESTS_LIMIT",
        "path": "/services/data",
        "times": TRIES,
    },
    Fault.LOSE_REPLY: {"kind": "lost_after_commit", "path": "/composite", "body": '"allOrNone": true'},
    Fault.SLOW: {
        "kind": "slow_then_committed",
        "path": "/composite",
        "body": '"allOrNone": true',
        "seconds": LATE,
    },
}


class SandboxPort(OutsideContract):
    """A port of the adapter over the sandbox, and how its calls go wrong."""

    catalogue_shown: Catalogue = SMALL_CATALOGUE

    @pytest.fixture(autouse=True)
    def sandbox(self, salesforce_process: SalesforceProcess) -> None:
        self.process = salesforce_process
        self.price_book = ""
        self.known = MemorySalesforce(SystemClock(), self.catalogue_shown, MemoryHints())
        self.attributes = MemoryCatalogue(self.known, MemoryFaults(SystemClock()))
        self.late = 0.0
        self.stock(self.catalogue_shown.products.values())
        self.process.admin("DELETE", "calls")

    def stock(self, products: Collection[Product]) -> None:
        """Begin again with an org that sells *products*."""
        seed = bare_seed()
        book = next(
            str(row["Id"])
            for row in seed["records"]
            if row["attributes"] == {"type": "Pricebook2"} and not row.get("IsStandard")
        )
        self.price_book = book
        for number, product in enumerate(products, 1):
            seed["records"] += _for_sale(product, book, number)
        self.process.admin("PUT", "clock", {"at": BEGIN, "stopped": False})
        self.process.admin("POST", "reset", seed)

    def settings(self) -> SalesforceSettings:
        """Return the way to the org."""
        return SalesforceSettings(
            domain="sandbox.my.salesforce.com",
            credentials=ClientCredentials(
                client_id=self.process.ready["client_id"],
                client_secret=self.process.ready["client_secret"],
            ),
            price_book=self.price_book,
            plain_address=self.process.ready["http"],
        )

    def connected(self, settings: SalesforceSettings | None = None) -> SalesforceOrg:
        """Go that way, which signs in anew."""
        self.waits: list[float] = []
        self.org = SalesforceOrg(settings or self.settings(), SystemClock(), sleep=self.waits.append)
        return self.org

    def later(self) -> None:
        """Let a second pass in the org, which counts time in seconds."""
        self.process.admin("PUT", "clock", {"advance_seconds": 1})

    def break_next(self, method: str, fault: Fault) -> None:
        self.process.fault(**FAULTS[fault])

    def slow(self, method: str, call: Callable[[], object]) -> None:
        patience = self.org.transport.read_timeout
        self.org.transport.read_timeout = PATIENCE
        try:
            super().slow(method, call)
        finally:
            self.org.transport.read_timeout = patience
        self.late = time.monotonic() + LATE - PATIENCE + MARGIN

    def let_late_work_arrive(self) -> None:
        time.sleep(max(0.0, self.late - time.monotonic()))


def alone(org: SalesforceVariables) -> Settings:
    """Return the settings of a process that knows *org* and nothing else outside."""
    return Settings(salesforce=org, in_memory=(MemorySystem.WHMCS, MemorySystem.SIM))


class SandboxOrg(SandboxPort, SalesforceContract):
    """An org with the small price book."""

    def new_account(self, address: PostalAddress = HOUSE) -> AccountId:
        lines = [address.town_and_number, address.building, address.room]
        return AccountId(
            self.process.write(
                "Account",
                {
                    "Name": "髙橋さくら",
                    "AccountNumber": "C000001",
                    "BillingStreet": "\n".join(lines).rstrip(),
                    "BillingCity": address.city,
                    "BillingState": address.prefecture,
                    "BillingPostalCode": str(address.postal_code),
                    "BillingCountry": "Japan",
                },
            )
        )

    def account_in_org(self, account: AccountId) -> Account:
        row = self.process.row(
            "Account",
            account,
            "Id, Name, AccountNumber, BillingStreet, BillingCity, BillingState, BillingPostalCode",
            "Internet_Eligibility__c, Internet_Eligibility_Status__c",
            "Internet_Eligibility_Checked_Date_Time__c, Id_Verification_Status__c, Id_Verification_Method__c",
            "Id_Verification_Verified_Date_Time__c, Id_Verification_Rejection_Message__c, SystemModstamp",
        )
        street, building, room = [*str(row["BillingStreet"]).split("\n"), "", ""][:3]
        return Account(
            id=AccountId(str(row["Id"])),
            number=str(row["AccountNumber"]),
            name=str(row["Name"]),
            address=PostalAddress.parse(
                {
                    "postal_code": str(row["BillingPostalCode"]),
                    "prefecture": str(row["BillingState"]),
                    "city": str(row["BillingCity"]),
                    "town_and_number": street,
                    "building": building,
                    "room": room,
                }
            ),
            eligibility=EligibilityFields(
                status=_text(row, "Internet_Eligibility_Status__c"),
                result=_text(row, "Internet_Eligibility__c"),
                checked_at=_moment(row, "Internet_Eligibility_Checked_Date_Time__c"),
            ),
            identity=IdentityFields(
                status=_text(row, "Id_Verification_Status__c"),
                method=_text(row, "Id_Verification_Method__c"),
                verified_at=_moment(row, "Id_Verification_Verified_Date_Time__c"),
                rejection_message=_text(row, "Id_Verification_Rejection_Message__c"),
            ),
            version=Version(str(row["SystemModstamp"])),
        )

    def set_identity(self, account: AccountId, fields: IdentityFields) -> None:
        self.later()
        self.process.write(
            "Account",
            {
                "Id_Verification_Status__c": fields.status,
                "Id_Verification_Method__c": fields.method,
                "Id_Verification_Verified_Date_Time__c": _written(fields.verified_at),
                "Id_Verification_Rejection_Message__c": fields.rejection_message,
            },
            account,
        )

    def set_eligibility(self, account: AccountId, fields: EligibilityFields) -> None:
        self.later()
        self.process.write(
            "Account",
            {
                "Internet_Eligibility_Status__c": fields.status,
                "Internet_Eligibility__c": fields.result,
                "Internet_Eligibility_Checked_Date_Time__c": _written(fields.checked_at),
            },
            account,
        )

    def new_opportunity(
        self, account: AccountId, order_type: OrderType, stage: Stage, *, source: str = "Shop"
    ) -> OpportunityId:
        return OpportunityId(
            self.process.write(
                "Opportunity",
                {
                    "AccountId": account,
                    "Name": "by hand",
                    "StageName": stage.value,
                    "CloseDate": "2026-07-01",
                    "CommodityType__c": COMMODITIES[order_type],
                    "Opportunity_Source__c": source,
                },
            )
        )

    def opportunity_in_org(self, opportunity: OpportunityId) -> Opportunity:
        row = self.process.row(
            "Opportunity",
            opportunity,
            "Id, AccountId, StageName, CommodityType__c, CreatedDate",
            "Opportunity_Source__c, WHMCS_Service_ID__c",
        )
        service = _text(row, "WHMCS_Service_ID__c")
        types = {text: order_type for order_type, text in COMMODITIES.items()}
        return Opportunity(
            id=OpportunityId(str(row["Id"])),
            account=AccountId(str(row["AccountId"])),
            order_type=types[str(row["CommodityType__c"])],
            stage=str(row["StageName"]),
            created_at=datetime.fromisoformat(str(row["CreatedDate"])),
            source=str(row["Opportunity_Source__c"]),
            service=ServiceId(int(service)) if service else None,
        )

    def order_on(self, opportunity: OpportunityId, *, status: str) -> OrderId:
        known = self.opportunity_in_org(opportunity)
        return OrderId(
            self.process.write(
                "Order",
                {
                    "AccountId": known.account,
                    "OpportunityId": opportunity,
                    "Pricebook2Id": self.price_book,
                    "Type": known.order_type.value,
                    "Status": status,
                    "EffectiveDate": "2026-06-03",
                },
            )
        )

    def set_status(self, order: OrderId, status: str | None) -> None:
        self.later()
        if status not in {"Draft", "Pending Review", "Approved", "Activated", "Cancelled"}:
            self.process.admin("PUT", "fields", {"Order.Status": {"required": False, "restricted": False}})
        self.process.write("Order", {"Status": status}, order)

    def set_activation(self, order: OrderId, fields: ActivationFields) -> None:
        self.process.admin("PUT", "fields", {"Order.Activation_Status__c": {"restricted": False}})
        self.process.write(
            "Order",
            {
                "Activation_Status__c": fields.status,
                "Activation_Scheduled_At__c": _written(fields.scheduled_at),
                "Activation_Error_Code__c": fields.error_code,
                "Activation_Error_Message__c": fields.error_message,
            },
            order,
        )

    def assign_card(self, order: OrderId) -> SimCardId:
        card = self.process.write(
            "SIM_Inventory__c",
            {
                "Name": "card",
                "ICCID__c": "8981300000000000001",
                "Product_Number__c": "PN-1",
                "Phone_Number__c": "08012345678",
                "Status__c": "Used",
                "Order__c": order,
            },
        )
        self.process.write("Order", {"Assign_Physical_SIM__c": card}, order)
        return SimCardId(card)

    def card_in_org(self, card: SimCardId) -> AssignedSim:
        row = self.process.row(
            "SIM_Inventory__c",
            card,
            "Id, ICCID__c, Product_Number__c, Phone_Number__c, Status__c, Order__c",
        )
        order = _text(row, "Order__c")
        return AssignedSim(
            id=SimCardId(str(row["Id"])),
            iccid=str(row["ICCID__c"]),
            product_number=str(row["Product_Number__c"]),
            phone_number=_text(row, "Phone_Number__c"),
            order=OrderId(order) if order else None,
            stock_status=str(row["Status__c"]),
        )

    def cases_in_org(self, account: AccountId) -> dict[CaseId, NewCase]:
        rows = self.process.query(
            "SELECT Id, Subject, Description, Portal_Request_Key__c FROM Case"
            f" WHERE AccountId = '{account}' AND Origin = 'Portal Notification'"
        )
        return {CaseId(str(row["Id"])): _case(account, row) for row in rows}

    def close_case(self, case: CaseId) -> None:
        self.process.write("Case", {"Status": "Closed"}, case)

    def files_in_org(self, account: AccountId) -> dict[FileId, bytes]:
        links = self.process.query(
            "SELECT ContentDocument.LatestPublishedVersionId, Visibility FROM ContentDocumentLink"
            f" WHERE LinkedEntityId = '{account}'"
        )
        assert all(link["Visibility"] == "InternalUsers" for link in links)
        versions = [str(_inner(link, "ContentDocument")["LatestPublishedVersionId"]) for link in links]
        return {FileId(version): self.process.download(version) for version in versions}


def _for_sale(product: Product, book: str, number: int) -> list[Row]:
    made = f"01tSD{number:010d}AAA"
    return [
        {
            "attributes": {"type": "Product2"},
            "Id": made,
            "Name": product.name,
            "StockKeepingUnit": product.sku,
            "IsActive": product.active,
            "WH_Product_ID__c": product.billing_product,
            "Billing_Cycle__c": product.cycle.value,
            "Item_Class__c": product.item_class.value,
        },
        {
            "attributes": {"type": "PricebookEntry"},
            "Pricebook2Id": book,
            "Product2Id": made,
            "UnitPrice": int(product.price),
            "IsActive": True,
        },
    ]


def _case(account: AccountId, row: Row) -> NewCase:
    said = str(row["Description"])
    named = dict(re.findall(r"^(Request|Order|Opportunity): (.+)$", said, re.MULTILINE))
    text = re.split(r"\n*^Request: ", said, maxsplit=1, flags=re.MULTILINE)[0]
    return NewCase(
        key=RequestKey(str(row["Portal_Request_Key__c"])),
        kind=CaseKind(named["Request"]),
        account=account,
        subject=str(row["Subject"]),
        description=text,
        order=OrderId(named["Order"]) if "Order" in named else None,
        opportunity=OpportunityId(named["Opportunity"]) if "Opportunity" in named else None,
    )


def _inner(row: Row, name: str) -> Row:
    value = row[name]
    assert isinstance(value, dict)
    return value


def _text(row: Row, name: str) -> str | None:
    value = row[name]
    return None if value is None else str(value)


def _moment(row: Row, name: str) -> datetime | None:
    value = row[name]
    return None if value is None else datetime.fromisoformat(str(value))


def _written(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat()
