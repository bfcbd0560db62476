"""
From configuration to order: the checkout session (seed "Checkout").

A session may be opened before login. Whoever knows its id may change it until a customer adopts it, which
gives it another id.
"""

from __future__ import annotations

from litestar import Controller, Response, get, post, put
from litestar.params import FromPath

from ordering_core.application.views import CheckoutReview, Submitted
from ordering_core.domain.checkout import CheckoutIncomplete, CheckoutSession
from ordering_core.domain.identifiers import OrderId, SessionId
from ordering_core.domain.violations import OrderRejected
from ordering_core.errors import CheckoutClosed, CheckoutExpired, Conflict, NotFound, Refused, Unavailable
from ordering_core.ports.checkout_records import PlacementState
from ordering_entrypoints.http import bodies, examples
from ordering_entrypoints.http.answers import created, submitted
from ordering_entrypoints.http.auth import CUSTOMERS_ONLY, ApiRequest, customer_of, shopper_of
from ordering_entrypoints.http.documentation import (
    ANYBODY,
    BAD_JSON,
    BAD_KEY,
    CUSTOMERS,
    LOG_IN,
    answer,
    described,
    problems,
)
from ordering_entrypoints.http.idempotency import TheKey, once
from ordering_entrypoints.http.provided import TheBody, TheOrdering
from ordering_entrypoints.http.request_schemas import ADDRESS, DRAFT
from ordering_entrypoints.http.threads import in_thread
from ordering_entrypoints.wire import CheckoutReviewView, CheckoutSessionView, SubmittedView


_SESSION = (NotFound, CheckoutExpired)
_OPEN_SESSION = (*_SESSION, CheckoutClosed, Conflict, Unavailable)


class CheckoutController(Controller):
    """Checkout sessions that anybody may have."""

    path = "/checkout-sessions"
    tags = ("Checkout",)
    security = ANYBODY

    @post(
        summary="Begin a checkout",
        operation_class=described(body=DRAFT, answers={201: examples.SESSION}),
        responses=problems(*BAD_JSON, *BAD_KEY, OrderRejected, Unavailable),
    )
    @in_thread
    def begin(
        self,
        request: ApiRequest,
        ordering: TheOrdering,
        body: TheBody,
        idempotency_key: TheKey = None,
    ) -> Response[CheckoutSessionView]:
        """Keep a valid configuration on the server, with or without login. It expires after a day."""
        draft, customer = bodies.draft(request, body), shopper_of(request)
        session = once(request, ordering, body, idempotency_key)(
            lambda: ordering.begin_checkout(draft, customer=customer),
            reference=_id_of,
            recall=lambda session: ordering.checkout(SessionId(session), customer=customer),
        )
        return created(request, CheckoutSessionView.of(session))

    @get(
        "/{session_id:str}",
        summary="Read a checkout",
        operation_class=described(answers={200: examples.SESSION}),
        responses=problems(*_SESSION, Unavailable),
    )
    @in_thread
    def read(
        self, request: ApiRequest, ordering: TheOrdering, session_id: FromPath[str]
    ) -> CheckoutSessionView:
        """Return the session to its owner."""
        return CheckoutSessionView.of(ordering.checkout(SessionId(session_id), customer=shopper_of(request)))

    @put(
        "/{session_id:str}/draft",
        summary="Change the configuration",
        operation_class=described(body=DRAFT, answers={200: examples.SESSION}),
        responses=problems(*BAD_JSON, *_OPEN_SESSION, OrderRejected),
    )
    @in_thread
    def change(
        self, request: ApiRequest, ordering: TheOrdering, session_id: FromPath[str], body: TheBody
    ) -> CheckoutSessionView:
        """Put another valid configuration in place of the present one; the session's time begins again."""
        return CheckoutSessionView.of(
            ordering.change_checkout(
                SessionId(session_id), bodies.draft(request, body), customer=shopper_of(request)
            )
        )


