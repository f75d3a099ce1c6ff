# `make run` on a machine with Python 3.11 or newer, make and git is all. Each goal sets up .venv by itself
# from poetry.lock, every package checked against its hash; what is set up already is not set up again.
#
#   PYTHON=/path/to/python3 make run     another interpreter
#   make test ARGS="-k claim -x"         other arguments for pytest (without ARGS: all tests, three at once)

PIP_VERSION := 26.3
POETRY_VERSION := 2.5.1
POETRY_EXPORT_VERSION := 1.10.1

VENV := .venv
POETRY_VENV := $(VENV)/.poetry
POETRY := $(POETRY_VENV)/bin/poetry
POETRY_READY := $(POETRY_VENV)/.ready-$(PIP_VERSION)-$(POETRY_VERSION)-$(POETRY_EXPORT_VERSION)
# -qq: errors only. The pip is the one beside poetry: Python's own may be years old and takes twice as long.
PIP := $(POETRY_VENV)/bin/python -m pip -qq --disable-pip-version-check --no-input

# Set in the environment or on the command line, PYTHON is the only candidate.
PYTHON ?= python3
ifeq ($(origin PYTHON),file)
PYTHONS := $(PYTHON) python3.14 python3.13 python3.12 python3.11
else
PYTHONS := $(PYTHON)
endif


.DEFAULT_GOAL := help
.PHONY: help run test lint format bench clean
.DELETE_ON_ERROR:

help: ## list these goals
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1#\2/p' $(MAKEFILE_LIST) | awk -F'#' '{ printf "%-15s%s\n", $$1, $$2 }'

run: $(VENV)/.ready-run ## serve on port 8000; settings from the environment and .env
	@exec $(VENV)/bin/avatars serve

test: $(VENV)/.ready-dev ## run the tests (ARGS="..." goes to pytest)
	@$(VENV)/bin/python -m pytest $(or $(ARGS),--numprocesses=3 --dist=worksteal)

lint: $(VENV)/.ready-dev ## check style, types and layers
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports

format: $(VENV)/.ready-dev ## format the code and repair what ruff can
	$(VENV)/bin/ruff check --fix-only --quiet .
	$(VENV)/bin/ruff format .

bench: $(VENV)/.ready-dev ## measure; wants wrk and a quiet machine (ARGS="hits --write": parts, options)
	@$(VENV)/bin/python -m benchmarks $(ARGS)

clean: ## remove .venv and all caches; data/ and .env stay
	rm -rf $(VENV) build dist .coverage .coverage.* htmlcov
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up -----------------------------------------------------------------------------------------------

# The development set-up contains that of `make run`.
$(VENV)/.ready-dev: GROUPS := --with dev --all-extras
$(VENV)/.ready-dev: STAMPS := $(VENV)/.ready-dev $(VENV)/.ready-run
$(VENV)/.ready-run: GROUPS :=
$(VENV)/.ready-run: STAMPS := $(VENV)/.ready-run

# pyproject.toml too: it holds the command's entry point, and poetry.lock has to match it.
$(VENV)/.ready-run $(VENV)/.ready-dev: poetry.lock pyproject.toml $(VENV)/bin/python $(POETRY_READY)
	@if ! problem=$$($(POETRY) check --lock 2>&1); then \
	    echo "$$problem" >&2; \
	    echo "set-up: poetry.lock does not match pyproject.toml. Run '$(POETRY) lock' and commit both files." >&2; \
	    exit 1; \
	fi
	@echo "set-up: the packages of poetry.lock$(if $(GROUPS), and the development tools)"
	@$(POETRY) export --quiet $(GROUPS) --output $(VENV)/requirements.txt
	@$(PIP) --python $(VENV)/bin/python install --require-hashes --requirement $(VENV)/requirements.txt
	@echo "set-up: this project, editable"
	@$(PIP) --python $(VENV)/bin/python install --no-deps --editable .
	@touch $(STAMPS)

$(POETRY_READY): $(VENV)/bin/python
	@echo "set-up: poetry $(POETRY_VERSION), which reads poetry.lock"
	@$(VENV)/bin/python -m venv --clear $(POETRY_VENV)
	@$(PIP) install pip==$(PIP_VERSION)
	@$(PIP) install --no-compile poetry==$(POETRY_VERSION) poetry-plugin-export==$(POETRY_EXPORT_VERSION)
	@touch $@

# A .venv whose interpreter is gone is made anew: its link is dead, so this file does not exist.
$(VENV)/bin/python:
	@python=; for candidate in $(PYTHONS); do \
	    if "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; \
	    then python=$$candidate; break; fi; \
	done; \
	if [ -z "$$python" ]; then \
	    echo "set-up: no Python 3.11 or newer among: $(PYTHONS)" >&2; \
	    echo "        Install one (Debian, Ubuntu: apt install python3-venv) or name it: make PYTHON=/path/to/python3" >&2; \
	    exit 1; \
	fi; \
	version=$$("$$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	if ! "$$python" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "set-up: $$python lacks the venv module. Debian, Ubuntu: apt install python$$version-venv" >&2; \
	    exit 1; \
	fi; \
	echo "set-up: an environment in $(VENV), of Python $$version"; \
	"$$python" -m venv --clear --without-pip $(VENV)
