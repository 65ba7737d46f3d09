# Everything a newcomer or CI runs. The tools live in .venv, made by `make setup`.

SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/.installed
# Nine processes start for each story; without compiled modules each would take twice as long.
unexport PYTHONDONTWRITEBYTECODE
MEMBERS := contracts runtime services/approval-events services/supervision-push services/credit
MANIFESTS := pyproject.toml $(addsuffix /pyproject.toml,$(MEMBERS))
# The uv on the path, or else one that pip puts beside the environment.
UV_VERSION := 0.13.9
UV = $$(uv --version >/dev/null 2>&1 && echo uv || echo .venv/bootstrap/bin/uv)

.PHONY: help setup lint check test fault fault-long site-drill bundle demo bench up fmt lock clean

help: ## list what can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */\1\t/' | expand -t 12

setup: $(STAMP) ## make .venv with everything pinned in requirements.lock

$(STAMP): requirements.lock $(MANIFESTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "linkage needs Python 3.11 or newer; set PYTHON=/path/to/python3"; exit 1; }
	@mkdir -p .venv
	@uv --version >/dev/null 2>&1 || test -x .venv/bootstrap/bin/uv \
	  || $(PYTHON) -m pip install --quiet --root-user-action ignore --target .venv/bootstrap uv==$(UV_VERSION)
	@test -x $(BIN)/python || $(UV) venv --quiet --allow-existing .venv \
	  --python "$$($(PYTHON) -c 'import sys; print(sys.executable)')"
	$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps $(addprefix -e ./,$(MEMBERS))
	@touch $@

# Tests in this many processes; a file's stay in one, and so share what it starts.
JOBS ?= 2
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

lint: setup ## format, lint, types, layers, drift
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m linkage_contracts.generate --check
	$(BIN)/python -m deploy.grafana --check

# A broker of the tests lives for minutes: what the JVM's second compiler costs it never earns.
check test fault: export JDK_JAVA_OPTIONS := -XX:TieredStopAtLevel=1 -XX:+UseSerialGC

check: lint ## the same, and the fast tests: under a minute
	$(PYTEST) -q tests/unit tests/contract

test: setup ## all tests, on the embedded parts and on Apache Kafka
	$(PYTEST) tests/story tests/integration tests/contract tests/unit

fault: setup ## every fault (ONLY=… some) under a known load, counted: .linkage/fault.json
	$(PYTEST) -v tests/fault $(if $(ONLY),-k "$(ONLY)")

MINUTES ?= 60
fault-long: setup ## random faults upon one another for an hour (SEED=… repeats a run)
	$(BIN)/python -m tests.fault --minutes $(MINUTES) $(if $(SEED),--seed $(SEED))

site-drill: setup ## end one site and go on at a second: RPO and RTO in .linkage/site-drill.json
	$(BIN)/python -m pytest -v -s tests/fault/test_second_site.py

bundle: setup ## all that a place without a network needs, as one file in dist/
	$(BIN)/python -m deploy.bundle dist

demo: setup ## both loops with sample data, then stop (SABOTAGE=1 loses a push on purpose)
	$(BIN)/linkage demo $(if $(filter 1,$(SABOTAGE)),--sabotage)

PROFILE ?= peer
BROKER ?= apache
bench: setup ## measure a profile (PROFILE=peer, BROKER=apache): .linkage/bench.json
	$(BIN)/python -m tests.benchmark $(PROFILE) --broker $(BROKER)

up: setup ## start everything and keep it running until Ctrl-C
	$(BIN)/linkage up

fmt: setup ## format, and mend what ruff can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## pin all members, the dev group and the embedded parts again
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" \
	  $(foreach name,linkage-contracts linkage-runtime,--no-emit-package $(name)) \
	  --group pyproject.toml:dev --extra embedded --output-file requirements.lock \
	  $(addsuffix /pyproject.toml,$(MEMBERS))
	@! grep -nE '^--|https?://' requirements.lock

clean: ## remove the environment, caches and local data
	rm -rf .venv .linkage .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
