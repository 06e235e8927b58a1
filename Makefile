# Two commands do everything on a machine with Python >= 3.11 and make:
#   make run    set up, solve the Secretariat example, print cost and savings, write plan and report to out/
#   make test   set up, run checks and the quick test set
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
LIMIT  ?= 120

# Commands, servers and children load compiled bytecode, also where an image has said that none is to be kept:
# otherwise each of the hundreds that tests start compiles all anew.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: ready run test test-full test-long coverage check format docs lock audit sbom clean

# Nothing is installed whose hash is not in the lock: packages first, then the project itself, which brings none.
$(STAMP): pyproject.toml requirements-dev.lock
	@$(PYTHON) -c 'import sys; sys.exit("Designate needs Python 3.11 or newer; set PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $@

# the engine's kernels, compiled once for each state of their sources; an install of the same version uses them too
ready: $(STAMP)
	$(BIN)/python -m optimizer.solvers.engine.ready

run: ready
	@mkdir -p out
	$(BIN)/designate example secretariat out/secretariat --force
	$(BIN)/designate solve out/secretariat --backend auto --time-limit $(LIMIT) --threads 2 \
		--out out/plan.json --report out/report.html --tables out/tables

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test: check ready
	$(BIN)/python -m pytest -q -m "not slow" -n 2 --dist worksteal

# all but what takes many minutes by itself
test-full: check ready
	$(BIN)/python -m pytest -q -m "not long" -n 2 --dist worksteal

# every test with every example; over an hour
test-long: check ready
	$(BIN)/python -m pytest -q -n 2 --dist worksteal

# Lines of optimizer and api that the quick tests run, in all processes they start; fails below the gate in pyproject.toml.
coverage: ready
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -q -m "not slow" -n 2 --dist worksteal
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# the pages that follow from the code (docs/README.md); a test fails while one is stale
docs: $(STAMP)
	$(BIN)/python -m docs.build

# Pins of every package with the hashes of all its files, for every platform and Python from 3.11 on.
# As they stand, with what pyproject.toml adds; `make lock UPGRADE=--upgrade` takes the newest ones.
LOCKED := pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet
lock: $(STAMP)
	$(BIN)/python -m pip install --quiet "uv>=0.9"
	$(BIN)/uv $(LOCKED) $(UPGRADE) --group dev --extra service --extra telemetry --output-file requirements-dev.lock
	$(BIN)/uv $(LOCKED) --constraint requirements-dev.lock --upgrade --group build --extra service --extra telemetry \
		--output-file requirements.lock

# Known vulnerabilities of the locked packages; asks a service on the internet.
audit: $(STAMP)
	$(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet pip-audit
	$(VENV)/audit/bin/pip-audit --require-hashes --disable-pip --requirement requirements.lock

sbom: $(STAMP)
	@mkdir -p out
	$(BIN)/designate sbom --out out/sbom.json

clean:
	rm -rf $(VENV) out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .coverage*
