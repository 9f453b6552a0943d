# Every target sets up .venv by itself; all it needs is make and Python 3.11 or newer.
#   make test ARGS="-n0 tests/bot -k gigs"      ARGS goes to the command behind the target
#   make setup PYTHON=/path/to/python3.13

VENV := .venv
BIN := $(VENV)/bin
PY := $(BIN)/python
ARGS ?=
# pytest processes: two more than there are cores, since tests wait for databases and browsers, and four at most, since
# each starts servers of its own.
WORKERS ?= $(shell expr $$(getconf _NPROCESSORS_ONLN) + 2)
COMPILE = pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header --no-annotate --quiet

# pyright comes whole from its wheel; this stops it from asking whether there is a newer one.
export PYRIGHT_PYTHON_IGNORE_WARNINGS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1
# Without bytecode every pytest process rewrites every test anew, and every command that a test starts compiles the tree.
unexport PYTHONDONTWRITEBYTECODE
export PIP_NO_INPUT := 1
export PIP_ROOT_USER_ACTION := ignore

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.PHONY: help setup demo test chaos bench lint lock clean

help: ## show this list
	@sed -n 's/^\([a-z]*\):[^#]*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 16

setup: $(VENV)/.installed-dev ## make .venv with everything the tests and tools need
	@:

demo: $(VENV)/.installed ## run the bot between a practice Slack and a practice Teams; needs no account
	@$(PY) app.py demo $(ARGS)

test: $(VENV)/.installed-dev ## run the tests
	@$(PY) -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal $(ARGS)

chaos: $(VENV)/.installed-dev ## what goes wrong at full size: 10,000 people and six kills, 500 for 120 seats, 370 in the browser
	@$(PY) -m pytest -n 0 -s --full tests/chaos/test_broadcasts.py tests/wire/test_rush.py tests/browser/test_evening.py $(ARGS)

bench: $(VENV)/.installed-dev ## run every benchmark, one after the other
	@for file in benchmarks/[!_]*.py; do \
		test -e "$$file" || { echo "There are no benchmarks yet."; break; }; \
		echo "== $$file"; \
		PYTHONPATH=. $(PY) "$$file" $(ARGS) || exit; \
	done

lint: $(VENV)/.installed-dev ## check style, formatting, types and the direction of imports
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(PY) -m pyright
	@$(BIN)/lint-imports --no-logo

lock: $(VENV)/pyvenv.cfg ## write the requirements files anew; ARGS=--upgrade takes newer versions
	@uv=$$(command -v uv) || { uv=$(BIN)/uv; test -x "$$uv" || $(PY) -m pip install -qq uv; }; \
	"$$uv" $(COMPILE) --extra postgres --group dev $(ARGS) --output-file requirements-dev.txt && \
	"$$uv" $(COMPILE) --extra postgres --constraints requirements-dev.txt $(ARGS) --output-file requirements.txt

clean: ## remove .venv and caches; data/ stays
	@rm -rf $(VENV) .pytest_cache .ruff_cache .hypothesis .import_linter_cache

# A virtual environment whose interpreter has gone (moved tree, upgraded system) is made again.
ifneq ($(shell $(PY) -c 'print(1)' 2>/dev/null),1)
.PHONY: $(VENV)/pyvenv.cfg
endif

$(VENV)/pyvenv.cfg:
	@for python in $(if $(PYTHON),'$(PYTHON)',python3 python3.14 python3.13 python3.12 python3.11); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && break; \
		python=; \
	done; \
	if [ -z "$$python" ]; then \
		found=$$('$(or $(PYTHON),python3)' -V 2>&1) || found="not there"; \
		echo "Motokai needs Python 3.11 or newer; $(or $(PYTHON),python3) is $$found." >&2; \
		echo "Install one, or name it: make PYTHON=/path/to/python3.12" >&2; \
		exit 1; \
	fi; \
	echo "Making $(VENV) with $$("$$python" -V)"; \
	if command -v uv >/dev/null; then \
		uv venv --quiet --clear --python "$$("$$python" -c 'import sys; print(sys.executable)')" $(VENV); \
	else \
		"$$python" -m venv --clear $(VENV) || { \
			rm -rf $(VENV); \
			echo "Python's venv module is incomplete; on Debian and Ubuntu: apt-get install python3-venv" >&2; \
			exit 1; \
		}; \
	fi

define install
	@echo "Installing $(1) into $(VENV)"
	@if command -v uv >/dev/null; then \
		uv pip install --quiet --python $(PY) --require-hashes -r $(1); \
	else \
		{ $(PY) -m pip --version >/dev/null 2>&1 || $(PY) -m ensurepip >/dev/null; } && \
		$(PY) -m pip install -qq --require-hashes -r $(1); \
	fi
endef

$(VENV)/.installed: requirements.txt $(VENV)/pyvenv.cfg
	$(call install,requirements.txt)
	@touch $@

# Holds everything in requirements.txt at the same versions, so the stamp of that one is set too.
$(VENV)/.installed-dev: requirements-dev.txt $(VENV)/pyvenv.cfg
	$(call install,requirements-dev.txt)
	@touch $(VENV)/.installed $@
