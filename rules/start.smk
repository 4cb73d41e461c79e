# What a workflow starts with: its hold on the folder, results of one time, and the process that training jobs on this
# machine are forks of. Writes .snakemake/workflow.lock and .snakemake/warm_server.log; a dry run does not come here.

from pathlib import Path

from workflow_scripts.core.file_times import level_file_times
from workflow_scripts.core.processes import hold_until_exit, require_writable
from workflow_scripts.core.warm_start import start_warm_server

# What training and sampling jobs on this machine are forks of: their scripts, and what these import late.
WARM_SCRIPTS = ["train_campaign", "sample_checkpoint"]
WARM_LIBRARIES = ["pyarrow.parquet", "pandas", "jsonschema"]
WARM_RULES = {
    "sample_checkpoint",
    "train_campaign",
    "train_first_campaign",
    "train_final_campaign",
    "train_snapshot_campaign",
}


onstart:
    or_explain(hold_until_exit, Path(".snakemake"))
    or_explain(require_writable, Path("results", TESTBED))
    level_file_times(map(Path, (f"results/{TESTBED}", "figures", "paper/tables")))
    # Each look for jobs to start would plan another one a second later, so that after some hundred jobs Snakemake does
    # nothing but look, on a core of its own. What limits the rate are cores, and `jobs` on a cluster.
    workflow.scheduler.job_rate_limiter = None
    planned = {job.rule.name for job in workflow.dag.needrun_jobs()}
    if workflow.local_exec and BED["training"]["sharding"] is None:
        if WARM_RULES & planned:
            start_warm_server(
                Path(".snakemake"),
                [f"workflow_scripts.training.{script}" for script in WARM_SCRIPTS],
                WARM_LIBRARIES,
            )
