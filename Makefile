# Everything a contributor runs. Needs make and Python 3.11 or newer; the rest goes into .venv.

PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
NEWEST := .venv-newest
LOWEST := .venv-lowest
LOCKED := .venv-locked
FUZZ   := .venv-fuzz
MLFLOW := .venv-mlflow
STUDIO := .venv-label-studio
AZURITE := .azurite
FUZZ_SECONDS ?= 60
BIN    := $(VENV)/bin
# One more than there are cores, since many tests wait for disks and for processes of their own.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print((os.cpu_count() or 1) + 1)')
PIP    := -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo docs test test-newest test-lowest test-locked fuzz real specs bench mutants release-files lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.installed ## the whole story against simulated vendors on this machine
	$(BIN)/whsync demo

docs: $(VENV)/.installed-dev ## the documentation as a website, in build/site
	$(BIN)/python -m docsite

test: $(VENV)/.installed-dev ## style, types, architecture and all tests: what CI runs
	$(call check,$(BIN))

test-newest: | $(NEWEST)/bin/python ## the same with the newest releases of everything, in an environment of its own
	$(NEWEST)/bin/python $(PIP) install --upgrade --upgrade-strategy eager -e '.[dev]'
	$(call check,$(NEWEST)/bin)

TESTS ?=
test-lowest: | $(LOWEST)/bin/python ## the tests with the lowest releases that pyproject.toml allows; PYTHON=… tries another
	$(LOWEST)/bin/python $(PIP) install -r requirements-lowest.lock
	$(LOWEST)/bin/python $(PIP) install --constraint requirements-lowest.lock -e '.[test]'
	$(LOWEST)/bin/python -m tests.packaging.ends requirements-lowest.lock
	$(LOWEST)/bin/pytest -n $(WORKERS) --dist loadgroup -m 'not slow' $(TESTS)

test-locked: | $(LOCKED)/bin/python ## the tests with the releases of requirements-dev.lock, for PYTHON=…, in an environment of its own
	$(LOCKED)/bin/python $(PIP) install --require-hashes -r requirements-dev.lock
	$(LOCKED)/bin/python $(PIP) install --no-deps --no-build-isolation -e .
	$(LOCKED)/bin/pytest -n $(WORKERS) --dist loadgroup -m 'not slow' $(TESTS)

fuzz: | $(FUZZ)/bin/python ## throw bytes at every parser of foreign files and answers, FUZZ_SECONDS each
	-$(FUZZ)/bin/python $(PIP) install -e '.[fuzz]'
	FUZZ_SECONDS=$(FUZZ_SECONDS) $(FUZZ)/bin/python -m tests.fuzz

real: $(VENV)/.installed-dev $(MLFLOW)/.installed $(STUDIO)/.installed $(AZURITE)/.installed ## against servers that nobody here wrote: MLflow, Label Studio, OpenBao, moto, PostgreSQL, Azurite
	WHSYNC_MLFLOW=$(CURDIR)/$(MLFLOW)/bin/mlflow WHSYNC_LABEL_STUDIO=$(CURDIR)/$(STUDIO)/bin/label-studio \
	AZURITE_BLOB=$$(ls $(CURDIR)/$(AZURITE)/node_modules/.bin/azurite-blob 2>/dev/null) $(BIN)/pytest tests/real

specs: $(VENV)/.installed-dev ## every call of the manifests against the vendors' own descriptions; WHSYNC_SPECS=FOLDER has more
	$(BIN)/pytest tests/specs

bench: $(VENV)/.installed-dev ## speed, as ratios against the limit
	$(BIN)/python -m benchmarks

mutants: $(VENV)/.installed-dev ## take out what protects each promise, and see its tests fail
	$(BIN)/python -m tests.mutations

release-files: $(VENV)/.installed-dev ## what a release has, in dist: wheel, sdist, SBOM and their digests
	$(BIN)/python -m releasing

lock: | $(VENV)/lock/bin/python ## pin the newest releases in *.lock, which demo and test install
	$(VENV)/lock/bin/python $(PIP) install --upgrade uv
	$(PIN) --upgrade --extra dev --output-file requirements-dev.lock
	$(PIN) --upgrade --constraint requirements-dev.lock --output-file requirements.lock
	$(PIN_LOWEST) --upgrade --output-file requirements-lowest.lock

clean: ## remove everything that was made here, the environments too
	rm -rf $(VENV) $(NEWEST) $(LOWEST)* $(LOCKED)* $(FUZZ) $(MLFLOW) $(STUDIO) $(AZURITE) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# All checks, with the programs of one environment.
define check
$(1)/ruff check
$(1)/ruff format --check
$(1)/mypy
$(1)/lint-imports --no-cache --no-logo
$(1)/pytest -n $(WORKERS) --dist loadgroup
endef

# What a lock names, with the hashes of its files, and then the checkout itself, built with what the lock names.
define install
$(BIN)/python $(PIP) install --require-hashes -r $(1)
$(BIN)/python $(PIP) install --no-deps --no-build-isolation -e .
endef

# One lock for every system and every Python that pyproject.toml allows.
PIN := $(VENV)/lock/bin/uv --quiet pip compile --universal --generate-hashes --no-annotate \
	--custom-compile-command 'make lock' --group checkout pyproject.toml

# The lowest releases that pyproject.toml allows, of what it names itself, for every Python.
PIN_LOWEST := $(VENV)/lock/bin/uv --quiet pip compile --universal --resolution lowest-direct --only-binary :all: \
	--no-annotate --no-header --python-version 3.11 --extra aws --extra jwt --extra keyring --extra postgresql --extra s3 pyproject.toml

# The stamps are newer than pyproject.toml and the locks as long as the environment fits them.
$(VENV)/.installed: pyproject.toml requirements.lock | $(BIN)/python
	$(call install,requirements.lock)
	@touch $@

$(VENV)/.installed-dev: pyproject.toml requirements-dev.lock | $(BIN)/python
	$(call install,requirements-dev.lock)
	@touch $(VENV)/.installed $@

$(MLFLOW)/.installed: tests/real/mlflow.txt | $(MLFLOW)/bin/python
	$(MLFLOW)/bin/python $(PIP) install -r tests/real/mlflow.txt
	@touch $@

$(STUDIO)/.installed: tests/real/label-studio.txt | $(STUDIO)/bin/python
	$(STUDIO)/bin/python $(PIP) install -r tests/real/label-studio.txt
	@touch $@

# Where npm cannot have it, its tests are skipped, and say so.
$(AZURITE)/.installed: Makefile
	-npm install --silent --no-audit --no-fund --prefix $(AZURITE) azurite@3.37.0
	@mkdir -p $(AZURITE) && touch $@

%/bin/python:
	$(PYTHON) -m venv $*
