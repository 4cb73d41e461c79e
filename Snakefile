# The artifact as one static graph: problems and models -> chains of campaigns -> statistics -> tables and figures.
# Everything that a user sets is in config.yaml; docs/reproducing.md says what waves, chains and campaigns are.

from snakemake.utils import min_version

min_version("9.0")


include: "rules/common.smk"
include: "rules/command_lines.smk"
include: "rules/decision_inputs.smk"
include: "rules/summary_inputs.smk"
include: "rules/table_inputs.smk"
include: "rules/provenance.smk"


rule all:
    default_target: True
    input:
        [f"figures/{name}.pdf" for name in (*FIGURE_WAVES, "fig2")],
        [f"paper/tables/{name}.md" for name in TABLES],
        f"results/{TESTBED}/wave_aggregate.json",
    localrule: True


# `campaigns: frozen` makes existing traces the leaves: statistics, tables and figures can be rebuilt, nothing can train.
if config["campaigns"] == "train":

    if "sources" in BED["problems"]:

        include: "rules/published_problems.smk"

    else:

        include: "rules/problems.smk"

    if HUB_MODELS:

        include: "rules/fetched_models.smk"

    if TINY_MODELS:

        include: "rules/models.smk"
    include: "rules/control.smk"
    include: "rules/training.smk"
    include: "rules/evaluation.smk"


include: "rules/grading.smk"
include: "rules/statistics.smk"
include: "rules/releases.smk"
include: "rules/evaluation_summaries.smk"
include: "rules/tables.smk"
include: "rules/figures.smk"
include: "rules/simulation.smk"
