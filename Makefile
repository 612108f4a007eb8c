# The two commands are `make run` and `make test`; the others are for those who change the program.
SWIFT ?= swift
PORT ?= 8080
# Tests run one after the other: leases, queues and time-outs are real, and two cores are few.
JOBS ?= 2

.PHONY: run test check bench drill setup clean

run: setup
	$(SWIFT) build -c release --product suban -j $(JOBS)
	exec .build/release/suban serve --demo --port $(PORT)

test:
	Scripts/setup test
	Scripts/check
	$(SWIFT) build --build-tests -j $(JOBS)
	Scripts/with-postgres $(SWIFT) test --skip-build --no-parallel
	.build/debug/suban check --brief
	Scripts/with-postgres sh -c '.build/debug/suban check --brief --postgres "$$SUBAN_TEST_POSTGRES"'

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
