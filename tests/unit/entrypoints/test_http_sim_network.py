"""The network's news over HTTP: completions with a service key, and what an SM-DP+ tells of devices."""

import json

from typing import Final

import attrs
import pytest

from litestar.testing import TestClient

from ordering_adapters.memory import MemoryLineBook, MemoryProfileBook, MemoryStore
from ordering_adapters.sim_network.es2plus.api import Es2PlusApi
from ordering_adapters.sim_network.es2plus.profiles import Es2PlusProfiles
from ordering_adapters.sim_network.es2plus.settings import Es2PlusSettings
from ordering_core.domain.identifiers import OrderId
from ordering_core.domain.journal import CaseFile, Subject, SubjectKind
from ordering_core.domain.lines import LineState
from ordering_core.domain.policy import Policy
from ordering_core.domain.values import Eid, Iccid
from ordering_core.ports.profile_book import KeptProfile
from ordering_core.ports.profile_delivery import ProfileState
from ordering_entrypoints.http.app import create_app
from ordering_entrypoints.http.auth import new_service_key
from ordering_entrypoints.http.examples import COMPLETIONS, COMPLETIONS_TAKEN
from ordering_entrypoints.http.principals import Permission
from ordering_entrypoints.http.settings import HttpSettings, ServiceKey
from ordering_entrypoints.settings import Settings
from ordering_entrypoints.sim_news import BookedNews
from ordering_entrypoints.sim_settings import Es2PlusVariables
from tests.unit.application.shop import new_world


EID: Final = "89049032000001000000012345678954"
ICCID: Final = "8981100000000000010"
EXAMPLE: Final = Subject(SubjectKind.ORDER, str(COMPLETIONS[0]["order"]))
PROGRESS_KEY: Final = "a-key-of-twenty-characters"
OURS, _OURS = new_service_key()
OTHER, _OTHER = new_service_key()
HTTP: Final = HttpSettings(
    service_keys=(
        ServiceKey(name="network", sha256=_OURS, permissions=frozenset({Permission.COMPLETIONS})),
        ServiceKey(name="billing", sha256=_OTHER, permissions=frozenset({Permission.CHANGES})),
    )
)


class Api:
    """An API that takes news, and the books behind it."""

    def __init__(self) -> None:
        self.world = new_world()
        assert isinstance(self.world.store, MemoryStore)
        with self.world.store.transaction() as tx:
            tx.journal.keep(CaseFile(subject=EXAMPLE))
        self.lines = MemoryLineBook(self.world.store)
        self.profiles = MemoryProfileBook(self.world.store)
        delivery = Es2PlusProfiles(
            Es2PlusApi(Es2PlusSettings(url="https://smdp.example", requester="1.3.6")), self.profiles
        )
        settings = Settings(
            http=HTTP,
            policy=Policy(esim_profile_delivery=True),
            es2plus=Es2PlusVariables(
                url="https://smdp.example", requester="1.3.6", progress_key=PROGRESS_KEY
            ),
        )
        ordering = attrs.evolve(self.world.ordering, profiles=delivery)
        self.app = create_app(ordering, settings=HTTP, news=BookedNews(ordering, settings))
        self.client = TestClient(self.app)

    def say(self, body: object, key: str = OURS) -> tuple[int, dict[str, object]]:
        answer = self.client.post(
            "/api/sim/completions", json=body, headers={"Authorization": f"Bearer {key}"}
        )
        said: dict[str, object] = answer.json()
        return answer.status_code, said

    def tell(self, body: object, key: str = PROGRESS_KEY) -> int:
        path = f"/es2plus/{key}/gsma/rsp2/es2plus/handleDownloadProgressInfo"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.client.post(path, content=content, headers={"Content-Type": "application/json"})
        assert not (answer.status_code == 204 and answer.content)
        return answer.status_code


def test_the_example_is_taken_and_its_order_goes_on_as_often_as_it_is_sent() -> None:
    api = Api()
    for _ in range(2):
        assert api.say(COMPLETIONS) == (200, COMPLETIONS_TAKEN)
    (line,) = api.lines.lines(OrderId(EXAMPLE.key))
    assert line.state is LineState.OPEN
    ran: list[Subject] = []
    while api.world.queue.run_due(api.world.clock.now(), ran.append):
        pass
    assert ran.count(EXAMPLE) == 1


def test_an_order_that_nobody_here_knows_is_not_counted_among_those_that_fit() -> None:
    api = Api()
    status, said = api.say([{"order": "801000000000009AAA", "result": "open"}])
    assert (status, said["unmatched"]) == (200, [0])


def test_a_key_of_the_sender_changes_nothing_for_what_is_taken_once_by_what_it_says() -> None:
    api = Api()
    first = {"Authorization": f"Bearer {OURS}", "Idempotency-Key": "a"}
    for headers in (first, first, {**first, "Idempotency-Key": "b"}):
        answer = api.client.post("/api/sim/completions", json=COMPLETIONS, headers=headers)
        assert (answer.status_code, answer.json()) == (200, COMPLETIONS_TAKEN)
    other = [{**COMPLETIONS[0], "when": "later"}]
    answer = api.client.post("/api/sim/completions", json=other, headers=first)
    assert answer.json()["taken"] == 1


