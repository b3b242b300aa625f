# Everything a developer or an operator runs. `make` alone lists the targets.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
RUN := $(VENV)/.run
STAMP := $(VENV)/.installed
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-compile

# Modules are compiled when they are first imported and kept, so that a command starts in a second.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

$(RUN): requirements.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --editable .
	touch $@

$(STAMP): $(RUN) requirements-dev.lock
	$(PIP) --require-hashes -r requirements-dev.lock
	touch $@

install: $(STAMP) ## Make the virtual environment from the lock files

LOCK := uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url --no-header
lock: ## Resolve the dependencies again (needs uv)
	$(LOCK) --extra registry -o requirements.lock
	$(LOCK) --all-extras -c requirements.lock -o requirements-dev.lock

check: $(STAMP) ## Format, lint and type check
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

test: check ## Check the code, then run every test
	$(BIN)/python -m pytest --numprocesses 2 --dist loadgroup

demo: $(RUN) ## Simulate a day of calls, rate it from files, ask the ledger, send invoices
	PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/demo.sh

demo-kafka: $(RUN) ## The same through Apache Kafka and two workers (Java 17 and Maven)
	PATH="$(CURDIR)/$(BIN):$$PATH" bash examples/demo-kafka.sh

SEED ?= 1
DURATION ?= 120
CALLS ?= 3000000
chaos: $(STAMP) ## Break two workers and Kafka at seeded moments under load, then audit the ledger
	$(BIN)/python -m tests.chaos --seed $(SEED) --duration $(DURATION)
	$(BIN)/python -m tests.chaos --month --seed $(SEED) --calls $(CALLS)

up: ## Start Apache Kafka and two workers in containers (Docker)
	docker compose up --build --detach --wait

down: ## Stop them; the ledger stays in its volume
	docker compose down

oracles: $(STAMP) ## Run every published case, one line a file (TRUNKLINE_ORACLES names the folder)
	$(BIN)/python -m tests.oracles

bench: $(STAMP) ## Measure, print each figure beside its goal, append to benchmarks/results.jsonl
	$(BIN)/python -m tests.bench $(MEASURES)

fuzz: $(STAMP) ## Damage records of every format, a minute each; then all properties with fresh examples (nightly)
	$(BIN)/python -m tests.mediation.fuzz --seconds 60
	HYPOTHESIS_PROFILE=fresh $(BIN)/python -m pytest --numprocesses 2 --dist loadgroup -m "not bench and not kafka"

docs: $(STAMP) ## Write the pages that are made from code
	$(BIN)/python -m tests.docs.generate

clean: ## Remove what the tools left behind
	rm -rf build demo dist .mypy_cache .ruff_cache .pytest_cache .hypothesis

.PHONY: help install lock check test fuzz oracles demo demo-kafka bench chaos up down docs clean
