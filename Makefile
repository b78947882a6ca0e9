# Thin: each target calls one command. What a target needs and this machine lacks is installed first (make setup).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
SERVICES := services/contracts services/chassis services/web services/districts services/objects intake routing casework sla-monitor notifier public-map
MEMBERS := $(SERVICES) boundaries deploy operations
BIN := .venv/bin
VENDOR := services/web/web/design/static/vendor
UV := $(BIN)/uv
COMPILE = $(UV) pip compile -q --universal --generate-hashes $(addprefix --no-emit-package kmzb-,$(notdir $(MEMBERS)))
# Tests mostly wait: on two cores three processes take 4:33, two 5:30. They share one stack, which has room for four.
WORKERS := -n $(shell cores=$$(nproc); echo $$((cores < 4 ? cores + 1 : 4))) --dist loadscope --no-loadscope-reorder
# Without it uv trusts its own list of authorities only, and a bare environment names no other.
export UV_SYSTEM_CERTS := 1
export UV_NO_SYNC := 1
export UV_CUSTOM_COMPILE_COMMAND := make lock
# Compiled again at each start, a service's imports would take half a second more.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo up dev down clean test test-all browser floors long faults bench check fmt texts schemas lock boundaries

help:  ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: setup  ## bring everything up, send real reports, follow each to its district, clocks and notices
	$(BIN)/python -m deploy.demo

up: setup  ## bring up the stack and all services in the background
	$(BIN)/kmzb up

dev: setup  ## the same in the foreground: the service whose file you save restarts by itself; Ctrl-C ends it
	$(BIN)/kmzb dev

down:  ## stop what `make up` and `make demo` brought up; data stays
	@if [ -x $(BIN)/kmzb ]; then $(BIN)/kmzb down; fi

clean:  ## stop everything and forget its data
	@if [ -x $(BIN)/kmzb ]; then $(BIN)/kmzb clean; fi

test: setup  ## run the tests, on a private stack of their own
	$(BIN)/pytest -m "not slow and not alone and not browser and not long" $(WORKERS)

long: setup  ## what takes longest: operators' tools, alerts that fire, a secured Kafka, strangers' attacks, large photos
	$(BIN)/pytest -m "long and not slow" $(WORKERS)

test-all: setup  ## the same with the slow ones
	$(BIN)/pytest -m "not alone and not browser" $(WORKERS)

browser: setup  ## drive the pages in Chromium, as people do; pictures in .artefacts/browser. ALL=1: in Firefox, too
	$(if $(ALL),@deploy/stack/install firefox)
	$(BIN)/pytest -m "browser$(if $(ALL),, and not slow)" tests/browser

floors: setup  ## lines of the benchmark in small, with nothing beside them: no service costs or waits a multiple of what it did
	$(BIN)/pytest -m alone tests/bench

faults: setup  ## hurt a system of its own under load, judge what came of it; SECONDS=600, FAULTS="--rate 5 …" (--help)
	PYTHONPATH=tests $(BIN)/python -m faults --seconds $(or $(SECONDS),120) $(FAULTS)

bench: setup  ## what the services cost beside what they are compared with; LINE=1,3, FULL=1, BENCH=--help
	@deploy/stack/install bench || true
	PYTHONPATH=tests $(BIN)/python -m bench $(if $(LINE),--line $(LINE)) $(if $(FULL),--full) $(BENCH)

check: $(BIN)/installed $(VENDOR)/LICENCES.txt .pages/design  ## format, lint, types, import rules, checks of our own, contracts, chart, compose file
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo
	$(BIN)/python -m checks
	node_modules/.bin/tsc
	node_modules/.bin/eslint
	$(BIN)/python -m contracts.schemas --check
	node deploy/checks/asyncapi.js services/contracts/contracts/asyncapi/asyncapi.json
	$(BIN)/python -m deploy.chart --check
	$(BIN)/check-jsonschema --builtin-schema vendor.compose-spec docker-compose.yml

fmt: $(BIN)/installed  ## format, and mend what the linter can mend
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

texts: $(BIN)/installed  ## renew the catalogues of what people read from the sources, and say what is to be translated
	$(BIN)/python -m checks.texts

schemas: $(BIN)/installed  ## write the JSON Schemas of the events and the AsyncAPI document anew; refuses what would break a reader
	$(BIN)/python -m contracts.schemas

setup: $(BIN)/installed $(VENDOR)/LICENCES.txt  ## install what is missing: Python's and npm's packages, servers, Kafka, Chromium
	@deploy/stack/install

boundaries: $(BIN)/installed  ## build the default districts and the base map anew from published packages (boundaries)
	$(BIN)/python -m boundaries.build
	$(BIN)/python -m boundaries.basemap

lock: $(UV)  ## renew the locks from the packages' pyproject files
	$(COMPILE) --group dev -o requirements.lock pyproject.toml
	$(COMPILE) --no-annotate -c requirements.lock -o deploy/operations.lock pyproject.toml
	$(COMPILE) --no-annotate -c requirements.lock -o deploy/services.lock $(addsuffix /pyproject.toml,$(SERVICES))

$(UV):
	@deploy/stack/install venv
	python3 -m venv .venv
	$(BIN)/pip install -q --disable-pip-version-check uv==0.13.9

$(BIN)/installed: requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS)) | $(UV)
	$(UV) pip install -q --require-hashes -r requirements.lock
	$(UV) pip install -q --no-deps --no-build-isolation $(addprefix -e ,$(MEMBERS))
	@touch $@

# What browsers load of npm's packages; forgotten as a whole before it is made anew, so what is there is complete.
$(VENDOR)/LICENCES.txt: node_modules/.package-lock.json deploy/vendor
	deploy/vendor $(VENDOR)

# Where tsconfig.json finds the shared modules, as a browser does.
.pages/design:
	@mkdir -p .pages && ln -sfn ../services/web/web/design/static $@

node_modules/.package-lock.json: package.json package-lock.json .npmrc
	@deploy/stack/install node
	npm ci --silent --prefer-offline
	@touch $@
