"""A folder that was sealed says which of its files is no longer the one that was written."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.core.damage import DAMAGES
from workflow_scripts.core.digests import DIGESTS, check_seal, seal, sealed_digests
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import sha256_file

FILES = {"config.json": b"{}", "model.safetensors": bytes(range(1, 256)) * 40, ".hidden": b"of somebody else"}


@pytest.fixture
def sealed(tmp_path: Path) -> Path:
    for name, content in FILES.items():
        (tmp_path / name).write_bytes(content)
    seal(tmp_path)
    return tmp_path


def test_a_whole_folder_passes_and_sha256sum_reads_its_digests(sealed: Path) -> None:
    check_seal(sealed)
    assert sealed_digests(sealed) == {name: sha256_file(sealed / name) for name in ("config.json", "model.safetensors")}
    (sealed / ".hidden").write_bytes(b"another")
    (sealed / "notes.txt").write_text("somebody's own")
    check_seal(sealed)
    seal(sealed)
    done = subprocess.run(["sha256sum", "--check", DIGESTS], cwd=sealed, capture_output=True, text=True, check=True)
    assert done.stdout == "config.json: OK\nmodel.safetensors: OK\nnotes.txt: OK\n"


def test_a_folder_that_nobody_sealed_is_not_checked(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"downloaded")
    assert sealed_digests(tmp_path) is None
    check_seal(tmp_path)
    check_seal(tmp_path / "nowhere")


@pytest.mark.parametrize("damage", [*DAMAGES.values(), Path.unlink], ids=[*DAMAGES, "gone"])
def test_a_file_that_was_damaged_is_named(sealed: Path, damage: Callable[[Path], None]) -> None:
    damage(sealed / "model.safetensors")
    with pytest.raises(UserError, match=rf"/model\.safetensors: is damaged: .* delete {sealed} so that it is made aga"):
        check_seal(sealed)
    check_seal(sealed, weights=False)
    damage(sealed / "config.json")
    with pytest.raises(UserError, match=r"/config\.json: is damaged"):
        check_seal(sealed, weights=False)


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_digests_that_were_damaged_do_not_pass(sealed: Path, damage: Callable[[Path], None]) -> None:
    damage(sealed / DIGESTS)
    with pytest.raises(UserError, match="is damaged"):
        check_seal(sealed)
    (sealed / DIGESTS).write_bytes(b"")
    with pytest.raises(UserError, match=rf"/{DIGESTS}: is damaged; delete {sealed} so that it is made again"):
        check_seal(sealed)
