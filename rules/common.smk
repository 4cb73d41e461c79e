# Reads and validates the configuration; makes what the stages' rules ask, by workflow_scripts/graph: the study (waves,
# chains, campaigns, folders), its evaluations, what its scripts are told, what its jobs request of a cluster and which of
# them share an allocation, and what tables and figures are made from. Writes nothing.

import json
import sys
from pathlib import Path

sys.path.insert(0, str(workflow.basedir))

from workflow_scripts.core.campaign_folders import SHARED
from workflow_scripts.graph import setup
from workflow_scripts.graph.options import COMPILED_PROGRAMS, SANDBOX, code, option
from workflow_scripts.graph.study import snapshot_folder

setup.check_files(workflow)


configfile: "config.yaml"


study, evaluations, options, requests, allocations, reports = setup.set_up(
    workflow, config
)


wildcard_constraints:
    testbed=study.testbed,
    domain="|".join(study.beds),
    split="[a-z]+",
    chain="|".join(study.chains),
    owner="|".join([SHARED, *config["controllers"]]),
    seed=r"\d+",
    campaign=r"\d{2}",
    wave=r"W\d+[A-Za-z0-9_.-]*",  # any: one that is not declared is answered with the nearest that is
