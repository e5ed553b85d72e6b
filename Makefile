# What people and CI call; `make help` lists it.
SHELL := /usr/bin/env bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run test check fmt fmt-check lint proto proto-check sqlx sqlx-check deny architecture bench chaos fuzz deploy-check tools

TARGET := $(or $(CARGO_TARGET_DIR),target)
TOOLS := $(abspath $(TARGET))/tools
CARGO := cargo
STORES := $(TARGET)/debug/harken-stores

# Queries are checked against what is committed in .sqlx/; `make sqlx` alone asks a database.
export SQLX_OFFLINE ?= true
export PATH := $(TOOLS)/bin:$(PATH):$(HOME)/.cargo/bin

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | while IFS=$$'\t' read -r name what; do printf '  make %-14s %s\n' "$$name" "$$what"; done

run: tools ## build and start everything, print the console's sign-in link (ARGS="--port-base 7500")
	@$(CARGO) build --locked --package harken --package harken-simulator
	@exec $(TARGET)/debug/harken up $(ARGS)

test: check sqlx-check ## everything that proves the product: lints, contracts, queries, dependencies, all tests, manifests
	@.ci/suite

check: tools fmt-check lint proto-check deny architecture ## format, lints, generated code, dependencies, walls

fmt: ## format all Rust
	@$(CARGO) fmt --all

fmt-check:
	@$(CARGO) fmt --all --check

lint:
	@$(CARGO) clippy --locked --workspace --all-targets -- -D warnings

proto: ## write crates/contracts/src/wire/ from proto/
	@$(CARGO) run --quiet --locked --package harken-contracts-codegen

proto-check:
	@fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(CARGO) run --quiet --locked --package harken-contracts-codegen -- "$$fresh/wire"; \
	diff -r "$$fresh/wire" crates/contracts/src/wire \
	    || { echo 'crates/contracts/src/wire/ is not what proto/ says: run make proto' >&2; exit 1; }

sqlx: $(STORES) ## write .sqlx/ by asking a private database about every query
	@$(STORES) -- .ci/sqlx .sqlx

sqlx-check: $(STORES) ## prove that .sqlx/ is what migrations and queries say
	@fresh=$$(mktemp -d); trap 'rm -rf "$$fresh"' EXIT; \
	$(STORES) -- .ci/sqlx "$$fresh"; \
	diff -r "$$fresh" .sqlx || { echo '.sqlx/ is not current: run make sqlx' >&2; exit 1; }

deny: ## licenses, sources, and who may depend on what
	@command -v cargo-deny >/dev/null || $(CARGO) install --quiet --locked --root $(TOOLS) cargo-deny@0.20.2
	@cargo-deny --log-level error check --allow unused-wrapper bans licenses sources

architecture: ## the table of floors
	@$(CARGO) test --quiet --locked --package harken-system-tests --test architecture

bench: tools ## ratios against limits measured in the same run, into target/bench/ (ARGS="sync_rate")
	@$(CARGO) build --release --locked --package harken --package harken-simulator
	@$(CARGO) bench --quiet --locked --package harken-system-tests --bench ratios -- $(ARGS)

chaos: tools ## the table of faults with verdicts, against real processes (ARGS="row7 --long")
	@$(CARGO) build --quiet --locked --package harken --package harken-simulator
	@$(CARGO) bench --quiet --locked --profile dev --package harken-system-tests --bench chaos -- $(ARGS)

FUZZ_SECS ?= 600
fuzz: tools ## make up what strangers can send, FUZZ_SECS for each target (ARGS="envelope")
	@rustup toolchain list | grep -q nightly || { echo 'fuzzing needs a nightly compiler: rustup toolchain install nightly' >&2; exit 1; }
	@command -v cargo-fuzz >/dev/null || $(CARGO) install --quiet --locked --root $(TOOLS) cargo-fuzz@0.13.2
	@.ci/fuzz $(abspath $(TARGET))/fuzz $(FUZZ_SECS) $(ARGS)

deploy-check: ## render every overlay and validate it
	@python3 deploy/check.py

.PHONY: $(STORES)
$(STORES): tools
	@$(CARGO) build --quiet --locked --package harken-local

tools:
	@command -v $(CARGO) >/dev/null || { echo 'cargo was not found: install Rust 1.95 or newer with rustup' >&2; exit 1; }
	@command -v cc >/dev/null || { echo 'no linker was found: install a C compiler (on Debian and Ubuntu: apt-get install gcc libc6-dev)' >&2; exit 1; }
