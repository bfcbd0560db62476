"""The guide to adapters names every contract that can be bound, and none that is not there."""

import importlib
import inspect
import pkgutil
import re

from pathlib import Path

from ordering_core.testing import contracts


GUIDE = Path(__file__).parents[2] / "docs" / "adapters.md"


def test_the_guide_names_every_contract() -> None:
    named = set(re.findall(r"`([a-z_]+\.[A-Za-z]+Contract)`", GUIDE.read_text("utf-8")))
    found = {
        f"{module.name}.{name}": contract
        for module in pkgutil.iter_modules(contracts.__path__)
        for name, contract in vars(importlib.import_module(f"{contracts.__name__}.{module.name}")).items()
        if inspect.isclass(contract)
        and name.endswith("Contract")
        and contract.__module__.endswith(f".{module.name}")
    }
    bases = {base for contract in found.values() for base in contract.__mro__[1:]}
    to_be_bound = {name for name, contract in found.items() if contract not in bases}
    assert named == to_be_bound
