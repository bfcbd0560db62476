"""One valid order of each kind, and the facts that let it pass every gate: tests change one thing of them."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Final

from ordering_adapters.catalogue_file import shipped_catalogue
from ordering_core.domain.address import PostalAddress, PostalCode
from ordering_core.domain.catalogue import Product
from ordering_core.domain.customers import Account
from ordering_core.domain.drafts import Draft, InternetDraft, PortingDraft, SimDraft, VpnDraft
from ordering_core.domain.eligibility import EligibilityStanding, EligibilityState
from ordering_core.domain.identifiers import AccountId, ClientId, Sku
from ordering_core.domain.identity import IdentityMethod, IdentityStanding
from ordering_core.domain.policy import Policy
from ordering_core.domain.rules import RuleFacts, verdict
from ordering_core.domain.violations import Gate, Severity, Violation
from ordering_core.domain.vocabulary import Offering


CATALOGUE: Final = shipped_catalogue()
POLICY: Final = Policy()

NOON: Final = datetime(2026, 11, 10, 3, tzinfo=UTC)
TODAY: Final = date(2026, 11, 10)
DAY: Final = timedelta(days=1)

EID: Final = "89049032123451234512345678901235"

ADDRESS: Final = PostalAddress(
    postal_code=PostalCode("1500001"),
    prefecture="東京都",
    city="渋谷区",
    town_and_number="神宮前1-2-3",
    building="青山マンション",
    room="405",
)


def skus(*names: str) -> tuple[Sku, ...]:
    return tuple(map(Sku, names))


INTERNET: Final = InternetDraft(
    skus=skus("INTERNET-APARTMENT-1G-PRO", "INTERNET-GATEWAY-INCLUDED", "INTERNET-INSTALL-12"),
    access_mode="IPoE-HGW",
    installation="12-Month",
)
ESIM: Final = SimDraft(
    skus=skus("SIM-VOICE-10GB", "SIM-ACTIVATION"), sim_type="eSIM", eid=EID, activation_type="Immediate"
)
PHYSICAL: Final = SimDraft(
    skus=skus("SIM-VOICE-10GB", "SIM-ACTIVATION"), sim_type="Physical SIM", activation_type="Immediate"
)
PORTING: Final = PortingDraft(
    reservation_number="1234567890",
    reservation_expires_on=date(2026, 11, 24),
    phone_number="09012345678",
    last_name="髙橋",
    first_name="さくら",
    last_name_katakana="タカハシ",
    first_name_katakana="サクラ",
    gender="Female",
    birth_date=date(1990, 2, 28),
)
VPN: Final = VpnDraft(skus=skus("VPN-US", "VPN-ACTIVATION"), region="US")


def facts(
    draft: Draft,
    gate: Gate = Gate.CONFIGURE,
    *,
    at: datetime = NOON,
    products: Mapping[Sku, Product] = CATALOGUE.products,
    policy: Policy = POLICY,
) -> RuleFacts:
    """Return facts with which nothing but *draft* can be wrong; `attrs.evolve` changes them."""
    return RuleFacts(
        draft=draft,
        products=products,
        gate=gate,
        at=at,
        policy=policy,
        account=Account(id=AccountId("001A"), number="10001", name="髙橋 さくら", address=ADDRESS),
        client=ClientId(4711),
        address=ADDRESS,
        eligibility=EligibilityStanding(state=EligibilityState.ELIGIBLE, offering=Offering.APARTMENT_1G),
        identity=IdentityStanding.VERIFIED,
        identity_method=IdentityMethod.IC_CHIP,
        session_expires_at=at + timedelta(hours=1),
    )


def found(given: RuleFacts) -> list[tuple[str, str]]:
    """Return code and pointer of every error."""
    return [(violation.code, violation.pointer) for violation in verdict(given).errors]


def codes(given: RuleFacts) -> set[str]:
    """Return the codes of the errors."""
    return {violation.code for violation in verdict(given).errors}


def warnings(given: RuleFacts) -> list[str]:
    """Return the codes of what is only pointed out."""
    return [
        violation.code for violation in verdict(given).violations if violation.severity is Severity.WARNING
    ]


def only(given: RuleFacts) -> Violation:
    """Return the one violation there is."""
    (violation,) = verdict(given).violations
    return violation
