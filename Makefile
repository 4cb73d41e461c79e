# Two commands: `make figures/fig3.pdf` computes the figure from nothing, `make test` runs the tests; `make help` lists the
# others, from the lines `## target: text` below. Any other target is Snakemake's; CORES sets how many campaigns run at the
# same time, TORCH_BACKEND (cpu or cuda) which build of torch the environment takes (docs/installing.md).

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := all

PYTHON ?= python3
CORES ?= 2
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.installed
# A bar and a line per finished chain (workflow_scripts/console); `make LOGGER= TARGET` shows Snakemake's own words.
LOGGER ?= chains
SNAKEMAKE = PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m snakemake $(if $(LOGGER),--logger $(LOGGER)) --cores $(CORES)
VLLM_VENV := .venv-vllm
GPU_VENV := .venv-gpu
TORCH_BACKEND ?= cpu
INSTALL = @PYTHON="$(PYTHON)" envs/install.sh
LOCK_WITH := $(BIN)/uv pip compile --quiet --no-header --no-annotate --generate-hashes \
  --universal --fork-strategy fewest --python-version 3.11 $(UV_FLAGS)
LESS_TORCH := --excludes envs/cuda.txt $(addprefix --no-emit-package ,torch torchvision torchaudio torchcodec)

# Snakemake copies what it reads to the folder for caches, before anything else: to one here where the home folder takes none.
CACHE_TAKES := $(shell cache=$${XDG_CACHE_HOME:-~/.cache}/snakemake; mkdir -p "$$cache" 2>/dev/null && test -w "$$cache" && echo it)
ifeq ($(CACHE_TAKES),)
export XDG_CACHE_HOME := $(CURDIR)/.snakemake/cache
endif

.PHONY: help known test test-whole test-all bench small science review compare reference documents schema gpu-env preflight \
  test-vllm test-slurm install-slurm lint format lock plan status overhead FORCE

##@ The paper
## all: every table and figure: all waves (docs/concepts.md); what `make` does
## figures/fig3.pdf: one figure, from nothing; so too paper/tables/tab06.md, results/..., W4 (one wave)
## science: the experiments that could prove the headline wrong (docs/preregistration.md), on the tiny testbed
science: $(READY)
	$(SNAKEMAKE) -- science

## small: the small testbed's diagnostic runs on a published language model, with controls (docs/concepts.md)
small: $(READY)
	$(SNAKEMAKE) --config testbed=small -- figures/small.pdf

## review: every table and figure from the traces that the repository ships, without training, in review/
review: $(READY)
	@$(BIN)/python -m workflow_scripts.reference.review_reference --cores $(CORES)

## compare: a run of one's own beside the shipped one: equal, or within the spread of seeds
compare: $(READY)
	@$(BIN)/python -m workflow_scripts.reference.compare_runs

##@ Before and during a run
TARGET ?= all

## preflight: what this machine lacks for a run: make preflight [TARGET=W4] [TESTBED=small | PROFILE=slurm]
preflight: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(firstword $(if $(PROFILE)$(filter qwen,$(TESTBED)),$(wildcard $(GPU_VENV)/bin/python)) \
	  $(BIN)/python) -m workflow_scripts.audit.preflight --target $(TARGET) $(addprefix --profile ,$(PROFILE)) \
	  $(addprefix --testbed ,$(or $(TESTBED),$(if $(PROFILE),qwen)))

## plan: what TARGET would cost: make plan TARGET=figures/fig3.pdf [PROFILE=slurm] [CONFIG=testbed=qwen]
plan: $(READY)
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m workflow_scripts.audit.plan_run --target $(TARGET) --cores $(CORES) \
	  $(if $(PROFILE),--profile $(PROFILE)) $(if $(CONFIG),--config $(CONFIG))

## status: what runs now, and which campaigns are done, failed or waiting: make status [TESTBED=tiny] [WAVE=W4]
status: $(READY)
	@$(BIN)/python -m workflow_scripts.audit.show_status $(if $(TESTBED),--testbed $(TESTBED)) $(if $(WAVE),--wave $(WAVE))

## overhead: how much of the chains' wall time is not training: make overhead [TESTBED=tiny] [WAVE=W4]
overhead: $(READY)
	@$(BIN)/python -m workflow_scripts.audit.report_overhead $(if $(TESTBED),--testbed $(TESTBED)) $(if $(WAVE),--wave $(WAVE))

##@ Tests
# No test measures time, so that a busy machine makes none of them fail. What a SLURM needs is in tests/cluster.
## test: the tests
test: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/cluster tests

