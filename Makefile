# Every command sets up what it needs in .venv, from the versions pinned in requirements.txt.
PYTHON ?= python3
VENV := .venv
RUN := $(VENV)/bin/python -m
READY := $(VENV)/.ready
SAMPLE := 1
STRIDE := 1
# What is read and run once serves all editions, and the next build: see docs/_ext/fresh_pages.py.
SPHINX := $(RUN) sphinx -c . -W --keep-going -j auto -d build/doctrees

.DEFAULT_GOAL := help
.PHONY: help html pdf epub doctest test mutants code-mutants accuracy bench bench-pages bench-build live bench-live linkcheck clean

help: ## show these lines
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## (.*)/make \1\t\2/' | expand -t 19

# A page that fails stays in build/pages: what build/html holds has passed.
html: $(READY) ## build the book into build/html: run every cell, draw every picture
	@rm -rf build/html build/unfinished/html
	@$(SPHINX) -b html docs build/pages
	@mkdir -p build/unfinished && cp -r build/pages build/unfinished/html
	@mv build/unfinished/html build/html
	@echo "make html: the book is built; open build/html/index.html"

pdf: html ## print the book into build/pdf/mlmath.pdf (with Chromium)
	@rm -rf build/pdf build/unfinished/pdf
	@$(SPHINX) -b pdf docs build/unfinished/pdf
	@mv build/unfinished/pdf build/pdf
	@echo "make pdf: the book is printed; open build/pdf/mlmath.pdf"

epub: html ## write the book for e-readers into build/epub/mlmath.epub
	@rm -rf build/epub build/unfinished/epub
	@$(SPHINX) -b epub docs build/unfinished/epub
	@mv build/unfinished/epub build/epub
	@echo "make epub: the book is written; open build/epub/mlmath.epub"

doctest: $(READY) ## check every assertion: cells that a change could affect, every >>> of every docstring and page
	@$(SPHINX) -b doctest docs build/doctest
	@echo "make doctest: every cell and every example holds"

test: $(READY) ## everything a change must pass: lint, types, all editions, tests, doctest, mutants
	@$(RUN) ruff check . && $(RUN) ruff format --check . && $(RUN) mypy
	@$(MAKE) --no-print-directory html epub $(if $(shell command -v chromium-headless-shell || command -v chromium || command -v google-chrome),pdf)
	@$(RUN) pytest -q -n auto --dist loadgroup
	@$(MAKE) --no-print-directory doctest
	@$(MAKE) --no-print-directory mutants SAMPLE=0.05
	@echo "make test: lint, types, all editions, tests, doctest and a sample of the mutants have passed"

mutants: $(READY) ## change every formula in every small way: each change must be refused
	@$(SPHINX) -q -D checked_sample=$(SAMPLE) -b mutants docs build/mutants
	@echo "make mutants: every mutant is refused or listed as still true in docs/mutants.json"

code-mutants: $(READY) ## change mlmath in every small way: a test must notice; hours, can be resumed
	@$(RUN) benchmarks.mutants --sample $(SAMPLE)

accuracy: $(READY) ## measure every error over all float32 numbers; STRIDE=4099 takes one of so many
	@$(RUN) benchmarks.accuracy --stride $(STRIDE)

bench: $(READY) ## time every function beside SciPy, torch and JAX: ten minutes, the machine idle
	@$(RUN) benchmarks.speed

bench-pages: $(READY) ## measure what a reader of each chapter waits for, in Chromium
	@$(RUN) benchmarks.pages

bench-build: $(READY) ## time builds of books of three lengths: half an hour, can be resumed
	@$(RUN) benchmarks.build

live: $(READY) ## rebuild and reload the page while you write
	@PYTHONPATH=docs/_ext $(RUN) live docs build/live --code mlmath

bench-live: $(READY) ## measure how soon `make live` shows an edit, in Chromium
	@$(RUN) benchmarks.live

linkcheck: $(READY) ## try every link to other sites (the one command that needs a network)
	@$(SPHINX) -b linkcheck docs build/linkcheck
	@echo "make linkcheck: every link answers"

clean: ## remove what was built, and .venv
	@rm -rf build $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	@find . -name __pycache__ -prune -exec rm -rf {} +
	@echo "make clean: build and $(VENV) are gone"

$(READY): requirements.txt pyproject.toml
	@echo "setting up $(VENV) from requirements.txt"
	@$(PYTHON) -m venv $(VENV)
	@$(RUN) pip install --quiet --disable-pip-version-check --requirement requirements.txt
	@$(RUN) pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@
