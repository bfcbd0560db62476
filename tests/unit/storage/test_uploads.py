"""A card whose taker died is found in the database by the next process, which sends it and leaves nothing."""

from base64 import b64encode
from pathlib import Path

import attrs
import pytest

from ordering_adapters.memory.world import MemoryWorld
from ordering_adapters.storage import open_storage
from ordering_core.domain.identifiers import RequestKey
from ordering_core.testing.clocks import ManualClock
from tests.contract.test_sql_uploads import KEYS
from tests.unit.application.riding import SETTLED, Crash, crash
from tests.unit.application.shop import PNG, WEDNESDAY


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("keys", [KEYS, ()], ids=["sealed", "not sealed"])
def test_a_card_is_sent_once_by_whoever_starts_next(
    tmp_path: Path, moment: str, keys: tuple[str, ...]
) -> None:
    url, clock = f"sqlite:///{tmp_path}/ordering.db", ManualClock(WEDNESDAY)
    with open_storage(url, clock, keys=keys) as storage:
        world = MemoryWorld(clock=clock, storage=storage)
        customer = world.new_customer(verified=False)
        world.faults.hook("files.upload", moment, crash)
        with pytest.raises(Crash):
            world.ordering.upload_card(PNG, customer=customer, key="card")
    clock.advance(SETTLED)
    with open_storage(url, clock, keys=keys) as (store, queue, live_updates):
        ordering = attrs.evolve(world.ordering, store=store, live_updates=live_updates)
        queue.run_due(clock.now(), ordering.run)
        with store.transaction() as tx:
            assert tx.uploads.get(RequestKey(f"{customer}:card")) is None
        assert queue.next_due() is None
    # without a key nobody may write the image down: its customer has to send it again
    arrived = [PNG] if keys or moment == "after" else []
    assert [file.content for file in world.salesforce.files.values()] == arrived
    files = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b64encode(PNG) not in files
