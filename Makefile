# One command per wish; `make help` lists them. Needs Python 3.11 or newer (PYTHON=...) and make, nothing else.
PYTHON ?= python3
BIN := .venv/bin
SOURCES = $(wildcard src tools tests benchmarks examples)

# pyright ships with its package and shall not ask a registry whether a newer one exists.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo test long check coverage docs bench bench-live bench-sizes bench-waiting soak lock clean

help: ## list the targets
	@grep -hE '^[a-z.-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z.-]+):.*## /\1: /'

demo: .venv/installed ## the full ride of four orders on this machine (DEMO_ARGS="--exit" ends it by itself)
	$(BIN)/ordering demo $(DEMO_ARGS)

test: .venv/installed ## every test, on two processes, with the time of each suite and of each budget
	$(BIN)/python tools/run_suites.py

long: .venv/installed ## the long suites of tests/ci: kill grids, foreign clients
	$(BIN)/python tools/run_suites.py --long

check: .venv/installed ## lint, format, types, import contracts, number of attrs classes
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy $(SOURCES)
	$(BIN)/pyright
	$(BIN)/lint-imports --no-logo
	$(BIN)/python tools/count_attrs_classes.py

coverage: .venv/installed ## branch coverage of the core by tests/unit alone; fails below 100 %
	$(BIN)/pytest tests/unit -q -n 2 --dist loadgroup --cov --cov-report=term-missing:skip-covered --cov-fail-under=100

docs: .venv/installed ## write again the pages that are computed from the code: rules, runbooks, status
	$(BIN)/python tools/generate_docs.py

bench: .venv/installed ## whole orders and their provisioning; lifecycle and validation beside other libraries
	$(BIN)/python -m benchmarks.flow
	$(BIN)/python -m benchmarks.run

bench-live: .venv/installed ## 1,000 and 5,000 clients that follow an order: memory, and when the last one hears of it
	$(BIN)/python -m benchmarks.live

bench-sizes: .venv/installed ## pages and the sweep at 1,000 and 100,000 orders; fails when they take twice as long
	$(BIN)/python -m benchmarks.sizes

bench-waiting: .venv/installed ## 10,000 waiting orders in the memory of a worker; fails above 50 MB
	$(BIN)/python -m benchmarks.waiting

soak: .venv/installed ## planted bugs must be caught; then the tests with many more examples, and whole grids
	$(BIN)/python tests/planted/run.py
	HYPOTHESIS_PROFILE=soak $(BIN)/python tools/run_suites.py
	SOAK=1 $(BIN)/python tools/run_suites.py --long

lock: ## write requirements/lock.txt again from pyproject.toml (needs a registry)
	$(PYTHON) tools/lock.py

clean: ## remove everything the other targets made
	rm -rf .venv dist build .coverage .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find src tests tools -name __pycache__ -type d -prune -exec rm -rf {} +

.venv: .venv/installed

.venv/locked: requirements/lock.txt
	$(PYTHON) -m venv --clear .venv
	$(BIN)/python -m pip install -qq --require-hashes -r requirements/lock.txt
	touch $@

.venv/installed: .venv/locked pyproject.toml
	$(BIN)/python -m pip install -qq --no-deps --no-build-isolation --no-index --editable .
	touch $@
