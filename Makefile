# The two commands are `make run` and `make test`; the others are for those who change the program.
SWIFT ?= swift
PORT ?= 8080
# Products are named, because a build without a name compiles every example and test helper of every library.
JOBS ?= 2

.PHONY: run test check bench drill setup clean

run: setup
	$(SWIFT) build -c release --product suban -j $(JOBS)
	exec .build/release/suban serve --demo --port $(PORT)

test:
	Scripts/setup test
	Scripts/check format
	$(SWIFT) build --product suban -j $(JOBS)
	$(SWIFT) build --product SubanPackageTests -j $(JOBS)
	Scripts/with-postgres Scripts/tests

check:
	Scripts/check

bench: setup
	$(SWIFT) build -c release --product suban -j $(JOBS)
	.build/release/suban bench

drill:
	Scripts/setup test
	$(SWIFT) build --product suban -j $(JOBS)
	Scripts/browser-tests
	Scripts/with-postgres Scripts/drill

setup:
	@Scripts/setup run

clean:
	rm -rf .build .assets
