# The artifact as one static graph: problems and models -> chains of campaigns -> statistics -> tables and figures.
# Everything that a user sets is in config.yaml; what a wave, chain or campaign is: docs/reproducing.md.

from snakemake.utils import min_version

min_version("9.0")


configfile: workflow.source_path("config.yaml")


include: "rules/common.smk"


if config["campaigns"] == "train":

    include: "rules/problems.smk"
    include: "rules/models.smk"
    include: "rules/control.smk"
    include: "rules/training.smk"


include: "rules/grading.smk"
include: "rules/statistics.smk"
include: "rules/tables.smk"
include: "rules/figures.smk"


rule all:
    default_target: True
    localrule: True
    input:
        "figures/fig3.pdf",
        "paper/tables/tab06.md",
