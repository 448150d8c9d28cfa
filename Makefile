# All common commands. `make run` and `make test` first set up .venv, and again when the pins change.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
DEV_STAMP := $(VENV)/.installed-dev
PIP := $(BIN)/python -m pip install -qq --disable-pip-version-check
WORKERS ?= 2
BENCHES := $(filter-out __init__ report,$(basename $(notdir $(wildcard bench/*.py)))) faults recognition sources
UV_PINS := uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links \
	--no-annotate --no-header --upgrade pyproject.toml

# Tests start hundreds of Python processes, which are slow without compiled modules.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: run test check lint bench pins clean

run: $(STAMP)
	@$(BIN)/python examples/demo.py

# mypy runs next to the tests because it uses only one core; its output comes last.
test: lint
	@nice $(BIN)/mypy >$(VENV)/mypy.log 2>&1 & types=$$!; \
	$(BIN)/python -m pytest --quiet --numprocesses $(WORKERS) --dist worksteal; tests=$$?; \
	wait $$types; types=$$?; cat $(VENV)/mypy.log; \
	[ $$tests -eq 0 ] && [ $$types -eq 0 ]

check: lint
	@$(BIN)/mypy

lint: $(DEV_STAMP)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/lint-imports --no-logo

bench: $(DEV_STAMP)
	@for bench in $(BENCHES); do $(BIN)/python -m bench.$$bench --short || exit 1; done

$(STAMP): pyproject.toml requirements/run.txt
	@$(PYTHON) -c "import sys; sys.version_info >= (3, 11) or sys.exit('Pressrun needs Python 3.11 or newer; this is %d.%d. Name another with: make PYTHON=python3.12' % sys.version_info[:2])"
	@echo "Setting up $(VENV), which takes about a minute."
	@$(PYTHON) -m venv $(VENV) || { echo "On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }
	@$(PIP) --upgrade pip
	@$(PIP) --require-hashes -r requirements/run.txt
	@$(PIP) --no-deps --editable .
	@touch $@

$(DEV_STAMP): $(STAMP) requirements/dev.txt
	@echo "Installing the test dependencies."
	@$(PIP) --require-hashes -r requirements/dev.txt
	@touch $@

# Pins contain hashes but no index URL, so they work with any index.
pins:
	$(UV_PINS) --extra voice -o requirements/run.txt
	$(UV_PINS) --extra voice --group dev -c requirements/run.txt -o requirements/dev.txt
	$(UV_PINS) --extra all -c requirements/dev.txt -o requirements/all.txt

clean:
	rm -rf $(VENV) demo
