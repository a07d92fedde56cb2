# `make bench` measures; `make test` tests. Both set up .venv where it is missing.
# Tests of the fronts run pytest and asv themselves, which have to be nobody's workers: they come after the others.
PYTHON ?= python3
VENV := .venv
READY := $(VENV)/.ready

.PHONY: bench test lint clean

bench: $(READY)
	$(VENV)/bin/bench run suites/quickstart.yaml

test: $(READY) lint
	$(VENV)/bin/python -m pytest -n 2 --dist worksteal --ignore tests/integrations
	$(VENV)/bin/python -m pytest tests/integrations

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
