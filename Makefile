# Everything a person runs here. `make help` lists it; each target makes the environment it needs.
#
# Four environments, all inside the clone and built by a pinned uv from locks:
#   .venv            Python 3.11, the tests' packages and vLLM for CPUs   requirements/engines.txt
#   .venv-core-3.11  the same without vLLM and torch                      requirements/core.txt
#   .venv-core-3.12  the same on Python 3.12, where one is found
#   .venv-judges     .venv-core-3.11 with pretrained judges of plans      requirements/judges.txt

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
.ONESHELL:
.SUFFIXES:

# vLLM and what it needs is compiled to bytecode as it is installed; without it vLLM needs over a
# minute to start. Variables that forbid or redirect bytecode would undo that.
unexport PYTHONDONTWRITEBYTECODE PYTHONPYCACHEPREFIX PYTHONPATH PYTHONHOME VIRTUAL_ENV CONDA_PREFIX
# uv brings certificates of its own unless it is told to trust the system's, as pip and curl do.
export UV_SYSTEM_CERTS := 1
export UV_PYTHON_DOWNLOADS := never

UV := .cache/bootstrap/bin/uv
CODE := src tests scripts examples $(wildcard benchmarks)
PYTEST_ARGS ?=
FUZZ_ARGS ?=
SOLVE_ARGS ?=
INFORMATION_ARGS ?=
GPU_ARGS ?=
RUN_MANY_ARGS ?=
RAY_ARGS ?=
SERVE_ARGS ?=

.PHONY: help
help:
	@sed -n 's/^## //p' $(MAKEFILE_LIST)

# --- environments -------------------------------------------------------------------------------

$(UV): requirements/uv.txt scripts/find-python
	@echo "making .cache/bootstrap: uv"
	rm -rf .cache/bootstrap
	python=$$(scripts/find-python 3.11 || scripts/find-python 3.12)
	"$$python" -m venv .cache/bootstrap
	.cache/bootstrap/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	touch $@

# $(call make_env,FOLDER,PYTHON VERSION,LOCK,FURTHER OPTIONS)
define make_env
	python=$$(scripts/find-python $(2))
	$(UV) venv --quiet --clear --python "$$python" $(1)
	$(UV) pip sync --quiet $(4) --python $(1)/bin/python $(3)
	$(UV) pip install --quiet --no-deps --no-build-isolation --python $(1)/bin/python --editable .
	$(1)/bin/python -m compileall -q src
	touch $@
endef

.venv/.ready: requirements/engines.txt pyproject.toml | $(UV)
	@echo "making .venv: Python 3.11 with vLLM for CPUs (about 6 GB)"
	$(call make_env,.venv,3.11,requirements/engines.txt,--compile-bytecode)

.venv-core-%/.ready: requirements/core.txt pyproject.toml | $(UV)
	@echo "making .venv-core-$*: Python $* without engines"
	$(call make_env,.venv-core-$*,$*,requirements/core.txt)

.PRECIOUS: .venv-core-%/.ready

.venv-judges/.ready: requirements/judges.txt pyproject.toml | $(UV)
	@echo "making .venv-judges: Python 3.11 with pretrained judges (about 5 GB)"
	$(call make_env,.venv-judges,3.11,requirements/judges.txt)

## make env        the environment .venv with everything, vLLM for CPUs included
.PHONY: env
env: .venv/.ready

# --- use ----------------------------------------------------------------------------------------

## make demo       plan a real clip and ask a tiny vLLM engine; pictures under out/
.PHONY: demo
demo: .venv/.ready
	.venv/bin/python scripts/demo.py

# --- tests --------------------------------------------------------------------------------------

# As many processes as there are cores; which tests stay together is said in tests/conftest.py.
# Libraries that start threads of their own beside that only wait for each other.
SCOPES := --maxprocesses=8 --dist=loadfile --no-loadscope-reorder
PARALLEL := --numprocesses=$(shell nproc) $(SCOPES)
# One more where tests wait for servers, clusters and a browser.
WAITING := --numprocesses=$(shell echo $$(($$(nproc) + 1))) $(SCOPES)
test-fast test-engines test-core-3.12: export OMP_NUM_THREADS := 1

# Every part of the package, on small clips that tests make, with a tenth of the examples.
FAST := $(PARALLEL) --hypothesis-profile=few --ignore=tests/benchmarks
LEFT_OUT := browser or clip or cluster or engine or judge or long or slow

## make test       a choice of the tests on Python 3.12, the judges', and every test on 3.11
.PHONY: test
test: $(UV)
	scripts/beside test-judges $(if $(shell scripts/find-python 3.12 2>/dev/null),test-core-3.12,no-python-3.12)
	$(MAKE) test-engines

