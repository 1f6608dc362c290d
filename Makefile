# Two commands matter: `make run` starts the app, `make test` proves that it works. Both set themselves up.
PORT ?= 8501
PYTHON = .venv/bin/python
BESIDE = -n 2 --dist loadfile # two test files at a time: each has an app and a store of its own

.PHONY: run class test test-core test-all nightly lint format bench shots model settings

run: ## start the app and print its address
	@sh .ci/setup app
	@PORT=$(PORT) $(PYTHON) app.py

class: ## the same, open to everybody in the network, with a link for the teacher
	@sh .ci/setup app
	@GLASSBOX_CLASSROOM=1 PORT=$(PORT) $(PYTHON) app.py

test: ## everything but the tests that need minutes
	@sh .ci/setup dev browser proxy
	$(PYTHON) -m pytest -m "not slow" $(BESIDE)

test-core: ## the textbook alone, in seconds
	@sh .ci/setup dev
	$(PYTHON) -m pytest -m "not slow" $(BESIDE) tests/core

test-all: ## the slow ones too: every control, every view, every training of a lesson
	@sh .ci/setup dev browser proxy
	$(PYTHON) -m pytest $(BESIDE)

nightly: ## what random input tries, with 2,000 of each
	@sh .ci/setup dev
	HYPOTHESIS_PROFILE=nightly $(PYTHON) -m pytest -m nightly $(BESIDE)

lint:
	@sh .ci/setup dev
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	@$(PYTHON) .ci/audit

format:
	@sh .ci/setup dev
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

bench: ## side by side with peers, into bench/RESULTS.md; NANOGPT=path takes a checkout of nanoGPT along
	@sh .ci/setup bench
	$(PYTHON) -m bench --lens .venv-lens/bin/python $(if $(NANOGPT),--nanogpt $(NANOGPT))

shots: ## a screenshot of every page, light and dark, into shots/
	@sh .ci/setup dev browser
	$(PYTHON) -m bench.shots

model: ## train the bundled model again, from its recipe
	@sh .ci/setup app
	$(PYTHON) -m runs.bundled

settings: ## print every environment variable, and write the table into both READMEs
	@sh .ci/setup app
	@$(PYTHON) -c 'from runs.settings import main; main()'
