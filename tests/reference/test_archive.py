"""The shipped results: what is packed, that equal files give equal bytes, and what is refused."""

import io
import tarfile
from pathlib import Path

import pytest

from tests.makers.carried import make_chains
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import sha256_file, write_json
from workflow_scripts.core.schemas import validate
from workflow_scripts.reference.archive import built_digests, packed_files, unpack, write_archive
from workflow_scripts.reference.pack_reference import describe

TRACES = [trace for trace in make_chains() if trace["identity"]["campaign"] <= 2]


def write_project(folder: Path) -> Path:
    for trace in TRACES:
        own = trace["identity"]
        place = folder / f"results/tiny/chains/{own['chain']}/{own['controller']}/s{own['seed']}/c{own['campaign']:02d}"
        write_json(place / "trace.json", trace)
        write_json(place / "plan.json", trace["plan"])
        (place / "end").mkdir()
        (place / "end/model.safetensors").write_bytes(b"weights")
        (place / "rollouts.parquet").write_bytes(b"programs")
    for name in ("config.yaml", "testbeds/tiny.yaml", "figures/fig3.pdf", "paper/tables/tab06.md"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return folder


def test_records_are_packed_weights_are_not_and_programs_of_the_main_chains_alone(tmp_path: Path) -> None:
    project = write_project(tmp_path)
    found = packed_files(project, "tiny")
    assert {path.name for path in found} == {"config.yaml", "tiny.yaml", "trace.json", "plan.json", "rollouts.parquet"}
    programs = [path for path in found if path.name == "rollouts.parquet"]
    assert (
        {path.parts[4] for path in programs}
        == {"first", "A0", "NULL"}
        < {path.parts[4] for path in found if "chains" in path.parts}
    )
    assert len(found) == 2 + 2 * len(TRACES) + len(programs)
    assert found == sorted(found)


def test_equal_files_give_equal_bytes_and_come_out_as_they_went_in(tmp_path: Path) -> None:
    project = write_project(tmp_path / "project")
    files = packed_files(project, "tiny")
    for name in ("one", "two"):
        write_archive(project, files, tmp_path / name)
        (project / files[0]).touch()
    assert sha256_file(tmp_path / "one") == sha256_file(tmp_path / "two")
    unpack(tmp_path / "one", tmp_path / "out")
    for name in files:
        assert (tmp_path / "out" / name).read_bytes() == (project / name).read_bytes()


def test_what_lies_outside_is_not_unpacked(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "bad", "w:xz") as archive:
        member = tarfile.TarInfo("../outside")
        member.size = 1
        archive.addfile(member, io.BytesIO(b"x"))
    with pytest.raises(UserError, match=r"bad: cannot be unpacked: .*outside"):
        unpack(tmp_path / "bad", tmp_path / "out")
    assert not (tmp_path / "outside").exists()


def test_a_damaged_and_a_missing_archive_are_named(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"none")
    with pytest.raises(UserError, match="bad: cannot be unpacked"):
        unpack(tmp_path / "bad", tmp_path / "out")
    with pytest.raises(UserError, match="none: is missing"):
        unpack(tmp_path / "none", tmp_path / "out")


def test_the_manifest_has_machines_and_digests(tmp_path: Path) -> None:
    project = write_project(tmp_path)
    manifest = describe(project, packed_files(project, "tiny"), "tiny", "0" * 40, ["all"])
    validate(manifest, "reference_manifest", source="manifest")
    assert manifest["campaigns"] == len(TRACES)
    assert manifest["machines"] == [TRACES[0]["versions"]]
    tables = {name: sha256_file(project / name) for name in ("figures/fig3.pdf", "paper/tables/tab06.md")}
    assert manifest["built"] == tables
    (project / "figures/fig3.pdf").unlink()
    assert built_digests(project, tables) == {"paper/tables/tab06.md": tables["paper/tables/tab06.md"]}


def test_nothing_to_pack_is_one_line(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="tiny: has no trace; make the results first"):
        describe(tmp_path, packed_files(tmp_path, "tiny"), "tiny", "0" * 40, ["all"])
    project = write_project(tmp_path)
    for name in ("figures/fig3.pdf", "paper/tables/tab06.md"):
        (project / name).unlink()
    with pytest.raises(UserError, match="has no tables and no figures; make all science first"):
        describe(project, packed_files(project, "tiny"), "tiny", "0" * 40, ["all", "science"])
