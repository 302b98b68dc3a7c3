# `make` alone lists the targets.

# The first of these that exists and really runs as Python 3.11 or newer (a pyenv shim may
# exist and still not run). `make demo PYTHON=/path/to/python` takes another.
IS_SUPPORTED = -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	if $$python $(IS_SUPPORTED) >/dev/null 2>&1; then echo $$python; break; fi; done)

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

# What `make demo` runs, and how `make test` runs the tests: all of them, the slow ones too.
DEMO := compare --out results/demo --force
# Where a worker dies, pytest-xdist waits for ever in groups if it may start another one.
PYTEST_ARGS ?= -m "" -n auto --maxprocesses 4 --dist loadgroup --max-worker-restart 0

# The shipped experiments, each with the figure of it that experiments/README.md shows.
EXPERIMENTS := support-by-turnover/along-superintendent-turnover \
	turnover-by-budget/along-superintendent-turnover \
	operational-load/along-operational-load \
	succession-planning/along-succession-planning \
	external-coaching-exit/leadership-over-years \
	equity-under-scarcity/along-equity-weight \
	distributed-versus-heroic/across \
	timing-and-order/along-year-in-which-phase-1-begins

# `make lock` keeps the pinned versions that still fit; LOCK_ARGS=--upgrade takes the newest.
UV ?= uv
LOCK_ARGS ?=
COMPILE = $(UV) pip compile --no-config --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --custom-compile-command "make lock" $(LOCK_ARGS)

PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input

.DEFAULT_GOAL := help
.PHONY: help setup demo experiments validation calibration odd byhand external sensitivity structure test uncompiled golden fuzz kills bench lint style types contracts review format lock clean distclean

help: ## list the targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' $(MAKEFILE_LIST) | \
		while IFS="$$(printf '\t')" read -r target text; do \
			printf '  make %-11s %s\n' "$$target" "$$text"; done

setup: $(READY) ## create .venv with the pinned dependencies (the others do so by themselves)

demo: $(READY) ## run the main comparison; the report is results/demo/report.html
	$(BIN)/reformsim $(DEMO)

experiments: $(READY) ## run or continue the built-in experiments, and renew their figures in docs/
	@set -e; mkdir -p docs/images/experiments; for entry in $(EXPERIMENTS); do \
		name=$${entry%/*}; folder=results/experiments/$$name; \
		if test -e $$folder/manifest.json; then $(BIN)/reformsim experiment resume $$folder; \
		else $(BIN)/reformsim experiment run $$name --out $$folder; fi; \
		cp $$folder/summary/$${entry#*/}.png docs/images/experiments/$$name.png; \
	done

test: $(READY) ## run all tests, slow ones included, and those of exactness without the compiler
	$(BIN)/python -m pytest $(PYTEST_ARGS)
	$(MAKE) uncompiled

uncompiled: $(READY) ## compare the engines with the compiler switched off
	NUMBA_DISABLE_JIT=1 REFORMSIM_EXAMPLES=3 $(BIN)/python -m pytest tests/engines/test_exactness.py

golden: $(READY) ## record whole runs again, and print what has changed
	$(BIN)/python tests/golden/golden.py

# FUZZ_ARGS as --tries 1000, --seconds 60, --kind store or --seed 7; each finding names the command
# that repeats it.
fuzz: $(READY) ## damage every kind of input file, 30,000 times, and check that commands end cleanly
	PYTHONPATH=tests $(BIN)/python -m fuzz $(FUZZ_ARGS)

bench: $(READY) ## measure the speed of engines, experiments and start-up
	$(BIN)/python benchmarks/engines.py
	$(BIN)/python benchmarks/experiments.py
	$(BIN)/python benchmarks/startup.py

kills: $(READY) ## kill experiments at sixty random moments, half of them with Dask, and compare their tables
	$(BIN)/python tests/helpers/kills.py

validation: $(READY) ## compare the model with published patterns, and write docs/validation.md
	$(BIN)/reformsim validate --out results/validation --force || test $$? -eq 1
	cp results/validation/validation.md docs/validation.md

