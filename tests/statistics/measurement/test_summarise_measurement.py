"""The whole summary: gaps by new verdicts, chains left out, and the script on files as the rules lay them out."""

from pathlib import Path

import pandas as pd
import pytest

from tests.makers.measurement import (
    CAMPAIGNS,
    CONTROLLERS,
    PROBE,
    SEEDS,
    STILL,
    make_chains,
    make_grades,
    make_measurements,
    make_regraded,
    make_rollouts,
)
from tests.makers.scripts import run_script
from workflow_scripts.core.campaign_folders import campaign_folder
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.statistics.intervals import Bootstrap
from workflow_scripts.statistics.measurement.measurement import Chosen, Measurements, identity, summarise
from workflow_scripts.statistics.measurement.summarise_measurement import read_passes, read_resampled

BOOTSTRAP = Bootstrap(level=0.95, max_atoms=1000, resamples=200)
CHOSEN = Chosen("W4", CONTROLLERS, STILL, SEEDS, CAMPAIGNS)
MODULE = "workflow_scripts.statistics.measurement.summarise_measurement"


def test_new_verdicts_move_the_gap_by_what_they_move_the_peaks() -> None:
    found = summarise(CHOSEN, make_chains(), make_measurements(), BOOTSTRAP)
    assert found["grader"]["inconsistent_programs"] == 1
    for name in CONTROLLERS:
        own = found["grader"]["gaps"][name]
        assert -0.0101 < own["difference"]["mean"] < 0
        assert own["regraded"]["mean"] - own["stored"]["mean"] == pytest.approx(own["difference"]["mean"])
    assert found["peaks"]["probe"] == PROBE
    assert (found["still"], found["campaigns"], found["excluded"]) == (STILL, CAMPAIGNS, [])


def test_an_unfinished_chain_is_left_out_and_named() -> None:
    made = [one for one in make_chains() if identity(one) != ("A3", 2, 3)]
    found = summarise(CHOSEN, made, make_measurements(), BOOTSTRAP)
    assert [(one["controller"], one["seed"], one["campaign"]) for one in found["excluded"]] == [("A3", 2, 3)]
    assert found["gaps"]["steps"]["A3"]["observed"]["n"] == 2
    assert found["gaps"]["steps"]["A3"]["share_of_still"]["n"] == 2


def test_what_was_not_measured_is_named() -> None:
    made, measured = make_chains(), make_measurements()
    rates = {key: own for key, own in measured.regraded_rates.items() if key != ("A0", 3, 2)}
    partly = Measurements(measured.regraded, rates, measured.passes, measured.resampled, measured.probe)
    with pytest.raises(UserError, match=r"--regraded: campaign \('A0', 3, 2\) was not graded again"):
        summarise(CHOSEN, made, partly, BOOTSTRAP)
    with pytest.raises(UserError, match="--traces: controller NULL: no chain is complete"):
        summarise(CHOSEN, [one for one in made if one["identity"]["controller"] != STILL], measured, BOOTSTRAP)


def write_inputs(folder: Path) -> dict[str, list[Path]]:
    """Traces, rollouts, grades and the regraded rollouts below ``folder``, by the option that names them."""
    paths: dict[str, list[Path]] = {"traces": [], "rollouts": [], "grades": [], "regraded": []}
    regraded = make_regraded()
    for trace in make_chains():
        name, seed, campaign = identity(trace)
        own = folder / campaign_folder("chain", name, seed, campaign)
        write_json(own / "trace.json", trace, "trace")
        paths["traces"].append(own / "trace.json")
        if name == STILL:
            pd.DataFrame(make_rollouts(trace)).to_parquet(own / "rollouts.parquet")
            paths["rollouts"].append(own / "rollouts.parquet")
        else:
            regraded["pass_rates"][str(own / "rollouts.parquet")] = list(
                make_measurements().regraded_rates[name, seed, campaign]
            )
    for name in CONTROLLERS:
        for seed in SEEDS:
            for which in ("peak", "end"):
                path = folder / f"evaluations/chain/{name}/s{seed}/c03-{which}/probe.grades.json"
                write_json(path, grades_file(name, seed, which), "grades")
                paths["grades"].append(path)
    write_json(folder / "regraded.json", regraded, "regraded")
    paths["regraded"].append(folder / "regraded.json")
    return paths


def grades_file(name: str, seed: int, which: str) -> dict[str, object]:
    verdicts = ("passed", "failed", "error", "time_limit", "wall_limit", "memory_limit", "output_limit", "forbidden")
    return {
        "schema_version": 1,
        "samples": [],
        "problems": make_grades(name, seed, which),
        "verdicts": dict.fromkeys(verdicts, 0),
        "unjudged": 0,
        "isolation": {},
        "unsplit_asserts_allowed": False,
        "limits": make_regraded()["limits"],
        "inputs": {"problems": "0" * 64, "samples": "0" * 64},
    }


def test_the_script_writes_what_the_function_finds(tmp_path: Path) -> None:
    paths, output = write_inputs(tmp_path), tmp_path / "measurement.json"
    options = ["--wave", "W4", "--controllers", *CONTROLLERS, "--still", STILL, "--seeds", *SEEDS]
    options += ["--campaigns", CAMPAIGNS, "--confidence", 0.95, "--max-atoms", 1000, "--resamples", 200]
    for option, files in paths.items():
        options += [f"--{option}", *files]
    done = run_script(MODULE, *options, "--output", output)
    assert done.returncode == 0, done.stderr
    written = read_json(output, "measurement")
    assert len(written.pop("inputs")) == sum(map(len, paths.values()))
    assert written == summarise(CHOSEN, make_chains(), make_measurements(), BOOTSTRAP)


def test_files_whose_path_says_too_little_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"--grades: grades.json: is not CONTROLLER/sSEED/cNN-peak \(or -end\)"):
        read_resampled(["grades.json"])
    with pytest.raises(UserError, match=r"--rollouts: rollouts.parquet: is not sSEED/cNN/rollouts.parquet"):
        read_passes(["rollouts.parquet"])
    paths = []
    for which, split in (("peak", "probe"), ("end", "main")):
        paths.append(str(tmp_path / f"A0/s1/c03-{which}/{split}.grades.json"))
        write_json(paths[-1], grades_file("A0", 1, which), "grades")
    with pytest.raises(UserError, match="evaluations differ in split, problems or samples"):
        read_resampled(paths)
