# Every command that a person types. Each does its own set-up; `make help` lists them.

PYTHON ?= python3
CC ?= cc
CFLAGS ?= -O2 -Wall -Wextra
CXXFLAGS ?= -O2 -Wall -Wextra
FUZZ_SECONDS ?= 60
TARGET := $(or $(CARGO_TARGET_DIR),target)
VENV := .venv
BIN := $(VENV)/bin
LIBRARY := $(TARGET)/c/lib/libcalltransfer.so
RUNS_LIBRARY := $(TARGET)/c/lib-runs/libcalltransfer.so
EXAMPLES_C := $(addprefix $(TARGET)/release/examples-c/,minimal three_transfers)
DRIVER_C := $(TARGET)/release/examples-c/driver
EXAMPLES_CPP := $(addprefix $(TARGET)/release/examples-cpp/,$(filter-out run,$(basename $(notdir $(wildcard examples/cpp/*.cpp)))))
DRIVER_CPP := $(TARGET)/release/examples-cpp/driver
YYJSON := $(VENV)/yyjson/yyjson.o
LINT := $(VENV)/lint/bin
PYTHON_FILES := python tests examples benches docs/site packaging
C_FILES := $(filter-out include/calltransfer/calltransfer.h include/calltransfer/runs.h include/calltransfer/ffi.h,$(shell find include tests examples benches -name '*.c' -o -name '*.h' -o -name '*.hpp' -o -name '*.cpp'))
MSRV := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
# Empty if the default toolchain has this version: then no other one is needed.
OLDEST_RUST = $(if $(findstring rustc $(MSRV).,$(shell rustc --version)),,+$(MSRV))
LIBRARY_SOURCES := $(shell find core ffi-c -name '*.rs' -o -name Cargo.toml) Cargo.toml Cargo.lock
LINK_SOURCES := $(addprefix ffi-c/install/,build.sh without_paths.sh symbol_versions.awk install.mk) tests/abi/ledger.txt
RUST_SOURCES := $(shell find core runs sandbox ffi-c python/src examples/rust -name '*.rs' -o -name '*.html' -o -name '*.css' -o -name '*.js' -o -name Cargo.toml) Cargo.toml Cargo.lock
PYTHON_SOURCES := $(shell find python/calltransfer python/calltransfer_pytest -name '*.py' -o -name '*.pyi') python/pyproject.toml python/README.md

# All release builds have the same flags, that of the installed library included: cargo compiles the crates once.
WITHOUT_PATHS := sh ffi-c/install/without_paths.sh

# cargo-nextest where it is, else cargo's own runner: both print a line for each test.
RUN_RUST_TESTS := $(shell cargo nextest --version >/dev/null 2>&1 && echo nextest run --no-fail-fast || echo test --tests --no-fail-fast)

# The files of tests are spread over this many processes: most of their time they wait.
TEST_PROCESSES ?= 2
PYTEST = cd tests && PYTHONDONTWRITEBYTECODE=1 $(abspath $(BIN)/python) -m pytest -n $(TEST_PROCESSES) --dist loadfile

.DEFAULT_GOAL := help
.PHONY: help demo test test-rust test-python test-c test-long bench instructions fuzz lint header clean wheels test-wheels bench-import bench-many bench-runs bench-sandbox bench-distance build format deny msrv docs completion c-test dist test-dist notices

help: ## list the commands
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

demo: $(VENV)/installed $(EXAMPLES_C) $(EXAMPLES_CPP) $(TARGET)/release/.built ## transfer calls in a sandbox, from Python, C, C++ and Rust
	@$(BIN)/python examples/demo.py

test: test-rust test-python test-c ## run all tests of all languages
	@$(BIN)/python tests/counts.py

test-rust: $(VENV)/installed $(DRIVER_C) $(DRIVER_CPP) ## run Rust's tests, and the outcome matrix through every language
	CALLTRANSFER_TEST_C=$(abspath $(DRIVER_C)) CALLTRANSFER_TEST_CPP=$(abspath $(DRIVER_CPP)) \
		CALLTRANSFER_TEST_PYTHON=$(abspath $(BIN)/python) \
		cargo $(RUN_RUST_TESTS) --workspace --exclude calltransfer-python --features calltransfer-runs/postgres,calltransfer-c/runs --locked
	cargo $(RUN_RUST_TESTS) --locked -p calltransfer --features tracing --test tracing
	cargo test --doc --locked -p calltransfer -p calltransfer-runs -p calltransfer-sandbox

test-python: $(VENV)/installed $(TARGET)/release/.built $(VENV)/vendor/tools $(VENV)/vendor-v2/tools $(EXAMPLES_C) $(EXAMPLES_CPP) ## run Python's tests, and what the pages say
	$(PYTEST) python docs vendor sandbox_ui
	cd tests && PYTHONDONTWRITEBYTECODE=1 $(abspath $(BIN)/python) -m pytest process

test-c: $(VENV)/installed $(TARGET)/release/.built $(RUNS_LIBRARY) $(YYJSON) ## run C's and C++'s tests
	$(PYTEST) c cpp abi
	cd tests && PYTHONDONTWRITEBYTECODE=1 $(abspath $(BIN)/python) -m pytest bounds

c-test: $(LIBRARY) ## run one program of C's tests without Python: TEST=client_test, and CASE=its_case for one case
	@mkdir -p $(TARGET)/c-test
	$(CC) $(CFLAGS) -Iinclude tests/c/$(TEST).c -o $(TARGET)/c-test/$(TEST) -L$(dir $(LIBRARY)) -lcalltransfer \
		-Wl,-rpath,$(abspath $(dir $(LIBRARY))) -pthread
	$(TARGET)/c-test/$(TEST) $(CASE)

test-long: test fuzz instructions $(VENV)/conan/tools ## run all tests, longer races, sanitizers, the fuzzer, and count instructions
	cd tests && CALLTRANSFER_TEST_LONG=1 PYTHONDONTWRITEBYTECODE=1 $(abspath $(BIN)/python) -m pytest -s sanitizers c/test_valgrind.py c/test_server.py c/test_debian.py c/test_conan.py c/test_subproject.py process/test_run_crashes.py bounds
	CALLTRANSFER_CRASH_KILLS=350 cargo $(RUN_RUST_TESTS) --locked -p calltransfer-runs --features postgres --test crash
	CALLTRANSFER_TEST_FACTOR=10 $(WITHOUT_PATHS) cargo $(RUN_RUST_TESTS) --release --locked -p calltransfer-outcomes --test keep_alive --test idle_connections
	cd tests && CALLTRANSFER_TEST_FACTOR=10 PYTHONDONTWRITEBYTECODE=1 $(abspath $(BIN)/python) -m pytest -s process/test_gunicorn.py process/test_python_async_process.py

build: ## build the Rust library, the C library and the sandbox with cargo alone, on any system
	cargo build --release --locked -p calltransfer -p calltransfer-c -p calltransfer-sandbox

bench-sandbox: ## measure the sandbox beside a bare HTTP server
	$(WITHOUT_PATHS) cargo run --release --locked -p calltransfer-bench-sandbox

bench: $(LIBRARY) ## measure transfers through this library and others (BENCH_SECONDS, BENCH_ROUNDS, BENCH_ONLY)
	PYTHONDONTWRITEBYTECODE=1 $(WITHOUT_PATHS) $(PYTHON) benches/run.py

bench-distance: $(LIBRARY) ## measure transfers over a network's distance, in round trips (BENCH_SAMPLES, BENCH_ONLY, BENCH_PAUSES)
	PYTHONDONTWRITEBYTECODE=1 $(WITHOUT_PATHS) $(PYTHON) benches/distance.py

instructions: $(LIBRARY) ## hold the instructions of a payload and a transfer to their budget, where valgrind is
	PYTHONDONTWRITEBYTECODE=1 $(WITHOUT_PATHS) $(PYTHON) benches/instructions.py

fuzz: ## run the fuzz targets, a minute each
	@PATH="$(abspath $(TARGET))/tools/bin:$$PATH" cargo fuzz --version >/dev/null 2>&1 || cargo install --quiet --locked cargo-fuzz --root $(TARGET)/tools
	cd fuzz && for target in response location rate_limit event c_setters; do \
		PATH="$(abspath $(TARGET))/tools/bin:$$PATH" RUSTC_BOOTSTRAP=1 \
			cargo fuzz run $$target -- -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 || exit 1; \
	done

lint: $(VENV)/lint/tools ## check style, words, warnings and the committed header
	@$(PYTHON) tests/words/check.py
	cargo fmt --all --check
	cargo clippy --workspace --all-targets --all-features --locked -- -D warnings
	cargo rustc --quiet -p calltransfer --lib --profile check --locked -- --cfg fuzzing -D warnings
	RUSTFLAGS="--cfg fuzzing" cargo check --quiet --manifest-path fuzz/Cargo.toml --target-dir $(TARGET)/fuzz --locked
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
	$(LINT)/ruff format --check --quiet $(PYTHON_FILES)
	$(LINT)/ruff check --quiet $(PYTHON_FILES)
	$(LINT)/clang-format --dry-run -Werror $(C_FILES)
	$(LINT)/clang-tidy --quiet include/calltransfer/async.hpp include/calltransfer/runs.hpp -- -x c++ -std=c++20 -Iinclude
	$(LINT)/shellcheck .ci/run .ci/wheels .ci/dist ffi-c/install/*.sh
	$(LINT)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml

format: $(VENV)/lint/tools ## write all files in the style that lint checks
	cargo fmt --all
	$(LINT)/ruff check --fix --quiet $(PYTHON_FILES)
	$(LINT)/ruff format --quiet $(PYTHON_FILES)
	$(LINT)/clang-format -i $(C_FILES)

deny: ## check licenses, bans and sources of the dependencies, and advisories if their database can be reached
	@cargo deny --version >/dev/null 2>&1 || PATH="$(abspath $(TARGET))/tools/bin:$$PATH" cargo deny --version >/dev/null 2>&1 \
		|| cargo install --quiet --locked cargo-deny --root $(TARGET)/tools
	PATH="$(abspath $(TARGET))/tools/bin:$$PATH" cargo deny --locked check licenses bans sources
	@PATH="$(abspath $(TARGET))/tools/bin:$$PATH" cargo deny --locked check advisories \
		|| if [ -n "$(ADVISORIES)" ]; then exit 1; else echo "LEFT OUT: ADVISORIES WERE NOT CHECKED, OR SOME WERE FOUND: SEE ABOVE" >&2; fi

msrv: ## check the code with the oldest Rust that is supported, the rust-version of Cargo.toml
	@if [ -n "$(OLDEST_RUST)" ] && ! rustup toolchain install --profile minimal $(MSRV); then \
		echo "LEFT OUT: THE CODE WAS NOT CHECKED WITH RUST $(MSRV), WHICH COULD NOT BE INSTALLED: SEE ABOVE" >&2; \
		[ -z "$(REQUIRED)" ]; \
	else cargo $(OLDEST_RUST) check --workspace --locked; fi

docs: $(VENV)/installed $(VENV)/lint/tools ## build the reference site into target/site: guides, Python, C, and rustdoc
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps --locked --quiet
	$(LINT)/python -m sphinx --quiet --fail-on-warning --keep-going -c docs/site docs $(TARGET)/site
	rm -rf $(TARGET)/site/rust && cp -R $(TARGET)/doc $(TARGET)/site/rust

header: ## generate include/calltransfer/calltransfer.h, runs.h and ffi.h
	CALLTRANSFER_WRITE_HEADER=1 cargo test --quiet -p calltransfer-c --test header

completion: $(VENV)/installed ## write the completion scripts of the command line
	$(BIN)/python packaging/completion.py

wheels: $(VENV)/tools ## build the sdist and the wheel of this machine into dist/
	.ci/wheels

test-wheels: $(VENV)/tools ## try what is in dist/: tags, contents, lowest and highest Python, the sdist
	cd tests && PYTHONDONTWRITEBYTECODE=1 $(abspath $(BIN)/python) -m pytest -p no:calltransfer wheels

dist: $(VENV)/dist/tools ## build the tarball of the C and C++ library for this machine into dist/ (TARGETS: for others)
	.ci/dist $(TARGETS)

test-dist: $(VENV)/tools ## try the tarballs in dist/: contents, licenses, paths, oldest glibc, programs built with them
	cd tests && PYTHONDONTWRITEBYTECODE=1 $(abspath $(BIN)/python) -m pytest -p no:calltransfer dist

notices: ## write THIRD-PARTY.txt and THIRD-PARTY-RUNS.txt: the licenses of all crates in the C and C++ library
	@PATH="$(abspath $(TARGET))/tools/bin:$$PATH" cargo about --version >/dev/null 2>&1 \
		|| cargo install --quiet --locked cargo-about --features cli --root $(TARGET)/tools
	for notices in THIRD-PARTY.txt: THIRD-PARTY-RUNS.txt:--features=runs-postgres; do \
		PATH="$(abspath $(TARGET))/tools/bin:$$PATH" cargo about generate --frozen --manifest-path ffi-c/Cargo.toml $${notices#*:} \
			-c packaging/licenses/about.toml packaging/licenses/third-party.hbs -o $(TARGET)/notices.txt && \
		sed "/^- calltransfer /,/^Permission/s/^Copyright.*/$$(grep ^Copyright LICENSE-MIT)/" $(TARGET)/notices.txt > $${notices%%:*} || exit 1; \
	done

bench-import: $(VENV)/installed ## time the import beside requests, httpx and the vendor's SDK
	@$(BIN)/python benches/python/import_time.py

bench-many: $(VENV)/installed ## measure memory and time of the command `many` for a file of 1,000,000 lines
	@$(BIN)/python benches/python/many_lines.py

bench-runs: $(VENV)/installed $(TARGET)/c/lib-runs/run ## measure durable runs: rows a second, and start and resume of 100,000 rows (BENCH_ROWS, BENCH_LONG, BENCH_ROUNDS)
	BENCH_RUNS_C=$(abspath $(TARGET)/c/lib-runs/run) $(BIN)/python benches/python/runs.py --write

clean: ## remove everything that was built
	rm -rf $(VENV) $(TARGET)

# Built as users get it, and alone: what is built along with it would lend it features that it doesn't need.
$(LIBRARY): $(LIBRARY_SOURCES) $(LINK_SOURCES)
	sh ffi-c/install/build.sh $(@D) --release
	@touch $@

# The same library with runs, in a folder of its own, since both have the same name.
$(RUNS_LIBRARY): $(LIBRARY_SOURCES) $(LINK_SOURCES) tests/abi/ledger-runs.txt $(shell find runs -name '*.rs' -o -name '*.sql' -o -name Cargo.toml)
	CALLTRANSFER_LEDGERS="tests/abi/ledger.txt tests/abi/ledger-runs.txt" sh ffi-c/install/build.sh $(@D) --release --features calltransfer-c/runs-postgres
	@touch $@

$(TARGET)/c/lib-runs/run: examples/c/run.c $(RUNS_LIBRARY)
	$(CC) $(CFLAGS) -Iinclude $< -o $@ -L$(@D) -lcalltransfer '-Wl,-rpath,$$ORIGIN'

$(TARGET)/release/.built: $(RUST_SOURCES) $(LIBRARY)
	$(WITHOUT_PATHS) cargo build --release --locked -p calltransfer-sandbox -p calltransfer-examples
	@touch $@

$(TARGET)/release/examples-c/%: examples/c/%.c $(LIBRARY) include/calltransfer/calltransfer.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Iinclude $< -o $@ -L$(dir $(LIBRARY)) -lcalltransfer '-Wl,-rpath,$$ORIGIN/../../c/lib'

# yyjson, with which the drivers of tests read and write JSON: its one source is in the source package of its binding.
$(YYJSON): tests/requirements-yyjson.txt $(VENV)/tools
	rm -rf $(@D)
	$(BIN)/pip download --quiet --disable-pip-version-check --no-deps --no-binary yyjson -r $< -d $(@D)
	tar -xzf $(@D)/yyjson-*.tar.gz -C $(@D) --strip-components=2
	$(CC) -O2 -c $(@D)/yyjson.c -o $@

$(DRIVER_C): tests/c/transfer_driver.c $(YYJSON) $(wildcard tests/c/driver*.h) $(LIBRARY) include/calltransfer/calltransfer.h
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Iinclude -isystem $(dir $(YYJSON)) $< $(YYJSON) -o $@ -L$(dir $(LIBRARY)) -lcalltransfer '-Wl,-rpath,$$ORIGIN/../../c/lib'

$(TARGET)/release/examples-cpp/%: examples/cpp/%.cpp $(LIBRARY) $(wildcard include/calltransfer/*)
	@mkdir -p $(@D)
	$(CXX) -std=c++20 $(CXXFLAGS) -Iinclude $< -o $@ -L$(dir $(LIBRARY)) -lcalltransfer '-Wl,-rpath,$$ORIGIN/../../c/lib' -pthread

$(DRIVER_CPP): tests/cpp/transfer_driver.cpp $(YYJSON) $(wildcard tests/c/driver*.h tests/cpp/*.hpp) $(LIBRARY) $(wildcard include/calltransfer/*)
	@mkdir -p $(@D)
	$(CXX) -std=c++17 $(CXXFLAGS) -Iinclude -isystem $(dir $(YYJSON)) $< $(YYJSON) -o $@ -L$(dir $(LIBRARY)) -lcalltransfer '-Wl,-rpath,$$ORIGIN/../../c/lib'

$(VENV)/tools: tests/requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10) and "make: Python 3.10 or newer is needed; set PYTHON to one")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r tests/requirements.txt
	@touch $@

# Formatters, linters and the site's generator keep their requirements to themselves.
$(VENV)/lint/tools: tests/requirements-lint.txt $(VENV)/tools
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Conan, and Zig for the tarballs, keep their requirements to themselves.
PACKAGERS := $(VENV)/conan/tools $(VENV)/dist/tools
$(VENV)/conan/tools: tests/requirements-conan.txt
$(VENV)/dist/tools: tests/requirements-dist.txt
$(PACKAGERS): $(VENV)/tools
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $(filter %.txt,$^)
	@touch $@

# The vendor's own clients, of v1's days and of today, judge the sandbox. Each keeps its requirements to itself.
VENDORS := $(VENV)/vendor/tools $(VENV)/vendor-v2/tools
$(VENV)/vendor/tools: tests/vendor/requirements.txt
$(VENV)/vendor-v2/tools: tests/vendor/requirements-v2.txt
$(VENDORS): $(VENV)/tools
	$(PYTHON) -m venv $(@D)
	$(@D)/bin/pip install --quiet --disable-pip-version-check -r $(filter %.txt,$^)
	@touch $@

$(VENV)/installed: $(VENV)/tools $(RUST_SOURCES) $(PYTHON_SOURCES)
	$(WITHOUT_PATHS) $(BIN)/pip install --quiet --disable-pip-version-check --force-reinstall --no-deps ./python
	@touch $@

include ffi-c/install/install.mk
