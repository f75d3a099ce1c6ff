# `make run` on a machine with Python 3.11 or newer (with venv), make and git is all. Each goal sets up .venv by itself
# from requirements/, every package checked against its hash; what is set up already is not set up again.
#
#   PYTHON=/path/to/python3 make run     another interpreter
#   make test ARGS="-k claim -x"         other arguments for pytest (without ARGS: what needs no server, four at once)

VENV := .venv
UV := $(VENV)/bin/uv
# Networks with an authority of their own have it where the system has its certificates.
export UV_SYSTEM_CERTS := 1
# At set-up and in parallel, instead of at the first start, or at each where PYTHONDONTWRITEBYTECODE is set.
export UV_COMPILE_BYTECODE := 1
POETRY := $(VENV)/.poetry/bin/poetry

# Set in the environment or on the command line, PYTHON is the only candidate.
PYTHON ?= python3
ifeq ($(origin PYTHON),file)
PYTHONS := $(PYTHON) python3.14 python3.13 python3.12 python3.11
else
PYTHONS := $(PYTHON)
endif


# More than there are cores, since a test waits for timers and servers half of its time. Three where servers are asked:
# each test may open dozens of connections, and PostgreSQL takes 100.
PYTEST_PARALLEL := --dist=worksteal --numprocesses

.DEFAULT_GOAL := help
.PHONY: help run test test-all test-clients lint format lock bench clean
.DELETE_ON_ERROR:

help: ## list these goals
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1#\2/p' $(MAKEFILE_LIST) | awk -F'#' '{ printf "%-17s%s\n", $$1, $$2 }'

run: $(VENV)/.ready-run ## serve on port 8000; settings from the environment and .env
	@exec $(VENV)/bin/avatars serve

test: $(VENV)/.ready-dev ## run the tests that need no server, in minutes (ARGS="..." goes to pytest)
	@$(VENV)/bin/python -m pytest $(or $(ARGS),$(PYTEST_PARALLEL)=4 -m "not servers and not slow and not clients")

test-all: test ## run those, then all others: PostgreSQL, MariaDB, Redis, storms, kills
	@$(VENV)/bin/python -m pytest $(PYTEST_PARALLEL)=3 -m "(servers or slow) and not clients"

test-clients: $(VENV)/.ready-dev $(VENV)/.ready-clients ## run client programs and generated clients; wants npm and the network
	@$(VENV)/bin/python -m pytest $(or $(ARGS),$(PYTEST_PARALLEL)=2 tests/clients)

lint: $(VENV)/.ready-dev $(VENV)/.ready-lock ## check style, types, layers and requirements
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy
	$(VENV)/bin/lint-imports
	NO_MKDOCS_2_WARNING=1 $(VENV)/bin/mkdocs build --strict --quiet
	$(POETRY) check --lock
	@$(call export,$(VENV)/requirements) && diff -r -q -x README.md -x 'lock.*' -x 'clients.*' -x 'isso.*' requirements $(VENV)/requirements \
	    || { echo "lint: requirements/ does not match poetry.lock. Run 'make lock' and commit both." >&2; exit 1; }

format: $(VENV)/.ready-dev ## format the code and repair what ruff can
	$(VENV)/bin/ruff check --fix-only --quiet .
	$(VENV)/bin/ruff format .

lock: $(VENV)/.ready-lock ## bring poetry.lock up to date with pyproject.toml, and requirements/ with poetry.lock
	@$(foreach name,lock clients isso,$(UV) pip compile --quiet --universal --generate-hashes --no-header --no-annotate \
	    --python-version 3.11 --output-file requirements/$(name).txt requirements/$(name).in && ) true
	$(POETRY) lock
	@$(call export,requirements)

bench: $(VENV)/.ready-dev ## measure; wants wrk and a quiet machine (ARGS="hits --write": parts, options)
	@$(VENV)/bin/python -m benchmarks $(ARGS)

clean: ## remove .venv and all caches; data/ and .env stay
	rm -rf $(VENV) tests/clients/node_modules build dist .coverage .coverage.* htmlcov
	rm -rf .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# --- set-up -----------------------------------------------------------------------------------------------

# `$(call export,FOLDER)` writes the requirements files from poetry.lock.
define export
mkdir -p $(1) \
	&& $(POETRY) export --quiet --only setup --output $(1)/setup.txt \
	&& $(POETRY) export --quiet --extras telemetry --output $(1)/run.txt \
	&& $(POETRY) export --quiet --with dev --all-extras --output $(1)/dev.txt
endef

# The development set-up contains that of `make run`.
$(VENV)/.ready-dev: STAMPS := $(VENV)/.ready-dev $(VENV)/.ready-run
$(VENV)/.ready-run: STAMPS := $(VENV)/.ready-run

# pyproject.toml too: it holds the command's entry point.
$(VENV)/.ready-run $(VENV)/.ready-dev: $(VENV)/.ready-%: requirements/%.txt pyproject.toml $(UV)
	@echo "set-up: the packages of requirements/$*.txt"
	@$(UV) pip install --python $(VENV)/bin/python --require-hashes --requirement requirements/$*.txt
	@$(UV) pip install --quiet --python $(VENV)/bin/python --no-deps --no-build-isolation --editable .
	@touch $(STAMPS)

# `$(call environment,NAME,FILE)` makes the environment .venv/.NAME of requirements/FILE.txt.
define environment
$(UV) venv --quiet --clear --python $(VENV)/bin/python $(VENV)/.$(1) \
	&& $(UV) pip install --quiet --python $(VENV)/.$(1)/bin/python --require-hashes --requirement requirements/$(2).txt
endef

$(VENV)/.ready-lock: requirements/lock.txt $(UV)
	@echo "set-up: Poetry, in an environment of its own"
	@$(call environment,poetry,lock)
	@touch $@

$(VENV)/.ready-clients: requirements/clients.txt requirements/isso.txt tests/clients/package-lock.json $(UV)
	@echo "set-up: client programs and image servers of others, in environments of their own, and those of npm"
	@$(call environment,clients,clients)
	@if command -v cc >/dev/null; then $(call environment,isso,isso); \
	    else echo "set-up: Isso is left out: a part of it is compiled, and there is no C compiler"; fi
	@npm ci --prefix tests/clients --ignore-scripts --no-audit --no-fund --silent
	@touch $@

$(UV): requirements/setup.txt $(VENV)/bin/python
	@echo "set-up: uv, which installs the packages"
	@$(VENV)/bin/python -m pip --quiet --disable-pip-version-check --no-input install --require-hashes --requirement requirements/setup.txt
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
	"$$python" -m venv --clear $(VENV)
