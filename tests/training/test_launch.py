"""The commands that start several processes; torchrun's is run in test_sharding."""

import shlex
import subprocess
import sys

import pytest

from workflow_scripts.core.errors import UserError
from workflow_scripts.training.launch import launch_command


def test_processors_are_given_to_torchrun() -> None:
    command = launch_command("a.b", ["--x", "1"], processes=2, device="cpu")
    assert command[0] == sys.executable
    assert shlex.join(command[1:]) == "-m torch.distributed.run --nproc-per-node 2 --standalone -m a.b --x 1"
    several = launch_command("a.b", [], 4, "cpu", 2, 1, "10.0.0.1", 29500)
    assert shlex.join(several[3:]) == (
        "--nproc-per-node 2 --nnodes 2 --node-rank 1 --master-addr 10.0.0.1 --master-port 29500 -m a.b"
    )


def test_accelerate_understands_what_it_is_given() -> None:
    from accelerate.commands.launch import launch_command_parser

    command = launch_command("a.b", ["--x", "1"], 16, "cuda", 2, 1, "10.0.0.1", 29500)
    assert command[1:3] == ["-m", "accelerate.commands.launch"]
    parsed = launch_command_parser().parse_args(command[3:])
    assert (parsed.num_processes, parsed.num_machines, parsed.machine_rank) == (16, 2, 1)
    assert (parsed.main_process_ip, parsed.main_process_port) == ("10.0.0.1", 29500)
    assert (parsed.multi_gpu, parsed.module, parsed.use_fsdp, parsed.mixed_precision) == (True, True, False, "no")
    assert (parsed.training_script, parsed.training_script_args) == ("a.b", ["--x", "1"])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"processes": 0}, "--processes: 0 processes"),
        ({"processes": 3, "machines": 2}, "--processes: 3 processes cannot be divided equally between 2"),
        ({"machine_rank": 1}, "--machine-rank: 1 is not one of 0 to 0"),
        ({"machines": 2}, "--main-address, --main-port: are needed"),
        ({"device": "tpu"}, "--device: 'tpu' is unknown; known: cuda, cpu"),
    ],
)
def test_what_cannot_be_started_is_named(changes: dict, words: str) -> None:
    with pytest.raises(UserError) as caught:
        launch_command("a.b", [], **({"processes": 2, "device": "cpu"} | changes))
    assert str(caught.value).startswith(words)


def test_the_command_can_be_looked_at_and_a_wrong_name_ends_in_one_line() -> None:
    launch = [sys.executable, "-m", "workflow_scripts.training.launch", "--processes", "2", "--device", "cpu"]
    shown = subprocess.run([*launch, "--print", "a.b", "--x", "1"], capture_output=True, text=True, check=True)
    assert shlex.split(shown.stdout) == launch_command("a.b", ["--x", "1"], 2, "cpu")
    failed = subprocess.run([*launch, "no_such_script"], capture_output=True, text=True, check=False)
    assert (failed.returncode, failed.stderr) == (
        1,
        "error: no_such_script: no such module; name a script as for python -m\n",
    )
