"""Profiles over ES2+ keep their contract, with numbers of our own or of the SM-DP+'s choosing."""

import contextlib
import json
import traceback

from collections.abc import Iterator
from pathlib import Path

import attrs
import pytest

from ordering_adapters.clock import SystemClock
from ordering_adapters.memory import MemoryProfileBook, MemoryStore
from ordering_adapters.sim_network.es2plus.codes import Function, code_of
from ordering_adapters.sim_network.es2plus.profiles import Es2PlusProfiles
from ordering_adapters.sim_network.es2plus.progress import NoProgress, installed_in
from ordering_adapters.sim_network.es2plus.settings import Es2PlusSettings, IccidRange
from ordering_core.domain.values import Eid, Iccid
from ordering_core.errors import OutcomeUnknown, Refused, Unavailable
from ordering_core.ports.profile_delivery import ProfileState
from ordering_core.testing.contracts.profiles import EID, ORDER, OTHER_EID, OTHER_ORDER
from tests.contract.sim_network_profiles import PROFILE_TYPE, RANGE, ProfilesOnSandbox, SmDp


class TestEs2PlusProfiles(ProfilesOnSandbox): ...


class TestUnnumberedEs2PlusProfiles(SmDp):
    """Without a range of ours, a lost download order cannot be told from none."""

    iccids = {}  # noqa: RUF012 - read only

    def test_the_sm_dp_chooses(self) -> None:
        profiles = self.new_profiles()
        profile = profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert profile == profiles.find(ORDER)
        assert self.states() == ["Confirmed"]

    @pytest.mark.parametrize("kind", ["lost_before_commit", "lost_after_commit"])
    def test_an_unknown_download_stays_unknown(self, kind: str) -> None:
        profiles = self.new_profiles()
        self.process.fault(path="downloadOrder", kind=kind)
        with pytest.raises(OutcomeUnknown):
            profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        self.process.calls()
        assert profiles.find(ORDER) is None
        for _ in range(2):
            with pytest.raises(Refused) as refusal:
                profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
            assert refusal.value.code == "DOWNLOAD_ORDER_UNKNOWN"
        assert self.process.calls() == []

    def test_a_person_who_has_looked_lets_it_be_ordered_again(self) -> None:
        profiles = self.new_profiles()
        self.process.fault(path="downloadOrder", kind="lost_before_commit")
        with pytest.raises(OutcomeUnknown):
            profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        profiles.cancel(ORDER)
        assert profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE).state is ProfileState.CONFIRMED

    def test_a_download_that_was_refused_or_never_sent_may_be_made_again(self) -> None:
        profiles = self.new_profiles()
        with pytest.raises(Refused) as refusal:
            profiles.reserve(ORDER, eid=EID, profile_type="NONE")
        assert refusal.value.code == "PROFILE_TYPE_UNKNOWN"
        self.process.fault(path="downloadOrder", kind="answer", failure="TOO_MANY_REQUESTS")
        with pytest.raises(Unavailable):
            profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE).state is ProfileState.CONFIRMED


