"""What a campaign's trace says of the machine."""

import platform
from pathlib import Path

from workflow_scripts.training.campaign_files import cpu_model


def test_the_processors_name_is_linuxs_or_else_its_architecture(tmp_path: Path) -> None:
    described = tmp_path / "cpuinfo"
    assert cpu_model(described) == platform.machine()
    described.write_text("processor\t: 0\nmodel\t\t: 85\nmodel name\t: Some CPU @ 2.5GHz: rev 2\nprocessor\t: 1\n")
    assert cpu_model(described) == "Some CPU @ 2.5GHz: rev 2"
    described.write_text("processor\t: 0\nFeatures\t: fp asimd\n")
    assert cpu_model(described) == platform.machine()
