# Everything a contributor runs. Needs make and Python 3.11 or newer; the rest goes into .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
# One more than there are cores, since many tests wait for disks and for processes of their own.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test bench mutants clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## the whole story against simulated vendors on this machine
	$(BIN)/whsync demo

test: $(VENV)/.installed-dev ## style, types, architecture and all tests: what CI runs
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache --no-logo
	$(BIN)/pytest -n $(WORKERS) --dist loadgroup

bench: $(VENV)/.installed-dev ## speed, as ratios against the limit
	$(BIN)/python -m benchmarks

mutants: $(VENV)/.installed-dev ## take out what protects each promise, and see its tests fail
	$(BIN)/python -m tests.mutations

clean: ## remove everything that was made here, the environment too
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps are newer than pyproject.toml as long as the environment fits it.
$(VENV)/.installed: pyproject.toml | $(BIN)/python
	$(PIP) install -e .
	@touch $@

$(VENV)/.installed-dev: pyproject.toml | $(BIN)/python
	$(PIP) install -e '.[dev]'
	@touch $(VENV)/.installed $@

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)
