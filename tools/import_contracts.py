"""An import-linter contract that lists what a package may import, instead of what it may not."""

import sys

from typing import Final

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


STANDARD_LIBRARY: Final = "the standard library"


class OnlyContract(Contract):
    """
    Each of *source_modules* imports nothing but *allowed_modules* and itself.

    Only direct imports count: what an allowed package imports is its own affair.

    Options:
        source_modules: packages whose modules are looked at; they need not be there yet.
        except_modules: packages inside them that are not (optional).
        allowed_modules: packages that may be imported; "the standard library" stands for all of it.
    """

    type_name = "only"

    source_modules = fields.ListField(subfield=fields.StringField())
    except_modules = fields.ListField(subfield=fields.StringField(), default=[])
    allowed_modules = fields.ListField(subfield=fields.StringField())

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:  # noqa: ARG002, FBT001  (their signature)
        """Find every import that is not allowed."""
        broken = [
            f"{module} imports {imported}"
            for source in self._option("source_modules")
            for module in sorted(graph.modules)
            if within(module, source) and not self._listed(module, "except_modules")
            for imported in sorted(graph.find_modules_directly_imported_by(module))
            if not within(imported, source) and not self._allowed(imported)
        ]
        return ContractCheck(kept=not broken, metadata={"broken": broken})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Print every import that is not allowed, and what is."""
        for line in check.metadata["broken"]:
            output.print_error(line)
        output.print(f"Allowed are {', '.join(self._option('allowed_modules'))}.\n")

    def _allowed(self, imported: str) -> bool:
        standard = imported.partition(".")[0] in sys.stdlib_module_names
        return self._listed(imported, "allowed_modules") or (
            standard and STANDARD_LIBRARY in self._option("allowed_modules")
        )

    def _listed(self, module: str, option: str) -> bool:
        return any(within(module, package) for package in self._option(option))

    def _option(self, name: str) -> list[str]:
        value: list[str] = self.contract_options.get(name, [])
        return value


def within(module: str, package: str) -> bool:
    """Tell whether *module* is *package* or lies inside it."""
    return module == package or module.startswith(f"{package}.")
