# Everything a newcomer or a developer types. Each target does its own set-up, in .venv.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help setup models test run check format docs constraints clean
.DEFAULT_GOAL := help

help:  ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.installed  ## make .venv and install what constraints.txt pins, by hash

# Python's own reason why an old one can't be used comes before pip's, which names a package.
.venv/.pinned: constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("mynah needs Python 3.11 or newer, $(PYTHON) is %d.%d: try make PYTHON=python3.12" % v[:2])'
	@echo "setting up .venv, once: 230 MB to fetch, 0.8 GB on disk; it takes minutes and says nothing"
	$(PYTHON) -m venv --clear .venv
	$(PIP) install --quiet --only-binary :all: --require-hashes -r constraints.txt
	@touch $@

# No build isolation: what builds the package is pinned too, and nothing else is fetched.
.venv/.installed: .venv/.pinned pyproject.toml
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

models: setup  ## fetch the default models, by hash
	$(BIN)/mynah models get

test: models  ## run every test
	$(BIN)/pytest -q

run: models  ## a conversation with an emulated ring
	$(BIN)/mynah run

check: setup  ## lint, types, and the house rules of tests/repo
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.repo.type_firmware
	$(BIN)/pytest -q tests/repo

format: setup  ## lay the code out
	$(BIN)/ruff check --fix --quiet .
	$(BIN)/ruff format .

docs: setup  ## write the generated tables again
	$(BIN)/python -m tests.repo.generate

# For every platform and every Python at once; --no-config, so that no index of this machine's is used.
constraints:  ## pin the newest versions again
	$(PYTHON) -m venv .uv
	.uv/bin/python -m pip install --quiet uv
	.uv/bin/uv pip compile pyproject.toml --no-config --quiet --upgrade --universal \
	  --python-version 3.11 --fork-strategy fewest --all-extras --generate-hashes \
	  --no-annotate --no-header --output-file constraints.txt
	rm -rf .uv

clean:  ## remove what make made
	rm -rf .venv .uv build dist .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
