# `make bench` measures; `make test` tests. Both set up .venv where it is missing.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.PHONY: bench test lint clean

bench: $(READY)
	$(VENV)/bin/bench run suites/quickstart.yaml

test: $(READY) lint
	$(VENV)/bin/python -m pytest

lint: $(READY)
	$(VENV)/bin/ruff check bench suites tests
	$(VENV)/bin/ruff format --check bench suites tests
	$(VENV)/bin/mypy

$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	$(VENV)/bin/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[dev,all]'
	touch $(READY)

clean:
	rm -rf $(VENV) .asv build *.egg-info
