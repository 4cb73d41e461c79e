"""From config.yaml and testbeds/ to what the rules ask: rules/common.smk calls these two as Snakemake reads it."""

import os
from pathlib import Path
from typing import Any

from workflow_scripts.control.declared_controllers import validate_controllers
from workflow_scripts.core.configuration import add_testbeds, multiply_out, validate_configuration
from workflow_scripts.core.processes import hold_until_exit, prepare_environment, require_folder, require_writable
from workflow_scripts.core.yaml_files import read_yaml, require_unique_keys
from workflow_scripts.cost.hardware import accelerator
from workflow_scripts.graph import engine
from workflow_scripts.graph.allocations import Allocations
from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.explained import explained
from workflow_scripts.graph.options import Options
from workflow_scripts.graph.orphaned_jobs import cancel_orphans
from workflow_scripts.graph.reports import Reports
from workflow_scripts.graph.requests import Requests
from workflow_scripts.graph.study import Study

_RECORDS = Path(".snakemake/metadata")
_OUTPUTS = [Path("figures"), Path("paper/tables")]

Parts = tuple[Study, Evaluations, Options, Requests, Allocations, Reports]


@explained
def check_files(workflow: Any) -> None:
    """Where YAML is broken Snakemake names no line, and of a key that stands twice it takes the last."""
    if workflow.is_main_process:
        if Path("config.yaml").exists():
            read_yaml("config.yaml")
        require_unique_keys(workflow.configfiles)


@explained
def set_up(workflow: Any, config: dict[str, Any]) -> Parts:
    """Validate the configuration and make what the rules ask; what a cluster's job has done already it leaves out."""
    add_testbeds(config)
    multiply_out(config)
    validate_configuration(config)
    validate_controllers(config["controllers"])
    prepare_environment(Path(workflow.basedir))
    study = Study(config)
    require_folder(Path(study.results))
    engine.ignore_file_times_without_records(_RECORDS)
    evaluations = Evaluations(study)
    allocations = Allocations(study, evaluations)
    if workflow.remote_exec:
        engine.restart_with(lambda words: allocations.remaining(words, os.environ))
    reports = Reports(study, evaluations)
    return study, evaluations, Options(study), Requests(study, evaluations), allocations, reports


@explained
def start(workflow: Any, study: Study) -> None:
    """What a run begins with: its hold on the folder, an end to what a killed run left in a cluster's queue, results of
    sound times, what its training jobs are forks of, and what a person is told of it (workflow_scripts/console).

    Writes .snakemake/workflow.lock and .snakemake/warm_server.log; a dry run does not come here.
    """
    hold_until_exit(Path(".snakemake"))
    require_writable(Path(study.results))
    if not workflow.local_exec and cancel_orphans(Path.cwd()):
        engine.start_again(workflow)
    engine.settle_file_times(_RECORDS, [Path(study.results), *_OUTPUTS])
    engine.look_for_jobs_when_there_are_some(workflow)
    if study.bed["training"]["sharding"] is None:
        engine.start_warm_server_for(workflow, Path(".snakemake"))
    engine.tell_what_is_planned(workflow, Path(study.results), accelerator(study.config["cluster"]["hardware"]))
