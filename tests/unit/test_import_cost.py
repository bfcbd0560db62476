"""What `import ordering_core` costs a host: time, and other packages."""

import ast
import json
import subprocess
import sys

from pathlib import Path
from statistics import median

import attrs
import pytest

import ordering_core

from ordering_core.domain.representation import shown


SOURCES = Path(__file__).parents[2] / "src" / "ordering_core"
ROUNDS = 30
# json comes last: it loads a part of what attrs needs, and would make attrs look cheaper than it is.
MEASURE = """
import sys, time
sys.path.insert(0, sys.argv[1])
before = set(sys.modules)
started = time.process_time()
__import__(sys.argv[2])
took = time.process_time() - started
brought = sorted({name.partition(".")[0] for name in set(sys.modules) - before})
import json
print(json.dumps([took, brought]))
"""


def import_afresh(package: str) -> tuple[float, set[str]]:
    """Import *package* in a new process; return the processor seconds it took and what names it brought."""
    command = [sys.executable, "-I", "-c", MEASURE, str(SOURCES.parent), package]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    took, names = json.loads(done.stdout)
    return took, set(names)


def test_importing_the_core_costs_at_most_four_times_what_importing_attrs_costs() -> None:
    import_afresh("ordering_core")  # compiles what is not compiled yet
    rounds = [(import_afresh("attrs")[0], import_afresh("ordering_core")[0]) for _ in range(ROUNDS)]
    # A processor is faster at one moment than at another; each round compares two imports of one moment.
    ratio = median(core / attrs_alone for attrs_alone, core in rounds)
    assert ratio <= 4, f"{ratio:.2f} times"


def test_importing_the_core_brings_no_other_package_but_attrs() -> None:
    _, names = import_afresh("ordering_core")
    assert names - sys.stdlib_module_names == {"ordering_core", "attr", "attrs"}


@pytest.mark.parametrize("command", ["cli_settings", "cli_doctor", "worker"])
def test_a_command_that_serves_nothing_does_not_load_the_framework_of_servers(command: str) -> None:
    _, names = import_afresh(f"ordering_entrypoints.{command}")
    assert "litestar" not in names


def test_no_module_of_the_core_is_lazy() -> None:
    modules = list(SOURCES.rglob("*.py"))
    assert modules
    for module in modules:
        for node in ast.parse(module.read_text(encoding="utf-8")).body:
            assert getattr(node, "name", "") != "__getattr__", module
            targets = node.targets if isinstance(node, ast.Assign) else []
            assert "__getattr__" not in {ast.unparse(target) for target in targets}, module


def test_no_record_of_the_core_makes_the_host_compile_its_representation() -> None:
    assert ordering_core.__name__ in sys.modules
    listed = [
        cls
        for name, module in sorted(sys.modules.items())
        if name.partition(".")[0] == "ordering_core" and not name.startswith("ordering_core.testing")
        for cls in vars(module).values()
        if isinstance(cls, type) and cls.__module__ == name and attrs.has(cls)
    ]
    assert len(listed) > 100
    assert {cls.__repr__ for cls in listed} == {shown, object.__repr__}
