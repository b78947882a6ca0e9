# Thin: each target calls one command. Everything a target misses is installed first (make setup).
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
UV := .venv/bin/uv
MEMBERS := services intake routing casework sla-monitor notifier public-map deploy
PACKAGES := services intake routing casework sla-monitor notifier public-map deploy
export UV_SYSTEM_CERTS := 1
export UV_NO_SYNC := 1
export UV_CUSTOM_COMPILE_COMMAND := make lock

.PHONY: help setup lock

help:  ## list what can be done
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

lock: | .venv/bin/uv  ## renew requirements.lock from the packages' pyproject files
	$(UV) pip compile -q --universal --generate-hashes --group dev \
	  $(addprefix --no-emit-package kmzb-,$(PACKAGES)) -o requirements.lock pyproject.toml

.venv/bin/uv:
	python3 -m venv .venv
	.venv/bin/pip install -q --disable-pip-version-check uv==0.13.9

.venv/installed: requirements.lock $(addsuffix /pyproject.toml,$(MEMBERS)) | .venv/bin/uv
	$(UV) pip install -q --require-hashes -r requirements.lock
	$(UV) pip install -q --no-deps --no-build-isolation $(addprefix -e ,$(MEMBERS))
	@touch $@

setup: .venv/installed  ## install what is missing: Python packages, system packages, Kafka
