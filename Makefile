# Everything runs in .venv, which the first call makes. Stamp files in it prevent a second installation.
PYTHON ?= python3
VENV ?= .venv
JOBS ?= 2

BIN := $(VENV)/bin
RUN := $(BIN)/python
PIP := $(RUN) -m pip --disable-pip-version-check --quiet
export OMP_NUM_THREADS ?= 1
export OPENBLAS_NUM_THREADS ?= 1
export MKL_NUM_THREADS ?= 1

.PHONY: help demo test lint bench soak examples test-all clean

help:
	@echo 'make demo      train on handwritten digits; writes result/'
	@echo 'make test      the whole test suite with doctests and README'
	@echo 'make lint      ruff, mypy, import-linter'
	@echo 'make examples  every example at full length'
	@echo 'make bench     the benchmarks, compared with PyTorch where it is installed'
	@echo 'make soak      the promises of docs/reliability.md at full length, about a quarter of an hour'
	@echo 'make test-all  the suite on every Python from 3.10 to 3.13 found here, and with NumPy 2.0'
	@echo 'make clean     remove .venv and everything built'

demo: $(VENV)/.package
	$(RUN) examples/digits.py

test: $(VENV)/.test
	$(RUN) -m pytest -n $(JOBS)

lint: $(VENV)/.lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(VENV)/.package
	$(RUN) -m benchmarks
	$(RUN) -m benchmarks.training
	$(RUN) -m benchmarks.workloads

soak: $(VENV)/.test
	CHAINGRAD_SOAK=1 $(RUN) -m pytest tests/reliability -o timeout=3600

examples: $(VENV)/.package
	set -e; for file in examples/*.py; do echo "== $$file"; $(RUN) $$file; done

test-all:
	.ci/test-all

clean:
	rm -rf $(VENV) .venv-* build dist result *.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A system Python may lack ensurepip: then its own pip installs into the environment.
$(RUN):
	@$(PYTHON) -c 'import sys; sys.version_info >= (3, 10) or sys.exit("chaingrad needs Python 3.10 or newer, but $(PYTHON) is " + sys.version.split()[0] + ". Call make PYTHON=/path/to/python3.")'
	@if $(PYTHON) -c 'import ensurepip' 2>/dev/null; then \
		$(PYTHON) -m venv $(VENV); \
	else \
		$(PYTHON) -m venv --without-pip $(VENV) && $(PYTHON) -m pip --quiet --python $(RUN) install pip; \
	fi

$(VENV)/.package: setup.cfg pyproject.toml | $(RUN)
	$(PIP) install --editable .
	@touch $@

$(VENV)/.test: $(VENV)/.package
	$(PIP) install --editable '.[test]'
	@touch $@

$(VENV)/.lint: $(VENV)/.package
	$(PIP) install --editable '.[lint]'
	@touch $@
