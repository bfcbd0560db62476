"""What the mobile network says, taken into the books of a process's store."""

from __future__ import annotations

from ordering_adapters.sim_network.digests import sim_key
from ordering_adapters.sim_network.es2plus.profiles import Es2PlusProfiles
from ordering_adapters.sim_network.es2plus.progress import NoProgress, installed_in
from ordering_core.application.ordering import Ordering
from ordering_core.domain.identifiers import LineId, OrderId
from ordering_core.ports.line_book import Completion
from ordering_entrypoints.http.controllers.network import NetworkNews
from ordering_entrypoints.settings import Settings
from ordering_entrypoints.sim_network_ports import layout_of, line_book
from ordering_entrypoints.wire.completions import (
    CompletionReport,
    CompletionsView,
    UnmatchedView,
    unmatched_views,
)
from ordering_entrypoints.wire.errors import FieldError


class BookedNews(NetworkNews):
    """News of the network that *settings* name, for the orders of *ordering*."""

    def __init__(self, ordering: Ordering, settings: Settings) -> None:
        self._book = line_book(ordering.store, database=settings.database is not None)
        self._codes = layout_of(settings.sim).codes
        profiles = ordering.profiles
        self._profiles = profiles if isinstance(profiles, Es2PlusProfiles) else None
        key = settings.es2plus.progress_key if settings.es2plus and self._profiles else None
        self.progress_key = key or ""

    def complete(
        self, reports: tuple[CompletionReport, ...], errors: tuple[FieldError, ...], /
    ) -> CompletionsView:
        """Keep each of *reports*, their codes as ours."""
        unmatched = [report.place for report in reports if self._book.complete(self._read(report)) is None]
        return CompletionsView(taken=len(reports), unmatched=tuple(unmatched), errors=errors)

    def unmatched(self) -> tuple[UnmatchedView, ...]:
        """Return what fits no order."""
        return unmatched_views(self._book.unmatched())

    def progress(self, body: bytes, /) -> bool:
        """Keep that a device has installed its profile, if that is what it tells."""
        try:
            iccid = installed_in(body)
        except NoProgress:
            return False
        if iccid is not None and self._profiles is not None:
            self._profiles.installed(iccid)
        return True

    def _read(self, report: CompletionReport) -> Completion:
        return Completion(
            mark=OrderId(report.order),
            line=LineId(report.line),
            sim=sim_key(report.sim) if report.sim else "",
            number=report.number,
            failure=self._codes.get(report.failure, report.failure),
            when=report.when,
        )
