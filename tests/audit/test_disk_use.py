"""What jobs would add to the disk: temporary checkpoints until they are read, and what stays."""

from pathlib import Path

import pytest

from tests.audit.made_up_jobs import campaign, gpu_campaign, job
from workflow_scripts.audit.disk_use import ASSUMED_BYTES, disk_use, output_sizes, recorded_sizes
from workflow_scripts.audit.schedule import schedule
from workflow_scripts.audit.snakemake_jobs import Output, Parallelism

JOBS = [campaign(1), campaign(2, 1), campaign(3, 2)]


@pytest.fixture(autouse=True)
def _an_empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_checkpoints_go_when_they_are_read() -> None:
    """Each campaign: three small files that stay, two checkpoints of 1 MB, and 4 MB of state while it trains."""
    model = Path("results/tiny/models/7B")
    model.mkdir(parents=True)
    (model / "weights").write_bytes(bytes(1_000_000))
    sizes = output_sizes(JOBS, {})
    spans = schedule(JOBS, dict.fromkeys((1, 2, 3), 10.0), Parallelism(1, None))
    use = disk_use(JOBS, spans, sizes)
    assert use.stays == 9 * ASSUMED_BYTES
    # The second one holds its own, its state and `end` of the first.
    assert use.peak == pytest.approx(2e6 + 4e6 + 1e6 + 9 * ASSUMED_BYTES, abs=3 * ASSUMED_BYTES)
    assert use.kinds == {"assumed": 9, "measured": 6}


def test_outputs_of_the_same_class_that_exist_are_measured() -> None:
    for output in JOBS[0].outputs:
        Path(output.path).parent.mkdir(parents=True, exist_ok=True)
        Path(output.path).write_bytes(bytes(700))
    sizes = output_sizes(JOBS[1:], recorded_sizes(JOBS))
    assert set(sizes.values()) == {(700.0, "measured")}


def test_weights_of_published_models() -> None:
    """Fetched in 2 bytes per parameter, trained in 4; 7.6 parameters by 1e9."""
    fetched = job(
        1,
        "fetch_model",
        outputs=(Output("results/tiny/models/7B", False),),
        told={"origin": ["--source", "Qwen/Qwen2.5-7B-Instruct", "--revision", "main"]},
    )
    sizes = output_sizes([fetched, gpu_campaign(2)], {})
    assert sizes["results/tiny/models/7B"] == (pytest.approx(15.2e9, rel=0.01), "formula")
    assert sizes[gpu_campaign(2).outputs[3].path] == (pytest.approx(30.5e9, rel=0.01), "formula")


def test_a_model_that_is_yet_to_be_pre_trained() -> None:
    """The tiny 7B's 355 thousand parameters in float32, and a campaign's checkpoint as large as what it starts from."""
    shape = {
        "family": "qwen2",
        "hidden_size": 96,
        "intermediate_size": 256,
        "layers": 3,
        "attention_heads": 4,
        "key_value_heads": 2,
    }
    model = job(
        1,
        "pretrain_model",
        outputs=(Output("results/tiny/models/7B", False),),
        told={"model": shape, "pretraining": {"vocabulary_size": 512}},
    )
    sizes = output_sizes([model, campaign(2)], {})
    assert sizes["results/tiny/models/7B"] == (pytest.approx(1.42e6, rel=0.01), "formula")
    assert sizes[campaign(2).outputs[3].path] == sizes["results/tiny/models/7B"]
