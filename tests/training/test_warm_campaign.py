"""A campaign in a fork of the warm server leaves what the plain command leaves, to the byte."""

import subprocess
from pathlib import Path

from tests.training import test_train_campaign as campaigns
from tests.warm.warm_workflow import open_workflow
from workflow_scripts.core.files import read_json

inputs = campaigns.inputs

SERVED = "workflow_scripts.training.train_campaign"
PRELOADED = "pyarrow.parquet pandas jsonschema"


def test_warm_and_cold_campaigns_are_equal(inputs: Path, tmp_path: Path) -> None:
    layers = ["rlimits", "no_new_privs", "capabilities", "landlock", "seccomp", "split_tests"]
    with open_workflow(tmp_path, SERVED, PRELOADED) as workflow:
        for output in ("cold", "warm-1", "warm-2"):
            interpreter, flag, script, *options = campaigns.command(inputs, tmp_path / output / "c01")
            start = [flag, script] if output == "cold" else ["-S", flag, "workflow_scripts.warm.run_job", script]
            subprocess.run(
                [interpreter, *start, *options, "--required-layers", *layers],
                env=workflow.environment, cwd=tmp_path, check=True, capture_output=True,
            )  # fmt: skip
        assert workflow.log().count(f"{SERVED} is process") == 2, workflow.log()
        assert workflow.log().count("\n") == 2, workflow.log()
    plain = tmp_path / "cold" / "c01"
    assert set(read_json(plain / "trace.json")["isolation"]) >= set(layers)
    # What is hidden says who wrote here, and when.
    names = {str(path.relative_to(plain)) for path in plain.rglob("[!.]*") if path.is_file()} - {"timing.json"}
    assert {"trace.json", "rollouts.parquet", "peak/model.safetensors", "end/model.safetensors"} <= names
    for other in ("warm-1", "warm-2"):
        for name in names:
            assert (plain / name).read_bytes() == (tmp_path / other / "c01" / name).read_bytes(), (other, name)
