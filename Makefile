# Two commands do everything on a machine with Python >= 3.11 and make:
#   make run    set up, solve the Secretariat example, print cost and savings, write plan and report to out/
#   make test   set up, run checks and the quick test set
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
LIMIT  ?= 120

.PHONY: ready run test test-full check format lock clean

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Designate needs Python 3.11 or newer; set PYTHON=python3.11") if sys.version_info < (3, 11) else None'
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --upgrade "pip>=25.1"
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --group dev --editable .
	touch $@

# the engine's kernels, compiled once for each state of their sources; an install of the same version uses them too
ready: $(STAMP)
	$(BIN)/python -m optimizer.engine.ready

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
	$(BIN)/python -m pytest -q -m "not slow" -n 2

test-full: check ready
	$(BIN)/python -m pytest -q -n 2

format: $(STAMP)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: $(STAMP)
	$(BIN)/python -m pip freeze --exclude-editable | grep -v ' @ ' > constraints.txt

clean:
	rm -rf $(VENV) out dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis
