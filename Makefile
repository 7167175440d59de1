# The two commands are `make demo` and `make test`; design of each in .ci/.

SHELL := /bin/bash
export HOLDFAST_TOOLS_DIR ?= $(CURDIR)/.tools
# rustup before a Rust of the distribution, which is older.
export PATH := $(HOME)/.cargo/bin:$(PATH):$(HOME)/.cache/holdfast-tools/bin

WORLD = cargo run --quiet -p testkit --bin with-world --
# The pages' own process and the sandbox are started by tests and demo.
BINARIES = cargo build --workspace --bins

.PHONY: demo test test-fast bench bench-clean fmt prepare

demo: ## everything on loopback, the main job end to end; DEMO_EXIT=1 stops after it, HOLDFAST_PORT moves the port
	@.ci/setup demo
	@$(BINARIES)
	@exec cargo run --quiet -p holdfast -- demo $(if $(filter 1,$(DEMO_EXIT)),--exit)

test: ## all tests
	@.ci/setup test
	@$(BINARIES)
	@$(WORLD) cargo nextest run --workspace

test-fast: ## without browser and interop
	@.ci/setup test-fast
	@$(BINARIES)
	@$(WORLD) cargo nextest run --workspace --profile fast

bench: ## the benchmarks of README's table, as ratios
	@.ci/setup test-fast
	@cargo build --release -p holdfast -p sandbox --bins
	@cargo bench --quiet -p tests --bench figures

bench-clean: ## how long a clean clone takes to a finished demo
	@tests/benches/clean-clone

fmt:
	@cargo fmt --all

prepare: ## regenerates .sqlx after a migration or a query has changed
	@.ci/setup prepare
	@.ci/prepare
