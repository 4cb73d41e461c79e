# Two commands: `make figures/fig3.pdf` computes the figure from nothing, `make test` runs the tests.
# `make TARGET` passes any other target to Snakemake; CORES sets how many campaigns run at the same time.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := all

PYTHON ?= python3
CORES ?= 2
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
LOCK := envs/cpu.lock
PIP := $(BIN)/python -m pip install --disable-pip-version-check --no-input --quiet
# A bar and a line per finished chain (workflow_scripts/console); `make LOGGER= TARGET` shows Snakemake's own words.
LOGGER ?= chains
SNAKEMAKE = PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m snakemake $(if $(LOGGER),--logger $(LOGGER)) --cores $(CORES)
VLLM_VENV := .venv-vllm
VLLM_LOCK := envs/vllm.lock
VLLM_PIP := $(VLLM_VENV)/bin/python -m pip install --disable-pip-version-check --no-input --quiet

# Snakemake copies what it reads to the folder for caches, before anything else: to one here where the home folder takes none.
CACHE_TAKES := $(shell cache=$${XDG_CACHE_HOME:-~/.cache}/snakemake; mkdir -p "$$cache" 2>/dev/null && test -w "$$cache" && echo it)
ifeq ($(CACHE_TAKES),)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif

.PHONY: test test-whole test-all bench small science review compare reference documents schema test-vllm test-slurm install-slurm lint format lock plan status overhead FORCE

# No test measures time, so that a busy machine makes none of them fail. What a SLURM needs is in tests/cluster.
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/cluster tests

# What `make test` tries a part of, in full, and what it leaves out: a published model from a package index.
test-whole: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -m whole tests

test-all: test test-whole

# What things cost, as ratios within one run: make bench [BENCH=grading_costs]
BENCH ?= workflow_costs decision_costs simulation_costs grading_costs training_costs
bench: $(READY)
	@for each in $(BENCH); do OMP_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.$$each; done

# The small testbed's diagnostic runs on a published language model, with their controls (docs/concepts.md).
small: $(READY)
	$(SNAKEMAKE) --config testbed=small -- figures/small.pdf

# The experiments that could prove the headline wrong, as docs/preregistration.md declares them, on the tiny testbed.
science: $(READY)
	$(SNAKEMAKE) -- science

# Every table and figure from the traces that the repository ships, without training, in review/.
review: $(READY)
	@$(BIN)/python -m workflow_scripts.reference.review_reference --cores $(CORES)

# A run of one's own beside the shipped one: equal, or within the spread of seeds.
compare: $(READY)
	@$(BIN)/python -m workflow_scripts.reference.compare_runs

# Pack finished results as the reference that the repository ships: make reference, after make all science
reference: $(READY)
	@$(BIN)/python -m workflow_scripts.reference.pack_reference

# The numbers of README and docs/findings.md, from the reference tables and docs/templates/.
documents: $(READY)
	@$(BIN)/python -m workflow_scripts.reference.write_documents

TARGET ?= all

# What TARGET would cost, before it is computed: make plan TARGET=figures/fig3.pdf [PROFILE=slurm] [CONFIG=testbed=qwen]
plan: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m workflow_scripts.audit.plan_run --target $(TARGET) --cores $(CORES) \
	  $(if $(PROFILE),--profile $(PROFILE)) $(if $(CONFIG),--config $(CONFIG))

# Which campaigns are done, running, failed or waiting: make status [TESTBED=tiny] [WAVE=W4]
status: $(READY)
	@$(BIN)/python -m workflow_scripts.audit.show_status $(if $(TESTBED),--testbed $(TESTBED)) $(if $(WAVE),--wave $(WAVE))

# How much of the chains' wall time is not training: make overhead [TESTBED=tiny] [WAVE=W4]
overhead: $(READY)
	@$(BIN)/python -m workflow_scripts.audit.report_overhead $(if $(TESTBED),--testbed $(TESTBED)) $(if $(WAVE),--wave $(WAVE))

# The vLLM sampler on a CPU, in an environment of its own.
test-vllm: $(VLLM_VENV)/.installed
	OMP_NUM_THREADS=1 $(VLLM_VENV)/bin/python -m pytest tests/training/samplers/test_vllm_*.py

# What a SLURM of one node on this machine needs (root; Debian's slurm-wlm); says what is missing where there can be none.
install-slurm: $(READY)
	@if [ "$$(id -u)" = 0 ] && ! command -v slurmctld >/dev/null && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurm-wlm munge; fi
	@reason="$$($(BIN)/python -m tests.cluster.cluster check 2>&1)" || { echo "NOT RUN: $$reason" >&2; exit 1; }

# The cluster profile on such a SLURM: installed, started, taken down.
test-slurm: install-slurm
	$(BIN)/python -m tests.cluster.cluster up
	status=0; OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/cluster || status=$$?; \
	  $(BIN)/python -m tests.cluster.cluster down; exit $$status

lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --lint
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --lint --config testbed=qwen
	$(BIN)/mypy

# The schemas that editors read and docs/configuration.md, from the models of settings.
schema: $(READY)
	$(BIN)/python -m workflow_scripts.audit.describe_settings

format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile rules

# The environment, from a lock with every version pinned. torch comes first and alone: where a CPU build is at hand pip
# takes it, and the rest then needs no CUDA package.
$(READY): $(LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: $(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or newer is needed (make PYTHON=...)" >&2; exit 1; }
	@echo "making $(VENV) from $(LOCK) (a minute or two, once)"
	$(PYTHON) -m venv $(VENV)
	$(PIP) "$$(grep -E '^torch==' $(LOCK))"
	$(PIP) --requirement $(LOCK)
	@touch $@

# As above, but vLLM's own requirements name packages that text models on a CPU do without (envs/vllm.in).
$(VLLM_VENV)/.installed: $(VLLM_LOCK)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "error: $(PYTHON) is $$($(PYTHON) --version 2>&1); Python 3.11 or newer is needed (make PYTHON=...)" >&2; exit 1; }
	@echo "making $(VLLM_VENV) from $(VLLM_LOCK) (two or three minutes, once)"
	$(PYTHON) -m venv $(VLLM_VENV)
	$(VLLM_PIP) "$$(grep -E '^torch==' $(VLLM_LOCK))"
	$(VLLM_PIP) --no-deps --requirement $(VLLM_LOCK)
	@touch $@

# Resolve the direct requirements anew; the CPU build's local version label is not part of the pin.
lock:
	$(PYTHON) -m venv .lock-venv
	.lock-venv/bin/pip install --quiet uv
	.lock-venv/bin/uv pip compile --quiet --python-version 3.11 --no-header --no-annotate $(UV_FLAGS) envs/cpu.in \
	  | sed 's/+cpu$$//' | grep -Ev '^(nvidia|cuda)-|^triton==' > $(LOCK)
	.lock-venv/bin/uv pip compile --quiet --python-version 3.11 --no-header --no-annotate envs/gpu.in > envs/gpu.lock
	.lock-venv/bin/uv pip compile --quiet --python-version 3.11 --no-header --no-annotate $(UV_FLAGS) envs/vllm.in \
	  --no-emit-package torchvision --no-emit-package torchaudio --no-emit-package torchcodec --no-emit-package triton \
	  | sed 's/+cpu$$//' > $(VLLM_LOCK)
	rm -r .lock-venv

# Anything else is Snakemake's.
Makefile $(LOCK) $(VLLM_LOCK): ;
%: $(READY) FORCE
	$(SNAKEMAKE) $@
FORCE:
