"""What a customer adds to their account from the checkout page: a residence card, a payment method."""

from __future__ import annotations

from litestar import Controller, post
from litestar.response import Redirect

from ordering_core.errors import InvalidFile, NotFound, OutcomeUnknown, Refused, Unavailable
from ordering_entrypoints.http.auth import CUSTOMERS_ONLY, ApiRequest, customer_of
from ordering_entrypoints.http.documentation import BAD_FORM, BAD_KEY, CUSTOMERS, LOG_IN, described, problems
from ordering_entrypoints.http.idempotency import TheKey, once
from ordering_entrypoints.http.provided import TheBody, TheDocument, TheOrdering
from ordering_entrypoints.http.request_schemas import CARD
from ordering_entrypoints.http.threads import in_thread


class DocumentController(Controller):
    """Identity documents; mounted with a larger limit for bodies than the rest."""

    path = "/identity-documents"
    tags = ("Account",)
    security = CUSTOMERS
    opt = CUSTOMERS_ONLY

    @post(
        summary="Upload a residence card",
        status_code=204,
        operation_class=described(body=CARD),
        responses=problems(
            *BAD_FORM, *LOG_IN, *BAD_KEY, InvalidFile, NotFound, OutcomeUnknown, Refused, Unavailable
        ),
    )
    @in_thread
    def upload(
        self,
        request: ApiRequest,
        ordering: TheOrdering,
        body: TheBody,
        document: TheDocument,
        idempotency_key: TheKey = None,
    ) -> None:
        """Send a photo (JPEG, PNG or HEIC, at most 10 MB). Our team looks at it before activation."""
        customer, upload = customer_of(request), once(request, ordering, body, idempotency_key)
        key = upload.key or ordering.ids.new()
        upload.command(lambda: ordering.upload_card(document, customer=customer, key=key))


class PaymentMethodController(Controller):
    """Payment methods, which are stored by the billing system alone."""

    path = "/payment-methods"
    tags = ("Account",)
    security = CUSTOMERS
    opt = CUSTOMERS_ONLY

    @post(
        "/entry",
        summary="Go and add a payment method",
        status_code=303,
        operation_class=described(),
        responses=problems(*LOG_IN, NotFound, Refused, Unavailable),
    )
    @in_thread
    def enter(self, request: ApiRequest, ordering: TheOrdering) -> Redirect:
        """Lead to a page of the billing system. Its address works once, so ask for it each time."""
        return Redirect(
            ordering.card_entry_url(customer=customer_of(request)),
            status_code=303,
            headers={"Referrer-Policy": "no-referrer"},
        )