## make test-fast  under a minute: no engines, no browser, no real clips, few examples
.PHONY: test-fast
test-fast: .venv-core-3.11/.ready
	.venv-core-3.11/bin/python -m pytest $(FAST) -m "not ($(LEFT_OUT) or waiting)" $(PYTEST_ARGS)

## make test-full  make test with the full counts
.PHONY: test-full
test-full: export BUDGETFIT_FULL := 1
test-full: test

## make fuzz       plan 10,000 damaged files; FUZZ_ARGS="--run 2 --files 500 --minutes 5" for others
.PHONY: fuzz
fuzz: export OMP_NUM_THREADS := 1
fuzz: .venv-core-3.11/.ready
	$(BENCHMARK) -m tests.hostile.fuzz $(FUZZ_ARGS)

.PHONY: test-engines
test-engines: chromium .venv/.ready
	.venv/bin/python -m pytest $(WAITING) -m "not judge" $(PYTEST_ARGS)

# Playwright's package has no browser; Debian's is the one that the tests drive.
.PHONY: chromium
chromium:
	@if scripts/find-chromium >/dev/null 2>&1; then exit; fi
	packages="chromium fonts-dejavu-core"
	as_root=$$([ "$$(id -u)" = 0 ] || echo "sudo -n")
	if command -v apt-get >/dev/null && $$as_root true 2>/dev/null; then
		echo "installing $$packages"
		apt_get="$$as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq"
		{ $$apt_get update && $$apt_get install --yes --no-install-recommends $$packages; } >&2 || true
	fi
	scripts/find-chromium >/dev/null 2>&1 || {
		echo "The tests in a browser need Chromium or Chrome: on Debian, apt-get install $$packages" >&2
		exit 1
	}

.PHONY: test-judges
test-judges: .venv-judges/.ready
	.venv-judges/bin/python -m pytest -m judge tests/benchmarks/information $(PYTEST_ARGS)

.PHONY: test-core-3.12
# What another Python may change: its own library, its grammar, processes and signals. Left out is
# what it may not: many examples of what a few show; numbers and pictures that take long; real
# clips, which the same FFmpeg decodes; a browser; and benchmarks, which run on 3.11 alone.
test-core-3.12: .venv-core-3.12/.ready
	.venv-core-3.12/bin/python -m pytest $(FAST) -m "not ($(LEFT_OUT))" $(PYTEST_ARGS)

.PHONY: no-python-3.12
no-python-3.12:
	@echo "The tests on Python 3.12 were left out: scripts/find-python found none that runs."

# --- checks -------------------------------------------------------------------------------------

## make lint       ruff check and ruff format --check
.PHONY: lint
lint: .venv-core-3.11/.ready
	.venv-core-3.11/bin/ruff check $(CODE)
	.venv-core-3.11/bin/ruff format --check $(CODE)

## make fmt        ruff's fixes and format
.PHONY: fmt
fmt: .venv-core-3.11/.ready
	.venv-core-3.11/bin/ruff check --fix $(CODE)
	.venv-core-3.11/bin/ruff format $(CODE)

## make types      mypy, strict
.PHONY: types
types: .venv-core-3.11/.ready
	.venv-core-3.11/bin/mypy $(CODE)

# --- documentation ------------------------------------------------------------------------------

## make docs       the site in out/site, its notebooks executed; nothing is asked of the network
.PHONY: docs
docs: export OMP_NUM_THREADS := 1
docs: .venv/.ready
	.venv/bin/sphinx-build -W --keep-going -n -E -d .cache/doctrees docs out/site

## make screenshots  the pictures of docs/report.md, taken again
.PHONY: screenshots
screenshots: export BUDGETFIT_UPDATE_SCREENSHOTS := 1
screenshots: chromium .venv-core-3.11/.ready
	.venv-core-3.11/bin/python -m pytest tests/browser/test_report.py -k screenshots

# --- upkeep -------------------------------------------------------------------------------------

COMPILE := pip compile --quiet --no-header --no-annotate --python-version 3.11 \
	--extra openai --extra report --extra serve --group test

## make lock       write the locks again; UPGRADE=--upgrade takes the newest versions
.PHONY: lock
lock: $(UV)
	$(UV) $(COMPILE) $(UPGRADE) --universal --output-file requirements/core.txt pyproject.toml
	$(UV) $(COMPILE) $(UPGRADE) --extra ray --group docs --override requirements/overrides.txt \
		--output-file requirements/engines.txt pyproject.toml requirements/engines.in
	$(UV) $(COMPILE) $(UPGRADE) --group judges --override requirements/judges-overrides.txt \
		--output-file requirements/judges.txt pyproject.toml

## make clean      remove the environments and everything made
.PHONY: clean
clean:
	rm -rf .venv .venv-core-* .venv-judges .cache .hypothesis .mypy_cache .pytest_cache .ruff_cache build dist out
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +

# --- measurements -------------------------------------------------------------------------------