class TestLostAnswers(SmDp):
    @pytest.mark.parametrize("function", ["downloadOrder", "confirmOrder"])
    @pytest.mark.parametrize(
        "fault",
        [
            {"kind": "lost_before_commit"},
            {"kind": "lost_after_commit"},
            {"kind": "answer", "failure": "HTML"},
            {"kind": "answer", "failure": "HTML_AFTER_COMMIT"},
            {"kind": "answer", "failure": "SERVER_ERROR_AFTER_COMMIT"},
            {"kind": "answer", "failure": "TOO_MANY_REQUESTS"},
        ],
        ids=str,
    )
    def test_reserving_again_in_another_process_takes_one_profile(
        self, function: str, fault: dict[str, object]
    ) -> None:
        settings = self.settings(smdp_address="smdp.example")
        self.process.fault(path=function, **fault)
        with pytest.raises((OutcomeUnknown, Unavailable)) as raised:
            self.new_profiles(settings).reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        told = "".join(traceback.format_exception(raised.value))
        assert not [secret for secret in (EID.value, RANGE.first) if secret in told]
        profile = self.new_profiles(settings).reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert self.states() == ["Confirmed"]
        (taken,) = (row for row in self.process.profiles() if row["state"] == "Confirmed")
        assert taken["iccid"] == profile.iccid.value
        assert profile.activation_code == f"1$smdp.example${taken['matching_id']}"
        assert str(profile.activation_code) not in repr(profile)

    def test_the_code_names_the_server_that_the_sm_dp_says(self) -> None:
        profile = self.new_profiles().reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert str(profile.activation_code).startswith(f"1${self.process.ready['smdp_address']}$")

    def test_a_profile_that_others_took_first_is_left_to_them(self) -> None:
        first = self.new_profiles().reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        forgetful = self.book.get(ORDER)
        assert forgetful is not None
        self.book.keep(attrs.evolve(forgetful, mark=OTHER_ORDER, iccid=None, state=None, version=0))
        self.book.keep(attrs.evolve(forgetful, iccid=None, state=None))
        second = self.new_profiles().reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert second.iccid != first.iccid
        assert self.states() == ["Confirmed", "Confirmed"]

    def test_a_range_that_is_used_up_is_out_of_stock(self) -> None:
        profiles = self.new_profiles(self.settings(iccids={PROFILE_TYPE: attrs.evolve(RANGE, count=1)}))
        profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        for _ in range(2):
            with pytest.raises(Refused) as refusal:
                profiles.reserve(OTHER_ORDER, eid=OTHER_EID, profile_type=PROFILE_TYPE)
            assert refusal.value.code == "OUT_OF_STOCK"

    def test_numbers_that_the_sm_dp_does_not_have_are_refused(self) -> None:
        elsewhere = IccidRange(first="898119909000000001", count=3)
        profiles = self.new_profiles(self.settings(iccids={PROFILE_TYPE: elsewhere}))
        with pytest.raises(Refused) as refusal:
            profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert refusal.value.code == "NOT_FOUND"
        self.new_profiles().reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert self.states() == ["Confirmed"]

    def test_another_device_gets_another_profile(self) -> None:
        profiles = self.new_profiles()
        profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        profiles.reserve(ORDER, eid=OTHER_EID, profile_type=PROFILE_TYPE)
        assert self.states() == ["Confirmed"]
        assert [row["eid"] for row in self.process.profiles() if row["eid"]] == [OTHER_EID.value]
        profiles.release(ORDER)
        with pytest.raises(Refused) as refusal:
            profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert refusal.value.code == "EID_DIFFERS"

    @pytest.mark.parametrize("step", ["downloadOrder", "confirmOrder", "releaseProfile", "cancelOrder"])
    @pytest.mark.parametrize("kind", ["lost_before_commit", "lost_after_commit"])
    def test_whatever_was_lost_can_be_taken_back(self, step: str, kind: str) -> None:
        def all_of_it(profiles: Es2PlusProfiles) -> None:
            profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
            profiles.release(ORDER)
            profiles.cancel(ORDER)

        self.process.fault(path=step, kind=kind)
        with pytest.raises(OutcomeUnknown):
            all_of_it(self.new_profiles())
        self.new_profiles().cancel(ORDER)
        assert self.states() == []
        all_of_it(self.new_profiles())
        assert self.states() == []

    def test_a_reservation_after_an_unknown_cancellation_begins_anew(self) -> None:
        profiles = self.new_profiles()
        profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        self.process.fault(path="cancelOrder", kind="lost_before_commit")
        with pytest.raises(OutcomeUnknown):
            profiles.cancel(ORDER)
        profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert self.states() == ["Confirmed"]

    def test_a_device_quicker_than_a_repeated_release_is_no_failure(self) -> None:
        self.process.switch(release_activates=True)
        profiles = self.new_profiles()
        profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        self.process.fault(path="releaseProfile", kind="lost_after_commit")
        with pytest.raises(OutcomeUnknown):
            profiles.release(ORDER)
        assert profiles.release(ORDER).state is ProfileState.RELEASED


def reserved_released_cancelled(profiles: Es2PlusProfiles) -> Iterator[None]:
    """Take an order's profile through its life, a step at a time."""
    profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
    yield
    profiles.release(ORDER)
    yield
    profiles.cancel(ORDER)
    yield


class TestDeliveredTwice(SmDp):
    """The answer to a call that came twice is the second one's: a refusal, though all is done."""

    @pytest.mark.parametrize("function", ["downloadOrder", "confirmOrder", "releaseProfile", "cancelOrder"])
    def test_whatever_comes_twice_one_profile_goes_its_way(self, function: str) -> None:
        self.process.fault(path=function, kind="delivered_twice")
        states = [self.states() for _ in reserved_released_cancelled(self.new_profiles())]
        assert states == [["Confirmed"], ["Released"], []]

    def test_even_all_of_them_can_come_twice(self) -> None:
        for function in ("downloadOrder", "confirmOrder", "releaseProfile", "cancelOrder"):
            self.process.fault(path=function, kind="delivered_twice")
        states = [self.states() for _ in reserved_released_cancelled(self.new_profiles())]
        assert states == [["Confirmed"], ["Released"], []]

    @pytest.mark.parametrize(
        ("function", "following"),
        [
            ("downloadOrder", "confirmOrder"),
            ("confirmOrder", "cancelOrder"),
            ("confirmOrder", "downloadOrder"),
        ],
    )
    @pytest.mark.parametrize("kind", ["lost_before_commit", "lost_after_commit"])
    @pytest.mark.parametrize("goes_on", ["reserve", "find", "cancel"])
    def test_another_process_goes_on_where_the_next_answer_was_lost(
        self, function: str, following: str, kind: str, goes_on: str
    ) -> None:
        self.process.fault(path=function, kind="delivered_twice")
        # Where a download order follows a confirmation, it is the second one.
        self.process.fault(path=following, kind=kind, skip=int(following == "downloadOrder"))
        with pytest.raises(OutcomeUnknown):
            self.new_profiles().reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        another = self.new_profiles()
        if goes_on == "cancel":
            another.cancel(ORDER)
            assert self.states() == []
        if goes_on == "find":
            assert (another.find(ORDER) is not None) == (self.states() == ["Confirmed"])
        profile = another.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert profile == another.find(ORDER)
        assert self.states() == ["Confirmed"]

    @pytest.mark.parametrize("kind", ["lost_before_commit", "lost_after_commit"])
    def test_a_cancellation_that_came_twice_can_be_made_again(self, kind: str) -> None:
        life = reserved_released_cancelled(self.new_profiles())
        next(life)
        self.process.fault(path="cancelOrder", kind="delivered_twice")
        self.process.fault(path="downloadOrder", kind=kind)
        next(life)
        with pytest.raises(OutcomeUnknown):
            next(life)
        self.new_profiles().cancel(ORDER)
        assert self.states() == []

    def test_a_number_that_the_sm_dp_chose_is_confirmed_twice(self) -> None:
        self.process.fault(path="confirmOrder", kind="delivered_twice")
        profiles = self.new_profiles(self.settings(iccids={}))
        profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert self.states() == ["Confirmed"]


class TestOfOthers(SmDp):
    """Profiles of our range that somebody has who is not in our book."""

    def other(self, eid: Eid = OTHER_EID) -> Es2PlusProfiles:
        """Reserve the number that our order would try first."""
        profiles = Es2PlusProfiles(self.new_api(), MemoryProfileBook(MemoryStore(SystemClock())))
        with contextlib.suppress(Unavailable):
            profiles.reserve(ORDER, eid=eid, profile_type=PROFILE_TYPE)
        return profiles

    @pytest.mark.parametrize("eid", [EID, OTHER_EID], ids=["our device", "another"])
    @pytest.mark.parametrize("released", [False, True])
    def test_what_others_have_confirmed_is_left_to_them(self, eid: Eid, *, released: bool) -> None:
        others = self.other(eid)
        if released:
            others.release(ORDER)
        self.new_profiles().reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert self.states() == sorted(["Confirmed", "Released" if released else "Confirmed"])
        others.cancel(ORDER)
        assert self.states() == ["Confirmed"]

    def test_what_others_have_installed_is_left_to_them(self) -> None:
        self.process.switch(release_activates=True)
        self.other(EID).release(ORDER)
        self.new_profiles().reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert self.states() == ["Confirmed", "Installed"]

    def test_what_others_have_ordered_is_left_to_them(self) -> None:
        self.process.fault(path="confirmOrder", kind="answer", failure="TOO_MANY_REQUESTS")
        others = self.other()
        assert self.states() == ["Linked"]
        self.new_profiles().reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert self.states() == ["Confirmed", "Linked"]
        others.reserve(ORDER, eid=OTHER_EID, profile_type=PROFILE_TYPE)
        assert self.states() == ["Confirmed", "Confirmed"]

    @pytest.mark.parametrize("times", [1, 2, 3])
    def test_who_may_not_confirm_hears_so_and_has_nothing(self, times: int) -> None:
        profiles = self.new_profiles()
        refusing = {"path": "confirmOrder", "kind": "answer", "failure": "PROFILE_NOT_ALLOWED"}
        self.process.fault(**refusing, times=times)
        if times > 1:
            with pytest.raises(Refused) as refusal:
                profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
            assert refusal.value.code == "PROFILE_NOT_ALLOWED"
            assert self.states() == []
        profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert self.states() == ["Confirmed"]

    def test_who_may_not_cancel_hears_so_and_keeps_the_profile(self) -> None:
        profiles = self.new_profiles()
        profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        self.process.fault(path="cancelOrder", kind="answer", failure="PROFILE_NOT_ALLOWED")
        with pytest.raises(Refused) as refusal:
            profiles.cancel(ORDER)
        assert refusal.value.code == "PROFILE_NOT_ALLOWED"
        assert profiles.find(ORDER) is not None
        assert self.states() == ["Confirmed"]
        profiles.cancel(ORDER)
        assert self.states() == []


