"""Table 3: which declared waves evaluate which level."""

import csv
from pathlib import Path

import pytest
import yaml

from tests.tables import built_tables
from tests.tables.built_tables import assert_sound_latex, write_files
from workflow_scripts.core.configuration import chain_name, read_configuration, seeds_of
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import read_json, write_json
from workflow_scripts.tables import tab03


def declarations():
    """The waves of config.yaml as the workflow passes them."""
    config = read_configuration()
    models = config["testbeds"]["tiny"]["models"]
    return {
        name: wave
        | {
            "seeds": seeds_of(config, name),
            "chain": chain_name(config, wave),
            "model_name": models[wave["model"]]["name"],
        }
        for name, wave in config["waves"].items()
    }


def build(waves):
    return built_tables.build("tab03", waves=waves)


def waves_of(records, level):
    return [record["wave"] for record in records if record["row"] == level and record["status"] == "declared"]


def test_the_declared_waves_by_level():
    records, table = build(declarations())
    assert waves_of(records, "within") == ["W8", "W12", "W18"]
    assert waves_of(records, "update") == ["W17", "W17s", "W18"]
    # W104 holds A3 beside the controls that it is compared with.
    assert {"W4", "W7", "W17", "W104"} <= set(waves_of(records, "between"))
    assert not {"W0", "W6", "W14"} & set(waves_of(records, "between"))
    none = next(note for note in table.notes if note.startswith("Declared waves that evaluate none"))
    assert all(name in none for name in ("W0,", "W14", "W6"))


def test_only_chains_of_the_same_protocol_compare():
    records, table = build(declarations())
    compared = set(table.panels[1].frame["Wave"])
    assert {"W4", "W7", "W8", "W17", "W18"} <= compared
    assert not {"W1", "W1v2", "W2", "W3"} & compared  # fewer campaigns, or longer ones
    care = next(record for record in records if (record["row"], record["wave"]) == ("between", "W17"))
    assert (care["controllers"], care["model"]) == ("A3", "tiny-qwen2-404k")


def test_a_level_that_no_wave_evaluates_says_so():
    records, table = build({name: wave for name, wave in declarations().items() if name in ("W4", "W17")})
    within = [record for record in records if record["row"] == "within"]
    assert [record["status"] for record in within] == ["not run: no declared wave evaluates this level"]
    assert table.panels[0].frame["Evaluated in"].iloc[2] == within[0]["status"]
    assert within[0]["published_section"] == "5.8"


def test_every_controller_of_a_level_is_declared():
    declared = yaml.safe_load(Path("config.yaml").read_text())["controllers"]
    for level in tab03.LEVELS:
        assert set(level.controllers) <= set(declared)


def test_command_line(tmp_path, monkeypatch):
    files = write_files("tab03", tmp_path, monkeypatch, waves=declarations())
    assert_sound_latex(files["tex"])
    rows = list(csv.DictReader(files["csv"].splitlines()))
    assert {row["row"] for row in rows} == {"between", "within", "update"}
    write_json(tmp_path / "broken.json", {"W4": {"model": "7B"}})
    with pytest.raises(UserError, match="W4: 'about' is a required property"):
        read_json(tmp_path / "broken.json", "wave_declarations")