BENCHMARK := PYTHONPATH=.:scripts .venv-core-3.11/bin/python

## make bench-time planning against decoding, and from a cold process, on BUDGETFIT_CLIPS
.PHONY: bench-time
bench-time: .venv-core-3.11/.ready
	$(BENCHMARK) -m benchmarks.plan_time
	$(BENCHMARK) -m benchmarks.cold_start

## make bench-plans plans against uniform frames and users' rules, on BUDGETFIT_CLIPS
.PHONY: bench-plans
bench-plans: .venv-core-3.11/.ready
	$(BENCHMARK) -m benchmarks.against_uniform

## make bench-solve  the solver's proofs beside other solvers, and growth (SOLVE_ARGS=--quick: 4 min)
.PHONY: bench-solve
bench-solve: .venv-core-3.11/.ready
	$(BENCHMARK) -m benchmarks.solve $(SOLVE_ARGS)

## make bench-information  plans against other ways of choosing, by judges that no plan has seen
# Clips are judged side by side, one a core; libraries that start threads of their own beside that
# take several times as long.
.PHONY: bench-information
bench-information: export OMP_NUM_THREADS := 1
bench-information: .venv-judges/.ready
	PYTHONPATH=.:scripts .venv-judges/bin/python -m benchmarks.information $(INFORMATION_ARGS)

## make calibrate  the constants of the measure, fitted on all clips but one
.PHONY: calibrate
calibrate: export OMP_NUM_THREADS := 1
calibrate: .venv-judges/.ready
	PYTHONPATH=.:scripts .venv-judges/bin/python -m benchmarks.information.calibration

## make bench-montage  what sheets of several moments gain under two images, on BUDGETFIT_CLIPS
.PHONY: bench-montage
bench-montage: .venv-core-3.11/.ready
	$(BENCHMARK) -m benchmarks.montage

## make bench-long  time and memory for 1 minute to 4 hours beside other readers, and for clips
.PHONY: bench-long
bench-long: export OMP_NUM_THREADS := 1
bench-long: .venv-judges/.ready
	PYTHONPATH=.:scripts .venv-judges/bin/python -m benchmarks.long_video

## make bench-hint-video  what Cosmos-Transfer1's upsampler reads of hint videos, on BUDGETFIT_CLIPS
.PHONY: bench-hint-video
bench-hint-video: .venv-core-3.11/.ready
	$(BENCHMARK) -m benchmarks.hint_video

## make bench-gpu  plans on a GPU with Pixtral-12B's shapes; needs vLLM for it (GPU_ARGS=--tiny: a CPU)
.PHONY: bench-gpu
bench-gpu: .venv/.ready
	PYTHONPATH=.:scripts .venv/bin/python -m benchmarks.gpu $(GPU_ARGS)

## make bench-serve  the proxy before a real server, 64 clients at once (SERVE_ARGS="--seconds 5")
.PHONY: bench-serve
bench-serve: .venv/.ready
	PYTHONPATH=.:scripts .venv/bin/python -m benchmarks.serve $(SERVE_ARGS)

## make bench-frontier  what frontiers save against solving each point alone, on BUDGETFIT_CLIPS
.PHONY: bench-frontier
bench-frontier: .venv-core-3.11/.ready
	$(BENCHMARK) -m benchmarks.frontier

## make bench-explanations  what explanations cost, and whether their prices hold, on BUDGETFIT_CLIPS
.PHONY: bench-explanations
bench-explanations: .venv-core-3.11/.ready
	$(BENCHMARK) -m benchmarks.explanations

## make bench-fleet  one number of tokens among many videos beside simple splits, on BUDGETFIT_CLIPS
.PHONY: bench-fleet
bench-fleet: .venv-core-3.11/.ready
	$(BENCHMARK) -m benchmarks.fleet

## make bench-run-many  run_many before a server of fixed speed, its journal, its memory, on BUDGETFIT_CLIPS
.PHONY: bench-run-many
bench-run-many: .venv-core-3.11/.ready
	$(BENCHMARK) -m benchmarks.run_many $(RUN_MANY_ARGS)

## make bench-ray  planning on local Ray nodes beside one process (RAY_ARGS="--times 1": half as long)
.PHONY: bench-ray
bench-ray: export OMP_NUM_THREADS := 1
bench-ray: .venv/.ready
	PYTHONPATH=.:scripts .venv/bin/python -m benchmarks.ray_scaling $(RAY_ARGS)

## make plots      the pictures of docs/plots.md
.PHONY: plots
plots: .venv-core-3.11/.ready
	$(BENCHMARK) scripts/plot_pictures.py

## make tables     docs/measured/cosmos_sizes.md, and the same table in README.md
.PHONY: tables
tables: .venv-core-3.11/.ready
	$(BENCHMARK) scripts/cosmos_table.py
