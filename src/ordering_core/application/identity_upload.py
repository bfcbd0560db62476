"""
What a customer does from the checkout page in other systems: send in a card, add a payment method.

Seed "Identity Verification (Residence Card)" and "Payment Method"; DESIGN 3.13. Nobody is verified here: an
agent looks at the image. An image that was taken is kept with its intent until Salesforce has it, where the
store can keep it from others' eyes: should this process die, another one sends it (DESIGN 6).
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Final

from ordering_core.application.effects import Effects
from ordering_core.application.own_orders import mapping_of
from ordering_core.domain.customers import Identity
from ordering_core.domain.identifiers import CustomerId, RequestKey
from ordering_core.domain.journal import Evidence, Outcome, Step, Subject, SubjectKind
from ordering_core.domain.vocabulary import System
from ordering_core.errors import NotFound, OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.checkout_records import Upload
from ordering_core.ports.customers import CustomerDirectory
from ordering_core.ports.files import FileStore
from ordering_core.ports.image_cleaner import ImageCleaner
from ordering_core.ports.store import Store, Transaction


_IN_TRANSIT: Final = "in_transit"
"""The cause that sends an image which whoever took it did not."""


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

        Unavailable, Refused: Salesforce; nothing of the image was kept. Uploading again under the same key is
        safe; while an earlier upload may still arrive it is Unavailable.

        OutcomeUnknown: It may be there; it is sent again by itself where the store keeps images.

    """
    account = _mapping(customer, store=effects.store).account
    image = image_cleaner.clean(content)
    sent = Upload(
        key=RequestKey(f"{customer}:{key}"),
        account=account,
        media_type=image.media_type,
        content=image.content,
        since=effects.at,
    )
    waits: list[RequestKey] = []

    def begun(tx: Transaction) -> None:
        waits.extend([sent.key] if tx.uploads.get(sent.key) else [])
        if tx.uploads.keep(sent):
            settles_at = effects.policy.settles_at(effects.at)
            tx.trigger(_subject(sent.key), cause=_IN_TRANSIT, at=settles_at)

    def ended(tx: Transaction, outcome: Outcome) -> None:
        # What an earlier attempt may have left half done is not given up because this one did nothing.
        if outcome is Outcome.UNKNOWN or (outcome is Outcome.ABSENT and waits):
            return
        _arrived(tx, sent.key)

    _send(sent, files=files, customers=customers, effects=effects, begun=begun, ended=ended)


def resume_upload(
    key: RequestKey, *, files: FileStore, customers: CustomerDirectory, effects: Effects
) -> None:
    """
    Send the image kept under *key*, if one is, as its customer's request would have done.

    Raises:
        Unavailable, OutcomeUnknown: Salesforce; it stays kept, to be sent later.

    """
    with effects.store.transaction() as tx:
        kept = tx.uploads.get(key)
    if kept is None:
        return

    def ended(tx: Transaction, outcome: Outcome) -> None:
        if outcome in {Outcome.DONE, Outcome.REFUSED}:
            _arrived(tx, key)

    with suppress(Refused):  # it is in the journal, and the customer finds the card still asked for
        _send(kept, files=files, customers=customers, effects=effects, ended=ended)
    with effects.store.transaction() as tx:  # done before, by who died before saying so
        _arrived(tx, key)


def _send(
    image: Upload,
    *,
    files: FileStore,
    customers: CustomerDirectory,
    effects: Effects,
    begun: Callable[[Transaction], object] | None = None,
    ended: Callable[[Transaction, Outcome], object],
) -> None:
    """Let Salesforce have *image*, once under its key, and wait for its review."""

    def upload() -> Evidence:
        kept = files.upload(image.account, content=image.content, media_type=image.media_type, key=image.key)
        try:
            customers.mark_identity_pending(image.account)
        except Unavailable as error:  # the file is there: this is not nothing
            raise OutcomeUnknown(error.system, error.reason) from None
        return {"file": kept}

    effects.make(
        _subject(image.key),
        Step.UPLOAD_CARD,
        mark=image.key,
        system=System.SALESFORCE,
        act=upload,
        begun=begun,
        ended=ended,
    )


def _subject(key: RequestKey) -> Subject:
    """Return the subject whose run sends the image kept under *key*."""
    return Subject(SubjectKind.IDENTITY, key)


def _arrived(tx: Transaction, key: RequestKey) -> None:
    """Forget the image kept under *key*, and that it is to be sent."""
    tx.uploads.remove(key)
    tx.forget_triggers(_subject(key), waiting=True)


def card_entry_url(*, customer: CustomerId, billing: BillingSystem, store: Store) -> str:
    """Return where the customer adds a payment method. Raises NotFound, Unavailable, Refused."""
    return billing.card_entry_url(_mapping(customer, store=store).client)


def _mapping(customer: CustomerId, *, store: Store) -> Identity:
    """Return the customer's mapping; NotFound for a portal user without one."""
    mapping = mapping_of(store, customer)
    if mapping is None:
        raise NotFound("account")
    return mapping
