"""
What a customer does from the checkout page in other systems: send in a card, add a payment method.

Seed "Identity Verification (Residence Card)" and "Payment Method"; DESIGN 3.13. Nobody is verified here: an
agent looks at the image.
"""

from __future__ import annotations

from ordering_core.application.effects import Effects
from ordering_core.application.own_orders import mapping_of
from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import CustomerId, RequestKey
from ordering_core.domain.journal import Evidence, Step, Subject, SubjectKind
from ordering_core.domain.vocabulary import System
from ordering_core.errors import NotFound
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.customers import CustomerDirectory
from ordering_core.ports.files import FileStore
from ordering_core.ports.image_cleaner import ImageCleaner
from ordering_core.ports.store import Store


def upload_card(
    content: bytes,
    *,
    customer: CustomerId,
    key: str,
    image_cleaner: ImageCleaner,
    files: FileStore,
    customers: CustomerDirectory,
    effects: Effects,
) -> None:
    """
    Keep the image at the customer's Account, to be reviewed; under one *key* one file is kept.

    Raises:
        InvalidFile: It is no image that may be kept; nothing was written.

        NotFound: The portal user has no Account.

        Unavailable, OutcomeUnknown, Refused: Salesforce; uploading again under the same key is safe;
        while an earlier upload may still arrive it is Unavailable.

    """
    account = _mapping(customer, store=effects.store).account
    image = image_cleaner.clean(content)
    own_key = RequestKey(f"{customer}:{key}")

    def upload() -> Evidence:
        kept = files.upload(account, content=image.content, media_type=image.media_type, key=own_key)
        customers.mark_identity_pending(account)
        return {"file": kept}

    effects.make(
        Subject(SubjectKind.IDENTITY, own_key),
        Step.UPLOAD_CARD,
        mark=own_key,
        system=System.SALESFORCE,
        act=upload,
    )


def card_entry_url(*, customer: CustomerId, billing: BillingSystem, store: Store) -> str:
    """Return where the customer adds a payment method. Raises NotFound, Unavailable, Refused."""
    return billing.card_entry_url(_mapping(customer, store=store).client)


def _mapping(customer: CustomerId, *, store: Store) -> Identity:
    """Return the customer's mapping; NotFound for a portal user without one."""
    mapping = mapping_of(store, customer)
    if mapping is None:
        raise NotFound("account")
    return mapping
