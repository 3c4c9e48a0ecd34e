# Needletail: one line per thing a person may want. `make` alone lists them.
# The work is done by the small scripts in Tools/, which can be run by hand as well.

MAKEFLAGS += --no-print-directory
.DEFAULT_GOAL := help
.PHONY: help setup build release run test test-full quick test-c test-stress test-model test-gcc \
        test-planted sanitize coverage soak soak-connections fuzz test-clients test-page world \
        order-table tidy format lint check clean

help: ## List these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## Check the toolchain, install missing packages, hooks and price data
	@Tools/setup all
	@NEEDLETAIL_FETCH=now Tools/fetch-data
	@NEEDLETAIL_FETCH=now Tools/fetch-page-assets

build: ## Debug build, imports checked against Package.swift
	@Tools/setup build
	@swift build --explicit-target-dependency-import-check error

release: ## Optimised build: .build/release/needletail
	@Tools/setup build
	@Tools/build-release

run: ## Watch it trade on paper; ARGS="--seconds 20 --json" goes to `needletail demo`
	@Tools/run $(ARGS)

test: ## Everything CI runs; the last line is "N passed, N failed, N skipped"
	@Tools/test all

test-full: ## All there is, for hours, then the figure sheet; STAGES="crash kills" for some
	@Tools/test full

quick: ## Unit tests in C and Swift only
	@Tools/test quick

test-c: ## C tests: plain, then address and undefined-behaviour sanitizers
	@Tools/test test-c

test-stress: ## Threaded C tests: plain, then thread sanitizer
	@Tools/test test-stress

test-model: ## Every interleaving of small cases of the queues; CASE=book for some
	@Tools/test test-model

test-gcc: ## C tests built by gcc: plain, then threads with its thread sanitizer
	@Tools/test test-gcc

test-planted: ## Plant known bugs one by one: each must be found; docs/planted.md
	@Tools/test test-planted

sanitize: ## All sanitizer runs: C and Swift with address, C threads with thread
	@Tools/test sanitize

coverage: ## Lines, branches and MC/DC of the C core that its tests run
	@Tools/test coverage

soak: ## Seeded lives and a bot without end, watched; goes on where Ctrl-C ended the last
	@Tools/setup build
	@Tools/build-release
	@Tools/soak $(ARGS)

soak-connections: ## 10,000 reconnects on each kind of connection: memory must stay flat
	@NEEDLETAIL_SOAK=$${NEEDLETAIL_SOAK:-10000} Tools/test soak-connections

fuzz: ## Fuzz all that reads bytes of others; FUZZ_SECONDS=60 each, TARGET=name for one
	@Tools/test fuzz

.PHONY: golden
golden: ## Reference numbers of a folder against ours, as JSON: make golden DIR=folder
	@Tools/setup build >&2
	@swift build --product needletail-golden >&2
	@.build/debug/needletail-golden "$(DIR)"

world: ## Live one seeded life of the whole and tell it: make world SEED=7
	@Tools/setup build
	@Tools/build-release >&2
	@.build/release/needletail selftest --seed $${SEED:-1} --trace

test-page: ## A headless browser looks at the page; screenshots in .build-browser/shots
	@Tools/test test-page

test-clients: ## Unmodified PyPI clients trade on the venue simulator
	@Tools/test test-clients

order-table: ## Write the table of docs/orders.md anew from CCore/order/transitions.def
	@make -s -f Tools/c.mk FLAVOUR=plain tests
	@NEEDLETAIL_WRITE_TABLES=1 .build-c/plain/bin/unit_tests table_is_the_one_in_the_documents

tidy: ## Our own rules about the source tree (a Swift test suite)
	@Tools/test tidy

format: ## Rewrite Swift and C in the project's format
	@Tools/format write

lint: ## Check the format, change nothing
	@Tools/format check

check: lint tidy build test ## What to run before pushing

clean: ## Remove everything that was built; keep downloaded price data
	@rm -rf .build .build-*
