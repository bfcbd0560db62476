"""What reaches a user: the wheel, installed beside attrs alone in an empty environment, without a network."""

import importlib.metadata
import shutil
import subprocess
import sys
import tomllib
import venv

from pathlib import Path

import pytest


# One worker builds the wheel, for all of these.
pytestmark = pytest.mark.xdist_group("packaging")

ROOT = Path(__file__).parents[2]
IMPORT_ALL = """
import importlib, pkgutil, ordering_core
for module in pkgutil.walk_packages(ordering_core.__path__, "ordering_core."):
    if not module.name.startswith("ordering_core.testing"):
        importlib.import_module(module.name)
        print(module.name)
"""


def run(*command: str | Path) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def copy_attrs(site_packages: Path) -> None:
    """Copy the files that the distribution attrs consists of, and no others."""
    for file in importlib.metadata.files("attrs") or []:
        target = site_packages / file
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(str(file.locate()), target)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder)
    (built,) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    install = ("install", "--quiet", "--no-deps", "--no-index", wheel)
    run(sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python, *install)
    copy_attrs(site_packages_of(folder))
    return folder


def site_packages_of(environment: Path) -> Path:
    (folder,) = environment.glob("lib/python*/site-packages")
    return folder


def test_the_wheel_brings_the_packages_of_the_tree_and_no_other_name(environment: Path) -> None:
    in_the_tree = {marker.parent.name for marker in (ROOT / "src").rglob("py.typed")}
    arrived = {path.name for path in site_packages_of(environment).iterdir() if path.suffix != ".dist-info"}
    assert arrived - {"attr", "attrs"} == in_the_tree
    assert in_the_tree >= {"ordering_core", "ordering_adapters", "ordering_entrypoints", "ordering_sandbox"}
    assert all(name.startswith("ordering_") for name in in_the_tree)


def test_the_wheel_brings_every_file_of_the_packages(environment: Path) -> None:
    def files(folder: Path) -> set[Path]:
        found = {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        return {path for path in found if "__pycache__" not in path.parts}

    for marker in (ROOT / "src").rglob("py.typed"):
        package = marker.parent
        assert files(site_packages_of(environment) / package.name) == files(package)


def test_the_core_needs_attrs_alone(environment: Path) -> None:
    imported = run(environment / "bin" / "python", "-I", "-c", IMPORT_ALL).split()
    assert "ordering_core.errors" in imported


def test_every_dependency_is_explained() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = [
        project["project"]["dependencies"],
        *project["project"]["optional-dependencies"].values(),
        *project["dependency-groups"].values(),
    ]
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    words = set(explained.replace(",", " ").split())
    names = {requirement.partition(">")[0].partition("[")[0] for group in groups for requirement in group}
    assert names - {"ordering-core"} <= words


def test_the_lock_names_hashes_and_no_address() -> None:
    lines = (ROOT / "requirements" / "lock.txt").read_text(encoding="utf-8").splitlines()
    assert lines
    for line in lines:
        assert "://" not in line
        assert line.startswith("    --hash=sha256:") or "==" in line
