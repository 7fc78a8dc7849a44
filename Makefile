# Everything a person does with a clone. Needs Python 3.11 or newer with pip, and make.
#
#   make demo     a chat with the whole bot, no token, no network      ARGS=...
#   make run      the bot, with xeberci.toml and BOT_TOKEN             ARGS=...
#   make test     all tests                                            ARGS="-k feed" WORKERS=4
#   make lint     format, lint, strict types, import rules
#   make check    lint and test
#   make bench    figures, each beside its baseline                    ARGS=memory
#   make bench-large  search at 100,000 and 1,000,000 articles, some minutes
#   make soak     the fault tests at full count, with what they saw
#   make format   put the code in order
#   make clean    throw away .venv and every cache; data/ stays
#
# PYTHON=/usr/bin/python3.12 chooses the interpreter, VENV=DIR the virtual environment.

VENV ?= .venv
WORKERS ?= 2
ARGS ?=

BIN = $(VENV)/bin
FOR_USE = $(VENV)/.for-use
FOR_WORK = $(VENV)/.for-work
PIP = $(BIN)/python -m pip --disable-pip-version-check -qq

# The first interpreter that runs and is new enough; a name on PATH may be a shim that does not.
NEW_ENOUGH = import sys; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	if "$$python" -c '$(NEW_ENOUGH)' >/dev/null 2>&1; then echo "$$python"; break; fi; done)

.PHONY: demo run test lint check bench bench-large soak format clean help

help:
	@sed -n '3,14s/^#   //p' Makefile

demo: $(FOR_USE)
	@$(BIN)/xeberci demo $(ARGS)

run: $(FOR_USE)
	@exec $(BIN)/xeberci run $(ARGS)

test: $(FOR_WORK)
	@$(BIN)/python -m pytest -n $(WORKERS) $(ARGS)

lint: $(FOR_WORK)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	@$(MAKE) --no-print-directory test

bench: $(FOR_WORK)
	@$(BIN)/python -m tests.bench $(ARGS)

bench-large: $(FOR_WORK)
	@$(BIN)/python -m tests.bench.large $(ARGS)

soak: $(FOR_WORK)
	@SOAK=1 $(BIN)/python -m pytest -s $(ARGS) tests/faults

format: $(FOR_WORK)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

clean:
	rm -rf $(VENV) build dist .make .coverage *.egg-info .import_linter_cache \
		.hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# Stamps: the environment is set up once, and again when pyproject.toml changes.

$(BIN)/python:
	@if [ -z "$(PYTHON)" ]; then \
		echo "Python 3.11 or newer is needed and was not found on PATH." >&2; \
		echo "Install it, or say where it is: make PYTHON=/path/to/python3.12 ..." >&2; \
		exit 1; fi
	@"$(PYTHON)" -c '$(NEW_ENOUGH)' || { \
		echo "$(PYTHON) does not run, or is older than Python 3.11." >&2; exit 1; }
	@echo "Setting up $(VENV) with $$("$(PYTHON)" --version), once ..."
	@if "$(PYTHON)" -c 'import ensurepip' >/dev/null 2>&1; then \
		"$(PYTHON)" -m venv --clear "$(VENV)"; \
	else \
		"$(PYTHON)" -m venv --clear --without-pip "$(VENV)" && \
		"$(PYTHON)" -m pip --python "$(VENV)/bin/python" --disable-pip-version-check -qq \
			install pip; \
	fi || { \
		rm -rf "$(VENV)"; \
		echo "Could not make $(VENV): $(PYTHON) has neither ensurepip nor pip 22.3 or newer." >&2; \
		echo "On Debian and Ubuntu: apt-get install python3-venv" >&2; \
		exit 1; }

$(FOR_USE): pyproject.toml | $(BIN)/python
	@echo "Installing what Xəbərçi needs (a minute, the first time) ..."
	@$(PIP) install -e .
	@touch $@

$(FOR_WORK): pyproject.toml | $(BIN)/python
	@echo "Installing what Xəbərçi and its tests need (a minute or two, the first time) ..."
	@$(PIP) install -e '.[dev]'
	@touch $(FOR_USE) $@