## test-whole: in full what `make test` tries a part of, long runs, and a published model from a package index
test-whole: $(READY)
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile --ignore tests/cluster -m whole tests

## test-all: both
test-all: test test-whole

## test-vllm: the vLLM sampler on a CPU, in an environment of its own
test-vllm: $(VLLM_VENV)/.installed
	OMP_NUM_THREADS=1 $(VLLM_VENV)/bin/python -m pytest tests/training/samplers/test_vllm_*.py

## test-slurm: the cluster profile on a real SLURM that is installed and started here (root, Debian)
test-slurm: install-slurm
	$(BIN)/python -m tests.cluster.cluster up
	status=0; OMP_NUM_THREADS=1 $(BIN)/python -m pytest tests/cluster || status=$$?; \
	  $(BIN)/python -m tests.cluster.cluster down; exit $$status

## install-slurm: what such a SLURM needs (root; Debian's slurm-wlm), or what is missing where there can be none
install-slurm: $(READY)
	@if [ "$$(id -u)" = 0 ] && ! command -v slurmctld >/dev/null && command -v apt-get >/dev/null; then \
	  apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq slurm-wlm munge; fi
	@reason="$$($(BIN)/python -m tests.cluster.cluster check 2>&1)" || { echo "NOT RUN: $$reason" >&2; exit 1; }

## bench: what things cost, as ratios within one run: make bench [BENCH=grading_costs]
BENCH ?= workflow_costs decision_costs simulation_costs grading_costs training_costs
bench: $(READY)
	@for each in $(BENCH); do OMP_NUM_THREADS=1 $(BIN)/python -m tests.benchmarks.$$each; done

##@ Work on the code
## lint: ruff, snakefmt, snakemake --lint, mypy
lint: $(READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --lint
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/snakemake --lint --config testbed=qwen
	$(BIN)/mypy

## format: ruff and snakefmt, written
format: $(READY)
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile rules

## schema: the schemas that editors read and docs/configuration.md, from the models of settings
schema: $(READY)
	$(BIN)/python -m workflow_scripts.audit.describe_settings

## reference: finished results as the reference that the repository ships, after make all science
reference: $(READY)
	@$(BIN)/python -m workflow_scripts.reference.pack_reference

## documents: the numbers of README and docs/findings.md, from the reference tables and docs/templates/
documents: $(READY)
	@$(BIN)/python -m workflow_scripts.reference.write_documents

##@ Environments
## help: this list
help:
	@awk '/^##@ / {printf "\n%s\n", substr($$0, 5)} \
	  /^## / {colon = index($$0, ":"); printf "  %-18s %s\n", substr($$0, 4, colon - 4), substr($$0, colon + 2)}' Makefile

# Before anything is installed, another Python and words that nobody knows are refused.
known: ANY = $(or $(wildcard $(BIN)/python),$(PYTHON))
known:
	@$(ANY) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || { echo \
	  "error: $(ANY) is $$($(ANY) --version 2>&1); Python 3.11, 3.12 or 3.13 is needed (make PYTHON=...)" >&2; exit 1; }
	@$(ANY) -m workflow_scripts.audit.make_targets $(MAKECMDGOALS)

## .venv/.installed: the default environment alone, which other targets make when they need it
$(READY): envs/cpu.lock | known
	$(INSTALL) cpu $(VENV) $(TORCH_BACKEND)

$(VLLM_VENV)/.installed: envs/vllm.lock | known
	$(INSTALL) vllm $(VLLM_VENV)

$(GPU_VENV)/.installed: envs/gpu.lock | known
	$(INSTALL) gpu $(GPU_VENV)

## gpu-env: the environment of GPU nodes, in .venv-gpu: CUDA's torch, vLLM (docs/cluster.md)
gpu-env: $(GPU_VENV)/.installed

## lock: envs/*.lock from envs/*.in, pins kept where they can be: make lock [UV_FLAGS=--upgrade]
lock: $(READY)
	$(LOCK_WITH) $(LESS_TORCH) envs/cpu.in --output-file envs/cpu.lock
	$(LOCK_WITH) envs/gpu.in --output-file envs/gpu.lock
	$(LOCK_WITH) $(LESS_TORCH) envs/vllm.in --output-file envs/vllm.lock

# Anything else is Snakemake's.
Makefile envs/cpu.lock envs/gpu.lock envs/vllm.lock: ;
%: $(READY) FORCE
	$(SNAKEMAKE) $@
FORCE:
