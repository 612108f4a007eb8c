# The two commands are `make run` and `make test`; the others are for those who change the program.
SWIFT ?= swift
PORT ?= 8080
# Products are named, because a build without a name compiles every example and test helper of every library.
JOBS ?= 2
# A module is compiled as one, also without optimisation, and without an index for editors: from a fresh clone that
# is a third less work (decision 0004). Who edits all day may say FLAGS= and gets files compiled by themselves.
FLAGS ?= --disable-index-store -Xswiftc -wmo -Xswiftc -num-threads -Xswiftc $(JOBS)
BUILD := $(SWIFT) build -j $(JOBS) $(FLAGS)

SOURCES := Package.swift $(shell find Sources -type f)

.PHONY: run test test-build check release bench drill setup clean

# Without optimisation, so that it serves after minutes; `release` is what a bureau runs (Docs/decisions/0004).
run: setup .build/debug/suban
	exec .build/debug/suban serve --demo --port $(PORT)

# A start that has nothing to build does not ask the package manager, which thinks longer than the program starts.
.build/debug/suban: $(SOURCES)
	$(BUILD) --product suban
	@touch $@

.build/release/suban: $(SOURCES)
	$(BUILD) -c release --product suban
	@touch $@

release: setup .build/release/suban

test:
	Scripts/setup test
	Scripts/check format
	$(MAKE) .build/debug/suban test-build
	Scripts/with-postgres Scripts/tests

check: test-build
	Scripts/check

test-build:
	$(BUILD) --product SubanPackageTests

bench: release
	.build/release/suban bench --history var/bench-history.jsonl

drill:
	Scripts/setup test
	$(MAKE) .build/debug/suban test-build
	Scripts/browser-tests
	Scripts/with-postgres Scripts/drill

setup:
	@Scripts/setup run

clean:
	rm -rf .build .assets
