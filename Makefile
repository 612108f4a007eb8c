# The two commands are `make run` and `make test`; the others are for those who change the program.
SWIFT ?= swift
PORT ?= 8080
# Products are named, because a build without a name compiles every example and test helper of every library.
JOBS ?= 2

SOURCES := Package.swift $(shell find Sources -type f)

.PHONY: run test check release bench drill setup clean

# Without optimisation, so that it serves after minutes; `release` is what a bureau runs (Docs/decisions/0004).
run: setup .build/debug/suban
	exec .build/debug/suban serve --demo --port $(PORT)

# A start that has nothing to build does not ask the package manager, which thinks longer than the program starts.
.build/debug/suban: $(SOURCES)
	$(SWIFT) build --product suban -j $(JOBS)
	@touch $@

.build/release/suban: $(SOURCES)
	$(SWIFT) build -c release --product suban -j $(JOBS)
	@touch $@

release: setup .build/release/suban

test:
	Scripts/setup test
	Scripts/check format
	$(MAKE) .build/debug/suban
	$(SWIFT) build --product SubanPackageTests -j $(JOBS)
	Scripts/with-postgres Scripts/tests

check:
	Scripts/check

bench: release
	.build/release/suban bench

drill:
	Scripts/setup test
	$(MAKE) .build/debug/suban
	Scripts/browser-tests
	Scripts/with-postgres Scripts/drill

setup:
	@Scripts/setup run

clean:
	rm -rf .build .assets
