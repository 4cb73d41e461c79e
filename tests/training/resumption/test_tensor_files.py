"""Tensors return as they were written, and what the disk refuses is an error with a number and a name."""

import resource
import signal
from errno import EFBIG
from pathlib import Path

import pytest
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file

from workflow_scripts.training.resumption.tensor_files import write_tensors


def test_tensors_return_as_they_were_written(tmp_path: Path) -> None:
    tensors = {"a": torch.arange(3.0), "b": torch.zeros(2, 2)}
    write_tensors(tmp_path / "weights", tensors, {"format": "pt"})
    found = load_file(tmp_path / "weights")
    assert found.keys() == tensors.keys()
    assert all(torch.equal(found[name], tensor) for name, tensor in tensors.items())


def test_a_write_that_the_disk_refuses_is_an_os_error_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "weights"
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    whole = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, whole[1]))
    try:
        with pytest.raises(OSError, match="File too large") as caught:
            write_tensors(path, {"a": torch.zeros(10_000)}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, whole)
        signal.signal(signal.SIGXFSZ, before)
    assert (caught.value.errno, caught.value.filename) == (EFBIG, str(path))


def test_a_defect_of_the_tensors_stays_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise SafetensorError("no tensors")

    monkeypatch.setattr("workflow_scripts.training.resumption.tensor_files.save_file", refuse)
    with pytest.raises(SafetensorError, match="no tensors"):
        write_tensors(tmp_path / "weights", {}, {})
