"""
How many attrs classes `import ordering_core` defines: each costs a host start-up time.

Making an attrs class takes some hundred times as long as making a plain one, at every start of a host.
"""

import sys

from types import ModuleType
from typing import Final

import ordering_core


LIMIT: Final = 200


def classes_in(namespace: ModuleType | type) -> set[type]:
    """Return the attrs classes of the core defined in *namespace*, those inside its classes too."""
    found: set[type] = set()
    for value in vars(namespace).values():
        if isinstance(value, type) and value.__module__.split(".")[0] == ordering_core.__name__:
            nested = value.__qualname__.startswith(f"{getattr(namespace, '__qualname__', '')}.")
            if isinstance(namespace, ModuleType) or nested:
                found |= classes_in(value)
                if "__attrs_attrs__" in vars(value):
                    found.add(value)
    return found


def main() -> int:
    """Print the count; return 1 if it is above the limit."""
    modules = [m for name, m in sorted(sys.modules.items()) if name.split(".")[0] == ordering_core.__name__]
    found = {cls for module in modules for cls in classes_in(module)}
    print(
        f"import ordering_core defines {len(found)} attrs classes in {len(modules)} modules (limit {LIMIT})"
    )
    return 0 if len(found) <= LIMIT else 1


if __name__ == "__main__":
    sys.exit(main())
