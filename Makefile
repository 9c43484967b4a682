SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
CHOSEN := $(filter command,$(firstword $(origin PYTHON)))
READY := .venv/.ready
RUN := .venv/bin/python
CHECKED := app.py cli infra lambdas sandbox scripts tests

.PHONY: help setup demo test test-long check format synth deploy sandbox bench accuracy soak fuzz sbom audit lock clean

help: ## Lists the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed "s/:.*## /\t/" | expand -t14

setup: $(READY) ## Installs everything into .venv, and nothing else

$(READY): requirements/*.lock pyproject.toml package.json package-lock.json scripts/setup
	@PYTHON=$(PYTHON) CHOSEN=$(CHOSEN) scripts/setup
	@touch $@

ifneq ($(CHOSEN),)  # the environment may have been made with another Python than the one named now
.PHONY: $(READY)
endif

demo: $(READY) ## Watch a denied call become an approved fix, on this machine
	@$(RUN) -m sandbox.demo $(DEMO)

test: $(READY) check ## Lint, types, then every test but the long ones
	@$(RUN) -m pytest -q -m "not slow" -n 2 --dist loadgroup $(TESTS)

test-long: $(READY) ## The long runs of the state machine and of the fuzzers as well
	@$(RUN) -m pytest -q -n 2 --dist loadgroup $(TESTS)

check: $(READY) ## Format, lint, types, import rules
	@.venv/bin/ruff format --check -q $(CHECKED)
	@.venv/bin/ruff check -q $(CHECKED)
	@.venv/bin/mypy --no-error-summary

format: $(READY) ## Rewrites what the formatter and the safe lint fixes can
	@.venv/bin/ruff check -q --fix $(CHECKED) || true
	@.venv/bin/ruff format -q $(CHECKED)

synth: $(READY) ## Writes the CloudFormation template to cdk.out/
	@$(RUN) app.py && echo "written: $$(ls cdk.out/*.template.json)"

deploy: $(READY) ## Deploys to the AWS account of your credentials
	@PYTHONPATH=. $(RUN) scripts/deploy.py $(DEPLOY)

sandbox: $(READY) ## Runs the local AWS and deploys the stack there, until Ctrl-C
	@$(RUN) -m sandbox.up $(SANDBOX)

bench: $(READY) ## Prints the measurements of docs/performance.md
	@$(RUN) -m tests.bench $(BENCH)

accuracy: $(READY) ## Prints how right the classifier is, per source of the corpus
	@PYTHONPATH=. $(RUN) scripts/accuracy.py

soak: $(READY) ## 20,000 denials with duplicates, poison and faults, in the sandbox
	@$(RUN) -m tests.soak $(SOAK)

fuzz: $(READY) ## A million mutated records through the whole domain
	@$(RUN) -m tests.fuzz $(FUZZ)

sbom: $(READY) ## Writes build/sbom.json: what ships to Lambda, with hashes
	@$(RUN) scripts/sbom.py $(SBOM)

audit: $(READY) ## Asks for advisories on the pinned packages, where an index can be reached
	@$(RUN) scripts/audit.py $(AUDIT)

lock: $(READY) ## Pins requirements/*.in to requirements/*.lock, with hashes
	@scripts/lock

clean: ## Removes everything that the other targets made
	rm -rf .venv cdk.out build node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis
