# make          check + unit tests, in under a minute
# make demo     set up, ingest the sample, ask a question, serve the UI (ARGS=--no-serve stops after the answer)
# make test     set up and run everything
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
UV     := $(shell command -v uv 2>/dev/null || echo $(BIN)/uv)
ARGS   ?=
# The machine's own certificates: a company's network often has one that a tool's bundled list does not.
export UV_SYSTEM_CERTS ?= 1
export UV_NATIVE_TLS ?= 1
export PIP_DISABLE_PIP_VERSION_CHECK ?= 1

.DEFAULT_GOAL := quick
# Every command of every test is a process that imports us anew: it shall find us compiled.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: quick setup demo test check unit lock clean

quick: check unit

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@command -v uv >/dev/null 2>&1 || test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet "uv>=0.8,<1"
	@echo "installing the locked dependencies into $(VENV)"
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --require-hashes --compile-bytecode -r requirements.lock
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps -e .
	@touch $@

demo: setup
	@$(BIN)/answerable demo $(ARGS)

check: setup
	@$(BIN)/ruff check src tests benchmarks
	@$(BIN)/ruff format --check --quiet src tests benchmarks
	@$(BIN)/mypy
	@$(BIN)/lint-imports

unit: setup
	@$(BIN)/pytest -q -n 2 --dist worksteal tests/unit

# Two at once, here and above: half of all tests wait for a process, a socket or a page.
test: setup check
	@$(BIN)/pytest -n 2 --dist worksteal

# The lock names packages, versions and hashes, and no place: any index that serves the same files will do.
lock: setup
	@$(UV) pip compile pyproject.toml --all-extras --group dev --group weights --universal --generate-hashes \
	  --no-header --quiet -o requirements.lock $(ARGS)

clean:
	@rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache
