# Everything a newcomer or a developer types. Each target does its own set-up, in .venv.

PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: help setup models test run chaos soak reliability fuzz brick attack hardware check format docs constraints clean
.DEFAULT_GOAL := help

help:  ## what there is
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.installed  ## make .venv and install what constraints.txt pins, by hash

# Python's own reason why an old one can't be used comes before pip's, which names a package.
.venv/.pinned: constraints.txt
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("mynah needs Python 3.11 or newer, $(PYTHON) is %d.%d: try make PYTHON=python3.12" % v[:2])'
	@echo "setting up .venv, once: 230 MB to fetch, 0.8 GB on disk; it takes minutes and says nothing"
	$(PYTHON) -m venv --clear .venv
	@# esptool comes as source only: pure Python, built here.
	$(PIP) install --quiet --only-binary :all: --no-binary esptool --require-hashes -r constraints.txt
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

RECORDS ?= 10000000
SECONDS ?= 3600
# Not in constraints.txt: it has no wheels for every platform. 3.1.0 has none for Python 3.11.
ATHERIS := atheris==3.0.0
fuzz: setup  ## feed both decoders nearly right records: RECORDS=, a tenth of them in MicroPython
	@$(PIP) install --quiet --only-binary :all: $(ATHERIS) 2>/dev/null || echo "no wheel of $(ATHERIS) fits this computer: fuzzing goes on without it"
	$(BIN)/python -m tests.fuzz --records $(RECORDS) --device $$(( $(RECORDS) / 10 )) --seconds $(SECONDS) $(if $(JSON),--json $(JSON))

# Not in constraints.txt: OpenCascade is large, and only who changes a case needs it.
BUILD123D := build123d==0.13.0 pillow==13.0.0
hardware: setup  ## the cases' meshes and pictures again, after a change of their sources
	$(PIP) install --quiet --only-binary :all: $(BUILD123D)
	$(BIN)/python -m hardware.enclosure

brick: setup  ## power cut at every step of an update, a cable pulled at every step of a flash, tasks that hang
	$(BIN)/python -m tests.updates
	$(BIN)/python -m tests.updates --whole
	$(BIN)/python -m tests.end_to_end.blocking
	$(BIN)/python -m tests.maker

attack: setup  ## carry out every attack of tests/attacks, counted by kind
	$(BIN)/python -m tests.attacks $(if $(JSON),--json $(JSON))

check: setup  ## lint, types, and the house rules of tests/repo
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python -m tests.repo.type_firmware
	$(BIN)/pytest -q tests/repo

N ?= 20000
HOURS ?= 1
SEED ?= 1
RESULTS ?= build/reliability
RELIABILITY := $(BIN)/python -m mynah.reliability

chaos: setup  ## N utterances under faults, in virtual time, and the host killed at every edge
	$(RELIABILITY) chaos --utterances $(N) --seed $(SEED) --json $(RESULTS)/chaos.json
	$(RELIABILITY) edges --json $(RESULTS)/edges.json

soak: models  ## HOURS of conversation in real time, with models and faults
	$(RELIABILITY) soak --hours $(HOURS) --seed $(SEED) --json $(RESULTS)/soak.json

# What needs Linux, or the right to make a network namespace, is left out where it can't be had.
reliability: chaos soak  ## all runs, and RELIABILITY.md of what they found: three hours
	$(RELIABILITY) stack --seed $(SEED) --json $(RESULTS)/stack.json
	$(RELIABILITY) loss --json $(RESULTS)/loss.json
	$(MAKE) fuzz JSON=$(RESULTS)/fuzz.json
	$(MAKE) attack JSON=$(RESULTS)/attacks.json
	$(BIN)/mynah bench recovery --json > $(RESULTS)/recovery.json
	$(BIN)/mynah bench rings --json > $(RESULTS)/rings.json
	-$(BIN)/python -m tests.egress --json $(RESULTS)/egress.json
	$(RELIABILITY) page $(RESULTS)

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