def test_what_fits_no_order_is_shown_without_its_sim() -> None:
    api = Api()
    api.say([{"eid": EID, "result": "failed", "code": "MNP-301"}])
    answer = api.client.get("/api/sim/completions/unmatched", headers={"Authorization": f"Bearer {OURS}"})
    assert answer.json() == [
        {
            "order": "",
            "line": "",
            "by_sim": True,
            "state": "failed",
            "failure": "MNP_NAME_MISMATCH",
            "when": "",
        }
    ]
    assert EID not in answer.text


@pytest.mark.parametrize(
    ("item", "pointer", "code"),
    [
        ({"order": "801A", "result": "up"}, "/0/result", "result_unknown"),
        ({"order": "801A", "reslt": "open"}, "/0/reslt", "field_unknown"),
        ({"result": "open"}, "/0", "request_missing"),
        ({"order": 7, "result": "open"}, "/0/order", "text_expected"),
        ({"order": "801\0A", "result": "open"}, "/0/order", "text_unreadable"),
        ({"line": "R\n1", "result": "open"}, "/0/line", "text_unreadable"),
        ({"order": "801A", "when": "x" * 201, "result": "open"}, "/0/when", "text_unreadable"),
        ({"eid": EID[:-1], "result": "open"}, "/0/eid", "eid_length"),
        ({"card": "x", "result": "open"}, "/0/card", "card_number"),
        ({"order": "801A", "number": "0312345678", "result": "open"}, "/0/number", "line_number_length"),
        ("801A", "/0", "object_expected"),
    ],
)
def test_a_bad_item_is_told_by_its_place_and_the_others_are_taken(
    item: object, pointer: str, code: str
) -> None:
    status, said = Api().say([item, COMPLETIONS[0]])
    assert (status, said["taken"]) == (200, 1)
    errors = said["errors"]
    assert isinstance(errors, list)
    assert [error["pointer"] for error in errors] == [pointer]
    assert errors[0]["code"].startswith(code)
    assert "0312345678" not in json.dumps(said)


@pytest.mark.parametrize("body", [{}, "x", [COMPLETIONS[0]] * 10_001], ids=["{}", "x", "many"])
def test_what_is_no_list_is_refused(body: object) -> None:
    assert Api().say(body)[0] == 422


def test_only_a_key_for_it_lets_in() -> None:
    api = Api()
    assert api.say(COMPLETIONS, key=OTHER)[0] == 403
    assert api.say(COMPLETIONS, key=OURS + "x")[0] == 401
    assert api.lines.unmatched() == ()


def test_the_document_shows_both_routes() -> None:
    paths = Api().client.get("/schema/openapi.json").json()["paths"]
    assert {"/api/sim/completions", "/api/sim/completions/unmatched"} <= paths.keys()
    assert not [path for path in paths if "es2plus" in path]
    taken = paths["/api/sim/completions"]["post"]["responses"]["200"]["content"]["application/json"]
    assert taken["examples"]["example"]["value"] == COMPLETIONS_TAKEN


def installed(**changed: object) -> dict[str, object]:
    return {
        "header": {},
        "iccid": f"{ICCID}F",
        "notificationPointId": 4,
        "notificationPointStatus": {"status": "Executed-Success"},
        **changed,
    }


def test_an_installation_is_kept_as_often_as_it_is_told() -> None:
    api = Api()
    order = OrderId("801A")
    api.profiles.keep(
        KeptProfile(
            mark=order,
            eid=Eid(EID),
            profile_type="PASI_10G",
            iccid=Iccid(ICCID),
            state=ProfileState.RELEASED,
        )
    )
    assert api.tell(installed(notificationPointId=3)) == 204
    kept = api.profiles.get(order)
    assert kept is not None
    assert kept.state is ProfileState.RELEASED
    for _ in range(2):
        assert api.tell(installed()) == 204
        kept = api.profiles.get(order)
        assert kept is not None
        assert kept.state is ProfileState.INSTALLED


def test_a_profile_of_nobody_is_heard_and_forgotten() -> None:
    assert Api().tell(installed()) == 204


def test_an_address_nobody_was_given_is_not_there() -> None:
    api = Api()
    assert api.tell(installed(), key="another-key-of-twenty-characters") == 404
    assert api.tell(b"<html>") == 400


def test_without_a_network_there_are_no_such_routes() -> None:
    client = TestClient(create_app(new_world().ordering, settings=HTTP))
    headers = {"Authorization": f"Bearer {OURS}"}
    assert client.post("/api/sim/completions", json=[], headers=headers).status_code == 404


def test_a_key_that_could_be_guessed_is_refused() -> None:
    with pytest.raises(ValueError, match="guessed"):
        Es2PlusVariables(url="https://smdp.example", requester="1.3.6", progress_key="short")