class TestTls(SmDp):
    def settings(self, **changed: object) -> Es2PlusSettings:
        ready = self.process.ready
        known: dict[str, object] = {"url": ready["mutual_tls"], "ca_file": Path(ready["ca_file"])}
        return super().settings(**known, **changed)

    def test_who_shows_a_certificate_is_let_in(self) -> None:
        ready = self.process.ready
        profiles = self.new_profiles(
            self.settings(
                certificate_file=Path(ready["client_certificate_file"]),
                key_file=Path(ready["client_key_file"]),
            )
        )
        profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert self.states() == ["Confirmed"]

    def test_who_shows_none_is_not(self) -> None:
        with pytest.raises((OutcomeUnknown, Unavailable)):
            self.new_profiles().reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE)
        assert self.states() == []


PROGRESS = {
    "header": {"functionRequesterIdentifier": "1.3.6", "functionCallIdentifier": "x"},
    "eid": EID.value,
    "iccid": "8981100000000000010F",
    "profileType": PROFILE_TYPE,
    "timestamp": "2026-06-03T03:00:00Z",
    "notificationPointId": 4,
    "notificationPointStatus": {"status": "Executed-Success"},
}


class TestProgress:
    @pytest.mark.parametrize(
        "changed",
        [
            {},
            {"iccid": "8981100000000000010"},
            {"notificationPointId": "4", "timeStamp": "2026-06-03T03:00:00Z"},
            {"notificationPointStatus": {"status": "Executed-WithWarning"}, "resultData": "AAEC"},
        ],
        ids=str,
    )
    def test_an_installation_is_read_however_it_is_spelt(self, changed: dict[str, object]) -> None:
        body = json.dumps({**PROGRESS, **changed}).encode()
        assert installed_in(body) == Iccid("8981100000000000010")

    @pytest.mark.parametrize(
        "changed",
        [
            {"notificationPointId": 3},
            {"notificationPointId": 100},
            {"notificationPointStatus": {"status": "Failed"}},
            {"notificationPointStatus": None},
        ],
        ids=str,
    )
    def test_what_is_no_installation_changes_nothing(self, changed: dict[str, object]) -> None:
        assert installed_in(json.dumps({**PROGRESS, **changed}).encode()) is None

    @pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b"{}", b'{"iccid": "123"}'])
    def test_what_tells_of_no_profile_is_said_without_quoting_it(self, body: bytes) -> None:
        with pytest.raises(NoProgress) as problem:
            installed_in(body)
        assert "123" not in str(problem.value)


class TestHearing(SmDp):
    def test_an_installation_is_heard_as_often_as_it_is_told(self) -> None:
        profiles = self.new_profiles()
        iccid = profiles.reserve(ORDER, eid=EID, profile_type=PROFILE_TYPE).iccid
        for _ in range(2):
            assert profiles.installed(iccid) == ORDER
            assert profiles.release(ORDER).state is ProfileState.INSTALLED

    def test_a_profile_of_nobody_is_nobodys(self) -> None:
        assert self.new_profiles().installed(RANGE.number(0)) is None


class TestCodes:
    @pytest.mark.parametrize(
        ("function", "subject", "reason", "code"),
        [
            (Function.DOWNLOAD, "8.2.5", "3.7", "OUT_OF_STOCK"),
            (Function.DOWNLOAD, "8.2.1", "3.3", "PROFILE_IN_USE"),
            (Function.CANCEL, "8.2.1", "3.3", "ALREADY_DOWNLOADED"),
            (Function.RELEASE, "8.2.1", "3.9", "NOT_FOUND"),
            (Function.CONFIRM, "9.9", "1.1", "9.9_1.1"),
        ],
    )
    def test_numbers_become_words(self, function: Function, subject: str, reason: str, code: str) -> None:
        assert code_of(function, subject, reason) == code


class TestSettings:
    @pytest.mark.parametrize(
        ("changed", "problem"),
        [
            ({"url": "http://smdp.example"}, "https"),
            ({"requester": "us"}, "object identifier"),
            ({"version": "3.0.0"}, "version"),
            ({"certificate_file": Path("c.pem")}, "key"),
            ({"concurrency": 0}, "concurrency"),
        ],
    )
    def test_what_cannot_work_is_refused(self, changed: dict[str, object], problem: str) -> None:
        known = Es2PlusSettings(url="https://smdp.example", requester="1.3.6.1")
        with pytest.raises(ValueError, match=problem):
            attrs.evolve(known, **changed)  # type: ignore[arg-type]  # names of its own fields

    @pytest.mark.parametrize(
        ("first", "count"), [("1", 1), ("89811990400000000F", 1), ("9" * 18, 2), (RANGE.first, 0)]
    )
    def test_a_range_has_numbers(self, first: str, count: int) -> None:
        with pytest.raises(ValueError, match=r"first|count"):
            IccidRange(first=first, count=count)

    def test_a_range_goes_around(self) -> None:
        assert RANGE.number(RANGE.count) == RANGE.number(0) != RANGE.number(1)
