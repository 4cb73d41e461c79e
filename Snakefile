# The artifact as one static graph: problems and models -> chains of campaigns -> statistics -> tables and figures.
# Everything that a user sets is in config.yaml and testbeds/; docs/concepts.md says what waves, chains and campaigns are.

from snakemake.utils import min_version

min_version("9.0")


include: "rules/common.smk"


rule all:
    default_target: True
    input:
        [f"figures/{name}.pdf" for name in (*reports.figures, "fig2")],
        [f"paper/tables/{name}.md" for name in reports.tables],
        "paper/tables/audit.md",
        ["paper/tables/power.md"] if reports.power_wave else [],
        f"{study.results}/wave_aggregate.json",
    localrule: True


# `campaigns: frozen` makes existing traces the leaves: statistics, tables and figures can be rebuilt, nothing can train.
if config["campaigns"] == "train":

    include: "rules/problems.smk"
    include: "rules/models.smk"
    include: "rules/control.smk"
    include: "rules/training.smk"
    include: "rules/evaluation.smk"


include: "rules/grading.smk"
include: "rules/statistics.smk"
include: "rules/tables.smk"
include: "rules/published.smk"
include: "rules/figures.smk"
include: "rules/simulation.smk"


onstart:
    setup.start(workflow, study)