odd: $(READY) ## write docs/odd.md and its response curves from the code
	$(BIN)/python -m reformsim.report.odd docs

byhand: $(READY) ## work one month by hand again, in docs/model.md
	$(BIN)/python tests/helpers/by_hand.py

external: $(READY) ## replicate results of other models, and write docs/external-checks.md
	$(BIN)/python -m reformsim.report.external docs

# Both go on where they were stopped; pages and figures in docs/ are renewed.
sensitivity: $(READY) ## run the sensitivity analysis, and write docs/sensitivity.md
	$(BIN)/reformsim sensitivity run --out results/sensitivity
	$(BIN)/reformsim sensitivity run equal-cost --keep 0 --out results/sensitivity-equal-cost
	$(call publish,sensitivity)
	$(call publish,sensitivity-equal-cost)

structure: $(READY) ## run the structural sensitivity analysis, and write docs/structure.md
	$(BIN)/reformsim sensitivity structure --out results/structure
	$(call publish,structure)

# A page of the docs with its figures, which lie in a folder of their own there.
define publish
	mkdir -p docs/images/$(1)
	rm -f docs/images/$(1)/*.png
	cp results/$(1)/*.png docs/images/$(1)/
	sed 's#](\([a-z_-]*\.png\))#](images/$(1)/\1)#' results/$(1)/$(firstword $(subst -, ,$(1))).md > docs/$(1).md
endef

# After a change of the model the folders have to go first: a calibration is of one model.
calibration: $(READY) ## calibrate to published patterns, check coverage, and write docs/calibration.md
	if test -e results/calibration/manifest.json; \
	then $(BIN)/reformsim calibrate resume results/calibration; \
	else $(BIN)/reformsim calibrate run published-patterns --out results/calibration; fi
	$(BIN)/reformsim calibrate check small-district --trials 20 --out results/calibration-check
	mkdir -p docs/images/calibration
	cp results/calibration*/images/calibration/*.png docs/images/calibration
	{ cat results/calibration/calibration.md; echo; cat results/calibration-check/check.md; } \
		>docs/calibration.md

lint: style types contracts review ## run every check but the tests

style: $(READY) ## check style and format
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(READY) ## check the types
	$(BIN)/mypy

contracts: $(READY) ## check which part of the package imports which
	$(BIN)/lint-imports --no-logo

review: $(READY) ## check the project against the Scientific Python guide
	$(BIN)/sp-repo-review .

format: $(READY) ## format the code
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: ## pin the dependencies again (needs uv and the network)
	@command -v $(UV) >/dev/null || { echo "make lock needs uv: pip install uv" >&2; exit 1; }
	$(COMPILE) pyproject.toml --output-file requirements/run.txt
	$(COMPILE) pyproject.toml --all-extras --group test --group lint --group package \
		--constraints requirements/run.txt --output-file requirements/dev.txt

clean: ## delete caches, built packages and results
	rm -rf build dist results .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .nox
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -prune -exec rm -rf {} +

distclean: clean ## delete .venv as well
	rm -rf $(VENV)

# The package is built with the pinned hatchling that is already there, not in an environment
# of its own, so that only the line with --require-hashes ever needs the network.
$(READY): requirements/dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { \
		echo "No working Python 3.11 or newer found. Install one, or name it:" >&2; \
		echo "    make $(MAKECMDGOALS) PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" $(IS_SUPPORTED) || { \
		echo "$(PYTHON) does not run as Python 3.11 or newer; name another with PYTHON=..." >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || "$(PYTHON)" -m venv --clear $(VENV) || { \
		rm -rf $(VENV); \
		echo "$(PYTHON) could not create $(VENV). On Debian and Ubuntu the module for it is a" >&2; \
		echo "package of its own: apt install python3-venv. Then run make again." >&2; exit 1; }
	$(PIP) install --quiet --require-hashes -r requirements/dev.txt
	$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@