class OwnCheckoutController(Controller):
    """What only a customer can do with a session: make it theirs, meet its requirements, submit it."""

    path = "/checkout-sessions/{session_id:str}"
    tags = ("Checkout",)
    security = CUSTOMERS
    opt = CUSTOMERS_ONLY

    @post(
        "/adoption",
        summary="Make an anonymous checkout your own",
        operation_class=described(answers={201: examples.OWN_SESSION}),
        responses=problems(*LOG_IN, *BAD_KEY, *_OPEN_SESSION),
    )
    @in_thread
    def adopt(
        self,
        request: ApiRequest,
        ordering: TheOrdering,
        session_id: FromPath[str],
        body: TheBody,
        idempotency_key: TheKey = None,
    ) -> Response[CheckoutSessionView]:
        """Take over the session after login. It gets a new id; the old one leads nowhere."""
        customer = customer_of(request)
        session = once(request, ordering, body, idempotency_key)(
            lambda: ordering.adopt_checkout(SessionId(session_id), customer=customer),
            reference=_id_of,
            recall=lambda session: ordering.checkout(SessionId(session), customer=customer),
        )
        return created(request, CheckoutSessionView.of(session))

    @get(
        "/requirements",
        summary="See what is still required",
        operation_class=described(answers={200: examples.REVIEW}),
        responses=problems(*LOG_IN, *_SESSION, Unavailable),
    )
    @in_thread
    def requirements(
        self, request: ApiRequest, ordering: TheOrdering, session_id: FromPath[str]
    ) -> CheckoutReviewView:
        """Everything the checkout page shows; payment method, card and eligibility are asked for now."""
        return CheckoutReviewView.of(
            ordering.requirements(SessionId(session_id), customer=customer_of(request))
        )

    @put(
        "/address",
        summary="Type another service address",
        operation_class=described(body=ADDRESS, answers={200: examples.OWN_SESSION}),
        responses=problems(*BAD_JSON, *LOG_IN, *_OPEN_SESSION, OrderRejected),
    )
    @in_thread
    def update_address(
        self, request: ApiRequest, ordering: TheOrdering, session_id: FromPath[str], body: TheBody
    ) -> CheckoutSessionView:
        """For this order only, until it is submitted. It has to be confirmed after that."""
        return CheckoutSessionView.of(
            ordering.update_address(
                SessionId(session_id), bodies.address(request, body), customer=customer_of(request)
            )
        )

    @post(
        "/address-confirmation",
        summary="Confirm the service address",
        status_code=200,
        operation_class=described(answers={200: examples.OWN_SESSION}),
        responses=problems(*LOG_IN, *BAD_KEY, *_OPEN_SESSION, OrderRejected),
    )
    @in_thread
    def confirm_address(
        self,
        request: ApiRequest,
        ordering: TheOrdering,
        session_id: FromPath[str],
        body: TheBody,
        idempotency_key: TheKey = None,
    ) -> CheckoutSessionView:
        """Say that the address shown is right. An apartment's needs its building and room."""
        customer = customer_of(request)
        session = once(request, ordering, body, idempotency_key)(
            lambda: ordering.confirm_address(SessionId(session_id), customer=customer),
            reference=_id_of,
            recall=lambda session: ordering.checkout(SessionId(session), customer=customer),
        )
        return CheckoutSessionView.of(session)

    @post(
        "/eligibility-request",
        summary="Ask whether the address can be served",
        status_code=202,
        operation_class=described(answers={202: examples.REVIEW}),
        responses=problems(*LOG_IN, *BAD_KEY, *_OPEN_SESSION, OrderRejected, Refused),
    )
    @in_thread
    def request_eligibility(
        self,
        request: ApiRequest,
        ordering: TheOrdering,
        session_id: FromPath[str],
        body: TheBody,
        idempotency_key: TheKey = None,
    ) -> CheckoutReviewView:
        """Have our team check the address for Internet. Asking twice is the same as once."""
        customer = customer_of(request)
        review = once(request, ordering, body, idempotency_key)(
            lambda: ordering.request_eligibility(SessionId(session_id), customer=customer),
            reference=_id_of_review,
            recall=lambda session: ordering.requirements(SessionId(session), customer=customer),
        )
        return CheckoutReviewView.of(review)

    @post(
        "/submission",
        summary="Submit the order",
        operation_class=described(
            answers={201: examples.PLACED, 200: examples.PLACED, 202: examples.PLACING}
        ),
        responses={
            200: answer(SubmittedView, "It was submitted before; this is its order."),
            202: answer(SubmittedView, "We are confirming your order; ask again after Retry-After seconds."),
            **problems(*LOG_IN, *BAD_KEY, *_OPEN_SESSION, CheckoutIncomplete, OrderRejected, Refused),
        },
    )
    @in_thread
    def submit(
        self,
        request: ApiRequest,
        ordering: TheOrdering,
        session_id: FromPath[str],
        body: TheBody,
        idempotency_key: TheKey = None,
    ) -> Response[SubmittedView]:
        """
        Place the order. However often it is submitted, one order exists.

        Nothing is charged before our team has approved it.
        """
        customer = customer_of(request)
        outcome = once(request, ordering, body, idempotency_key)(
            lambda: ordering.submit(SessionId(session_id), customer=customer),
            reference=lambda outcome: outcome.order,
            recall=lambda order: Submitted(
                state=PlacementState.PLACED, order=OrderId(order), retry_after=None
            ),
        )
        return submitted(request, outcome)


def _id_of(session: CheckoutSession) -> str:
    return session.id


def _id_of_review(review: CheckoutReview) -> str:
    return review.session.id
