"""The small ports in memory, beyond their contracts."""

from datetime import UTC, date, datetime, timedelta

import pytest

from hypothesis import given
from hypothesis import strategies as st

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory.closed_days import NEW_YEAR, MemoryClosedDays
from ordering_adapters.memory.faults import MemoryFaults
from ordering_adapters.memory.ids import SequentialIds
from ordering_adapters.memory.image_cleaner import MemoryImageCleaner
from ordering_adapters.memory.notifications import MemoryNotifications
from ordering_adapters.memory.password_hasher import MemoryPasswordHasher
from ordering_core.errors import InvalidFile, OutcomeUnknown, Unavailable
from ordering_core.ports.image_cleaner import CleanImage
from ordering_core.ports.notifications import Notification, NotificationKind
from ordering_core.testing.clocks import ManualClock


START = datetime(2026, 6, 3, 1, tzinfo=UTC)
MAIL = Notification(key="k", kind=NotificationKind.ACTIVE, recipient="customer@example.com")


def test_the_system_clock_stands_still_while_the_machine_is_set_back() -> None:
    times = iter(
        [START, START + timedelta(seconds=2), START - timedelta(hours=1), START + timedelta(seconds=3)]
    )
    clock = SystemClock(lambda: next(times))
    assert [clock.now() - START for _ in range(3)] == [timedelta(seconds=s) for s in (2, 2, 3)]


def test_a_sequence_of_ids_is_the_same_in_every_run() -> None:
    first, second = SequentialIds(), SequentialIds()
    assert [first.new() for _ in range(5)] == [second.new() for _ in range(5)]
    assert SequentialIds("another").new() != SequentialIds().new()


@given(st.integers(2020, 2090))
def test_the_company_is_closed_from_29_december_to_3_january_every_year(year: int) -> None:
    closed = MemoryClosedDays().between(date(year, 12, 1), date(year + 1, 1, 31))
    assert closed == {
        date(year, 12, 29),
        date(year, 12, 30),
        date(year, 12, 31),
        date(year + 1, 1, 1),
        date(year + 1, 1, 2),
        date(year + 1, 1, 3),
    }


def test_closures_are_the_companys_to_say() -> None:
    days = MemoryClosedDays({date(2026, 7, 20)}, closures=NEW_YEAR | {(8, 13)})
    assert days.between(date(2026, 7, 1), date(2026, 8, 31)) == {date(2026, 7, 20), date(2026, 8, 13)}


def _cleaned(content: bytes) -> CleanImage | InvalidFile:
    try:
        return MemoryImageCleaner().clean(content)
    except InvalidFile as refused:
        return refused


@given(st.binary(max_size=40) | st.binary(max_size=20).map(lambda rest: b"\xff\xd8\xff" + rest))
def test_any_bytes_are_kept_unchanged_or_refused_with_a_way_out(content: bytes) -> None:
    match _cleaned(content):
        case CleanImage(kept, _):
            assert kept == content
        case InvalidFile() as refused:
            assert refused.code.startswith("FILE_")
            assert refused.remedy


@pytest.mark.parametrize("brand", [b"heic", b"mif1", b"hevc"])
def test_a_telephones_heic_is_known_by_its_brand(brand: bytes) -> None:
    assert MemoryImageCleaner().clean(b"\x00\x00\x00\x24ftyp" + brand).media_type == "image/heic"


def test_exactly_the_largest_size_passes() -> None:
    jpeg = b"\xff\xd8\xff" + bytes(97)
    assert MemoryImageCleaner(largest=100).clean(jpeg).content == jpeg
    with pytest.raises(InvalidFile, match="FILE_TOO_LARGE: the file has 101 bytes and 100 are allowed"):
        MemoryImageCleaner(largest=100).clean(jpeg + b"\x00")


def test_a_hash_keeps_the_cost_it_was_made_with() -> None:
    cheap = MemoryPasswordHasher(cost=16).hash("correct horse")
    assert cheap.startswith("scrypt$16$")
    assert MemoryPasswordHasher(cost=32).verify("correct horse", cheap)


@given(st.text(max_size=60))
def test_no_text_makes_verifying_fail(text: str) -> None:
    assert not MemoryPasswordHasher(cost=16).verify("correct horse", text)


def test_a_hash_that_asks_for_too_much_fits_nothing() -> None:
    salt_and_digest = MemoryPasswordHasher(cost=16).hash("correct horse").split("$", 2)[2]
    for cost in (0, 1, 3, 2**22, 2**40):
        assert not MemoryPasswordHasher().verify("correct horse", f"scrypt${cost}${salt_and_digest}")


def test_mail_obeys_the_switches() -> None:
    faults = MemoryFaults(ManualClock(START))
    notifications = MemoryNotifications(faults)
    faults.set("notifications.send", "down")
    with pytest.raises(Unavailable):
        notifications.send(MAIL)
    assert not notifications.sent
    faults.set("notifications.send", "lose_reply")
    with pytest.raises(OutcomeUnknown):
        notifications.send(MAIL)
    assert list(notifications.sent) == [MAIL]
