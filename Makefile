# `make test` is everything that must hold; `make help` lists the rest.
SHELL       := bash
.SHELLFLAGS := -euo pipefail -c
MAKEFLAGS   += --no-print-directory

GO        ?= go
PACKAGES  ?= ./...
FUZZTIME  ?= 10s
BENCHTIME ?= 1s
BENCH     ?= .

# The linters have a module file of their own: the product's lists only what the product needs.
# The first run builds them, which takes minutes; Go's build cache keeps them.
LINT := $(GO) tool -modfile=.ci/tools.mod golangci-lint
# The race detector needs a C compiler.
RACE := $(if $(shell command -v cc),-race)

.PHONY: test
test: deps tidy fmt-check vet lint unit ## everything that must hold

.PHONY: help
help: ## what can be made
	@sed -nE 's/^([a-z-]+):[^#]*## (.*)/\1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

.PHONY: build
build: ## the program, as ./mailctl
	CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=auto -ldflags '-s -w' -o mailctl ./cmd/mailctl

.PHONY: deps
deps: ## install what the tests need (as root on Debian; elsewhere those tests skip)
	@bash .ci/setup

.PHONY: tools
tools: ## build the linters
	@$(LINT) version

.PHONY: tidy
tidy: ## go.mod and go.sum list what is needed and nothing else
	@$(GO) mod tidy -diff || { echo "hint: run $(GO) mod tidy" >&2; exit 1; }

.PHONY: fmt
fmt: ## format all files and mend what the linters can
	$(LINT) fmt
	$(LINT) run --allow-serial-runners --fix

.PHONY: fmt-check
fmt-check: ## all files are formatted
	$(LINT) fmt --diff

.PHONY: vet
vet:
	$(GO) vet $(PACKAGES)

.PHONY: lint
lint: ## linters
	$(LINT) run --allow-serial-runners $(PACKAGES)

.PHONY: unit
unit: ## all tests
	$(GO) test $(RACE) -timeout 10m $(PACKAGES)

.PHONY: fuzz
fuzz: ## each fuzz test for FUZZTIME
	@for package in $$($(GO) list $(PACKAGES)); do \
		for target in $$($(GO) test -list '^Fuzz' $$package | sed -n '/^Fuzz/p'); do \
			echo "$$package $$target"; \
			$(GO) test -run '^$$' -fuzz "^$$target$$" -fuzztime $(FUZZTIME) $$package; \
		done; \
	done

.PHONY: bench
bench: ## benchmarks that match BENCH
	$(GO) test -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -benchmem -timeout 60m $(PACKAGES)

.PHONY: docs
docs: ## manual pages, completions and the pages that are generated
	$(GO) test ./internal/cli -run 'AreFresh|IsFresh|RulesPage|ReasonsPage' -update
