"""`Ordering`: everything a host can ask of this library, behind the one obvious constructor (DESIGN 2, 7)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from datetime import datetime
from functools import partial

import attrs

from ordering_core.application import checkout as checkouts
from ordering_core.application import configure
from ordering_core.application.address import confirm_address, update_address
from ordering_core.application.broken_runs import run_or_report
from ordering_core.application.configure import products_for_sale
from ordering_core.application.effects import Effects
from ordering_core.application.eligibility_request import request_eligibility
from ordering_core.application.identity_upload import card_entry_url, resume_upload, upload_card
from ordering_core.application.news import account_changed, order_changed, provision_requested
from ordering_core.application.observe import observe
from ordering_core.application.order_commands import adopt, retry, sim_arrived
from ordering_core.application.order_detail import order_detail
from ordering_core.application.orders import list_orders
from ordering_core.application.outside import Outside
from ordering_core.application.own_orders import own_order
from ordering_core.application.pausing import Pause, pause, paused, resume
from ordering_core.application.placing import Placing
from ordering_core.application.provision import provision
from ordering_core.application.reconciliation import reconcile_order
from ordering_core.application.recovery import reconcile, run
from ordering_core.application.retention import forget
from ordering_core.application.review import review
from ordering_core.application.sessions import live_session
from ordering_core.application.story import OrderStory, story
from ordering_core.application.submit import submit
from ordering_core.application.sweeping import sweep
from ordering_core.application.views import CheckoutReview, DraftCheck, OrderDetail, OrderPage, Submitted
from ordering_core.application.watch import FROM_THE_START, changes, subscribe, watch
from ordering_core.domain.catalogue import Catalogue
from ordering_core.domain.checkout import CheckoutSession
from ordering_core.domain.drafts import AddressDraft, Draft
from ordering_core.domain.events import OrderEvent
from ordering_core.domain.identifiers import (
    AccountId,
    Cursor,
    CustomerId,
    OrderId,
    RequestKey,
    SessionId,
)
from ordering_core.domain.journal import Rest, Runner, Subject
from ordering_core.domain.policy import Policy
from ordering_core.domain.quote import Quote
from ordering_core.domain.texts import Language
from ordering_core.domain.timeline import Bucket
from ordering_core.domain.vocabulary import OrderType
from ordering_core.ports.billing import BillingSystem
from ordering_core.ports.cases import CaseDesk
from ordering_core.ports.catalogue import ProductCatalogue
from ordering_core.ports.clock import Clock
from ordering_core.ports.closed_days import ClosedDays
from ordering_core.ports.customers import CustomerDirectory
from ordering_core.ports.files import FileStore
from ordering_core.ports.ids import IdSource
from ordering_core.ports.image_cleaner import ImageCleaner
from ordering_core.ports.line_provisioning import LineProvisioning
from ordering_core.ports.live_updates import LiveUpdates, Subscription
from ordering_core.ports.notifications import Notifications
from ordering_core.ports.opportunities import OpportunityRepository
from ordering_core.ports.order_records import ProjectedOrder
from ordering_core.ports.orders import OrderRepository
from ordering_core.ports.profile_delivery import ProfileDelivery
from ordering_core.ports.store import Store


@attrs.frozen(kw_only=True, eq=False, repr=False)
class Ordering:
    """
    Everything a host can ask of the ordering domain; build one per process and share it between threads.

    It holds no state of its own. Every use case reads the clock once, provisioning before each of its steps.
    Whatever an outside system does wrong comes out as one of the four port errors of `ordering_core.errors`.
    """

    catalogue: ProductCatalogue
    customers: CustomerDirectory
    orders: OrderRepository
    opportunities: OpportunityRepository
    cases: CaseDesk
    files: FileStore
    billing: BillingSystem
    lines: LineProvisioning
    profiles: ProfileDelivery
    store: Store
    live_updates: LiveUpdates
    closed_days: ClosedDays
    image_cleaner: ImageCleaner
    notifications: Notifications
    clock: Clock
    ids: IdSource
    policy: Policy = attrs.field(factory=Policy)

    def catalogue_for(self, order_type: OrderType | None = None) -> Catalogue:
        """Return the products for sale, of *order_type* or of all types. Raises Unavailable."""
        return products_for_sale(order_type, catalogue=self.catalogue)

    def refresh_catalogue(self) -> None:
        """Forget cached products; the next read asks the source."""
        self.catalogue.refresh()

    def check(self, draft: Draft) -> DraftCheck:
        """Return what the rules of the configure gate say of *draft*; nothing is raised for violations."""
        return configure.check(draft, catalogue=self.catalogue, policy=self.policy, at=self.clock.now())

    def price(self, draft: Draft) -> Quote:
        """Return what *draft* costs. Raises OrderRejected when it violates a rule."""
        _, quote = configure.accept(draft, catalogue=self.catalogue, policy=self.policy, at=self.clock.now())
        return quote

    def begin_checkout(self, draft: Draft, *, customer: CustomerId | None = None) -> CheckoutSession:
        """Open a checkout session, with or without login (seed "Checkout"). Raises OrderRejected."""
        return checkouts.begin(
            draft,
            customer=customer,
            catalogue=self.catalogue,
            store=self.store,
            ids=self.ids,
            policy=self.policy,
            at=self.clock.now(),
        )

    def checkout(self, session: SessionId, *, customer: CustomerId | None) -> CheckoutSession:
        """Return the session to its owner; NotFound for anybody else's, CheckoutExpired after its time."""
        with self.store.transaction() as tx:
            return live_session(tx, session, customer=customer, at=self.clock.now())

    def change_checkout(
        self, session: SessionId, draft: Draft, *, customer: CustomerId | None
    ) -> CheckoutSession:
        """
        Put *draft* into the session in place of its present one; its time begins again.

        Raises:
            OrderRejected: *draft* violates a rule; the session keeps what it had.

            CheckoutClosed: The session was submitted.

            CheckoutExpired: Its time is over.

            NotFound: There is no such session of this customer.

        """
        return checkouts.change(
            session,
            draft,
            customer=customer,
            catalogue=self.catalogue,
            store=self.store,
            policy=self.policy,
            at=self.clock.now(),
        )

    def adopt_checkout(self, session: SessionId, *, customer: CustomerId) -> CheckoutSession:
        """
        Give an anonymous session to the customer who just logged in, under a new id; the old one is gone.

        DESIGN 3.16.

        Raises:
            CheckoutExpired: Its time is over.

            NotFound: There is no such session, or it is another customer's.

        """
        return checkouts.adopt(
            session,
            customer=customer,
            store=self.store,
            ids=self.ids,
            policy=self.policy,
            at=self.clock.now(),
        )

    def requirements(self, session: SessionId, *, customer: CustomerId) -> CheckoutReview:
        """Return what still keeps the session from being submitted, asking the other systems now."""
        return review(
            session,
            customer=customer,
            catalogue=self.catalogue,
            orders=self.orders,
            billing=self.billing,
            store=self.store,
            policy=self.policy,
            at=self.clock.now(),
        )

    def confirm_address(self, session: SessionId, *, customer: CustomerId) -> CheckoutSession:
        """
        Confirm the address that the checkout shows.

        Raises:
            OrderRejected: There is none, or it is incomplete; pointers begin with ``/address``.

        """
        return confirm_address(
            session,
            customer=customer,
            catalogue=self.catalogue,
            orders=self.orders,
            store=self.store,
            policy=self.policy,
            at=self.clock.now(),
        )

    def update_address(
        self, session: SessionId, address: AddressDraft, *, customer: CustomerId
    ) -> CheckoutSession:
        """
        Type another address for this order, to be confirmed then.

        Until submit it is the session's alone (DESIGN 3.23).

        Raises:
            OrderRejected: With every field that is wrong; pointers are ``/address/<field>``.

        """
        return update_address(
            session,
            address,
            customer=customer,
            catalogue=self.catalogue,
            orders=self.orders,
            store=self.store,
            policy=self.policy,
            at=self.clock.now(),
        )

    def request_eligibility(self, session: SessionId, *, customer: CustomerId) -> CheckoutReview:
        """Ask the team whether the session's address can be served; asking twice is the same as once."""
        return request_eligibility(
            session,
            customer=customer,
            catalogue=self.catalogue,
            customers=self.customers,
            orders=self.orders,
            billing=self.billing,
            store=self.store,
            ids=self.ids,
            policy=self.policy,
            at=self.clock.now(),
        )

    def upload_card(self, content: bytes, *, customer: CustomerId, key: str) -> None:
        """
        Keep an image of the residence card for review; uploading again under one *key* keeps one file.

        Raises:
            InvalidFile: It is no image that may be kept.

        """
        upload_card(
            content,
            customer=customer,
            key=key,
            image_cleaner=self.image_cleaner,
            files=self.files,
            customers=self.customers,
            effects=self._effects(),
        )

    def card_entry_url(self, *, customer: CustomerId) -> str:
        """Return a single-use address at which the customer adds a payment method; never log or store it."""
        return card_entry_url(customer=customer, billing=self.billing, store=self.store)

    def submit(self, session: SessionId, *, customer: CustomerId) -> Submitted:
        """
        Place the session's order; submitting again returns the same order (DESIGN 6, Submit).

        Raises:
            OrderRejected: Rules are violated; nothing was written.

            CheckoutIncomplete: Requirements are outstanding; nothing was written.

            CheckoutExpired: The session's time is over; nothing was written.

            Refused: Salesforce will not take the order; the session can be changed and submitted again.

            NotFound: There is no such session of this customer.

        """
        return submit(
            session,
            customer=customer,
            catalogue=self.catalogue,
            billing=self.billing,
            placing=self._placing(self.clock.now()),
        )

    def list_orders(
        self,
        *,
        customer: CustomerId,
        bucket: Bucket | None = None,
        order_type: OrderType | None = None,
        search: str = "",
        after: OrderId | None = None,
        limit: int = 20,
        language: Language = Language.ENGLISH,
    ) -> OrderPage:
        """
        Return a page of the customer's orders, newest first, ours or not.

        *search* is part of an order number; *after* is the last order of the page before.
        """
        return list_orders(
            customer=customer,
            bucket=bucket,
            order_type=order_type,
            search=search,
            after=after,
            limit=limit,
            language=language,
            orders=self.orders,
            store=self.store,
            policy=self.policy,
            at=self.clock.now(),
        )

    def order(
        self, order_id: OrderId, *, customer: CustomerId, language: Language = Language.ENGLISH
    ) -> OrderDetail:
        """Return one order of the customer; NotFound for anybody else's."""
        own = self._own_order(order_id, customer, at=self.clock.now())
        return order_detail(own, language=language, store=self.store, policy=self.policy)

    def watch(
        self, order_id: OrderId, *, customer: CustomerId, after: Cursor = FROM_THE_START
    ) -> tuple[OrderEvent, ...]:
        """Return what happened to the customer's order after *after*, oldest first."""
        self._own_order(order_id, customer, at=self.clock.now())
        return watch(order_id, store=self.store, after=after)

    def subscribe(
        self, order_id: OrderId, notify: Callable[[OrderEvent], None], *, customer: CustomerId
    ) -> Subscription:
        """Call *notify*, which must not block, with everything that happens to the order from now on."""
        self._own_order(order_id, customer, at=self.clock.now())
        return subscribe(order_id, notify, live_updates=self.live_updates)

    def changes(self, *, after: Cursor, limit: int = 100) -> tuple[OrderEvent, ...]:
        """Return what happened to any order after *after*, oldest first: the change feed of a host."""
        return changes(store=self.store, after=after, limit=limit)

    def sim_arrived(self, order_id: OrderId, *, customer: CustomerId) -> None:
        """
        *I have my SIM, move my number now* (DESIGN 3.5).

        Raises:
            IllegalTransition: No physical SIM with a number to move is on its way for this order.

            NotFound: There is no such order of this customer.

        """
        at = self.clock.now()
        sim_arrived(self._own_order(order_id, customer, at=at), customer=customer, store=self.store, at=at)

    def observe(self, order_id: OrderId, *, cause: str, published_at: datetime | None = None) -> None:
        """
        Read the order again because something outside hinted at a change.

        Hints may repeat, be late or be lost.

        *cause* is the hint's id; that of an OrderProvisionRequested__e begins with ``provision-requested:``,
        and one that was *published_at* an instant after a hold began asks for the order again (DESIGN 3.19
        c).

        Raises:
            NotFound: Salesforce has no such order.

        """
        self._observe(order_id, cause, published_at=published_at, at=self.clock.now())

    def provision_requested(
        self, order_id: OrderId, *, event: str, published_at: datetime | None = None
    ) -> None:
        """
        Tell that an OrderProvisionRequested__e asks for the order; *event* is its id (DESIGN 5, Events).

        An order that does not justify it yet, or cannot be read yet, is looked at again after 5, 30 and 120
        seconds.

        Raises:
            PortError: It cannot be looked at now; tell it again.

        """
        at = self.clock.now()
        provision_requested(
            order_id,
            event=event,
            observe=lambda order, cause: self._observe(order, cause, published_at=published_at, at=at),
            store=self.store,
            at=at,
        )

    def order_changed(self, order_id: OrderId, *, event: str) -> None:
        """Tell that the order changed; *event* is the id of the word. Raises PortError: tell it again."""
        at = self.clock.now()
        order_changed(
            order_id,
            event=event,
            observe=lambda order, cause: self._observe(order, cause, published_at=None, at=at),
            store=self.store,
        )

    def account_changed(self, account_id: AccountId, *, event: str) -> None:
        """Tell that somebody changed the Account: its open orders run. Raises PortError: tell it again."""
        account_changed(account_id, event=event, store=self.store)

    def provision(self, order_id: OrderId) -> Rest:
        """Do what is left of the order's provisioning and say why it stopped; twice is the same as once."""
        return provision(
            order_id,
            outside=Outside(
                catalogue=self.catalogue,
                orders=self.orders,
                opportunities=self.opportunities,
                cases=self.cases,
                billing=self.billing,
                lines=self.lines,
                profiles=self.profiles,
            ),
            notifications=self.notifications,
            store=self.store,
            closed_days=self.closed_days,
            clock=self.clock,
            policy=self.policy,
            runner=Runner(self.ids.new()),
        )

    def retry(self, order_id: OrderId, *, by: str, reason: str) -> None:
        """
        Clear the order's hold on a person's word and run it again (DESIGN 3.19 d).

        Raises:
            NothingToRetry: No hold is open on it.

            NotFound: We know of no such order.

            ValueError: *reason* is empty.

        """
        retry(order_id, by=by, reason=reason, store=self.store, at=self.clock.now())

    def adopt(self, order_id: OrderId, *, by: str, reason: str) -> None:
        """
        Provision an order from now on that was left alone as not ours (DESIGN 3.18).

        Raises NotFound, and ValueError for an empty *reason*.
        """
        adopt(order_id, by=by, reason=reason, store=self.store, at=self.clock.now())

    def story(self, order_id: OrderId) -> OrderStory:
        """Return the whole story of an order, for staff, personal data hidden. Raises NotFound."""
        return story(order_id, store=self.store)

    def run(self, subject: Subject) -> None:
        """
        Do what *subject* was triggered for; the handler to give to `WorkQueue.run_due`.

        Raises:
            RunBroke: By a mistake in the program, or a record that it cannot read; the finding RUN_BREAKS.

            PortError: The store cannot be asked now, or others were faster.

        """
        at = self.clock.now()
        run_or_report(
            subject,
            partial(
                run,
                subject,
                placing=self._placing(at),
                provision=self.provision,
                reconcile_order=self.reconcile_order,
                resume_upload=self._resume_upload,
            ),
            store=self.store,
            at=at,
        )

    def reconcile_order(self, order_id: OrderId) -> Rest:
        """Compare an active order with its quote, its ids with each other; say when that is done again."""
        return reconcile_order(
            order_id,
            orders=self.orders,
            billing=self.billing,
            store=self.store,
            policy=self.policy,
            at=self.clock.now(),
        )

    def reconcile(self, since: datetime | None = None) -> int:
        """Observe every order that changed in Salesforce since the last time, or *since*; return how many."""
        at = self.clock.now()
        return reconcile(
            since,
            orders=self.orders,
            store=self.store,
            observe=lambda order, cause: self._observe(order, cause, published_at=None, at=at),
            policy=self.policy,
            at=at,
        )

    def sweep(self) -> int:
        """Trigger everything that is neither finished nor rightly resting; return how many."""
        return sweep(store=self.store, policy=self.policy, at=self.clock.now())

    def forget(self) -> int:
        """Forget a batch of what was kept for long enough; return how much, 0 when a round found nothing."""
        return forget(store=self.store, policy=self.policy, at=self.clock.now())

    def pause(self, what: Pause) -> None:
        """Pause *what* in every process, from its next step on (DESIGN 6, Operate). Raises Conflict."""
        pause(what, store=self.store, at=self.clock.now())

    def resume(self, what: AbstractSet[Pause]) -> None:
        """End every pause of *what*; the next sweep lets go on what rested for it. Raises Conflict."""
        resume(what, store=self.store)

    def paused(self) -> Mapping[Pause, datetime]:
        """Return what an operator has paused, with the instant since when."""
        return paused(self.store)

    def _placing(self, at: datetime) -> Placing:
        """Return what places orders at the instant *at*."""
        return Placing(
            orders=self.orders,
            opportunities=self.opportunities,
            store=self.store,
            ids=self.ids,
            policy=self.policy,
            at=at,
        )

    def _effects(self) -> Effects:
        """Return what makes journaled effects now, in a name of its own."""
        return Effects(
            store=self.store, policy=self.policy, runner=Runner(self.ids.new()), at=self.clock.now()
        )

    def _resume_upload(self, key: RequestKey) -> None:
        """Send the image kept under *key*, if one is."""
        resume_upload(key, files=self.files, customers=self.customers, effects=self._effects())

    def _own_order(self, order: OrderId, customer: CustomerId, *, at: datetime) -> ProjectedOrder:
        """Return our copy of the customer's order; NotFound for anybody else's."""
        return own_order(
            order, customer=customer, orders=self.orders, store=self.store, policy=self.policy, at=at
        )

    def _observe(self, order: OrderId, cause: str, *, published_at: datetime | None, at: datetime) -> None:
        """Read *order* again at the instant *at*."""
        observe(
            order,
            cause=cause,
            published_at=published_at,
            catalogue=self.catalogue,
            placing=self._placing(at),
        )
