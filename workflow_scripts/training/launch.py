"""Start a training script in several processes: through accelerate on GPUs, through torchrun on processors.

Either places the processes and tells each its rank; the script shards the policy itself. accelerate's own FSDP is not
asked for: without GPUs it falls back to replicated weights and does not say so.

    python -m workflow_scripts.training.launch --processes 8 --device cuda workflow_scripts.training.train_campaign ...

SIGTERM and SIGUSR1 go on to the script's processes; where these end as interrupted, so does the launcher (status 75).
"""

import argparse
import importlib.util
import os
import runpy
import shlex
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.training.resumption.interruption import INTERRUPTED

# torchrun's own list without SIGTERM. At that signal it would give its processes 30 s, and none at a second one.
_LAUNCHERS_SIGNALS = "SIGINT,SIGHUP,SIGQUIT"
_PASSED_ON = (signal.SIGTERM, signal.SIGUSR1)


def launch_command(
    module: str,
    arguments: Sequence[str],
    processes: int,
    device: str,
    machines: int = 1,
    machine_rank: int = 0,
    main_address: str | None = None,
    main_port: int | None = None,
) -> list[str]:
    """The command that runs ``python -m module arguments`` in ``processes`` processes over all ``machines``.

    Each process gets RANK, LOCAL_RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT. Every machine runs the command, with
    its own ``machine_rank`` and the address and port of the first.
    """
    if processes < 1 or machines < 1 or processes % machines:
        raise UserError(f"--processes: {processes} processes cannot be divided equally between {machines} machines")
    if not 0 <= machine_rank < machines:
        raise UserError(f"--machine-rank: {machine_rank} is not one of 0 to {machines - 1}")
    if machines > 1 and (main_address is None or main_port is None):
        raise UserError("--main-address, --main-port: are needed where there is more than one machine")
    if device == "cuda":
        words = accelerate_words(processes, machines, machine_rank, main_address, main_port or 0)
    elif device == "cpu":
        words = torchrun_words(processes, machines, machine_rank, main_address, main_port)
    else:
        raise UserError(f"--device: {device!r} is unknown; known: cuda, cpu")
    return [sys.executable, "-m", *words, module, *arguments]


def accelerate_words(processes: int, machines: int, machine_rank: int, address: str | None, port: int) -> list[str]:
    """Every setting is given, so that no configuration file in somebody's home folder has a say.

    Precision is the script's: weights in float32, layers in bfloat16. Port 0: any that is free.
    """
    options = {
        "num_processes": processes,
        "num_machines": machines,
        "machine_rank": machine_rank,
        "main_process_ip": address or "127.0.0.1",
        "main_process_port": port,
        "mixed_precision": "no",
        "dynamo_backend": "no",
        "num_cpu_threads_per_process": 1,
    }
    several = ["--multi_gpu"] if processes > 1 else []
    words = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return ["accelerate.commands.launch", *several, *words, "--module"]


def torchrun_words(
    processes: int, machines: int, machine_rank: int, address: str | None, port: int | None
) -> list[str]:
    words = ["torch.distributed.run", "--nproc-per-node", str(processes // machines)]
    if machines == 1:
        return [*words, "--standalone", "-m"]
    place = ["--nnodes", machines, "--node-rank", machine_rank, "--master-addr", address, "--master-port", port]
    return [*words, *map(str, place), "-m"]


@contextmanager
def signals_passed_on() -> Iterator[list[int]]:
    """Pass SIGTERM and SIGUSR1 to the processes that this one started; yields the signals that came.

    The launcher waits on: its processes decide when to end, and it ends with them.
    """
    import psutil

    came: list[int] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        for child in psutil.Process().children():
            with suppress(psutil.Error):
                child.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
    try:
        yield came
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def launch(command: Sequence[str]) -> None:
    """Run what ``launch_command`` gave, in this process; exits as interrupted where the script's processes were."""
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    os.environ["PET_SIGNALS_TO_HANDLE"] = _LAUNCHERS_SIGNALS
    _, _, module, *arguments = command
    sys.argv = [module, *arguments]
    with signals_passed_on() as came:
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        except ChildFailedError as error:
            if was_interrupted([failure.exitcode for failure in error.failures.values()], bool(came)):
                sys.exit(INTERRUPTED)
            raise


def was_interrupted(statuses: Sequence[int], asked: bool) -> bool:
    """Whether processes with these exit statuses left at a step boundary, or when ``asked`` to, before they began."""
    return INTERRUPTED in statuses or (asked and set(statuses) <= {-number for number in _PASSED_ON})


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, required=True, help="over all machines; on GPUs one each")
    parser.add_argument("--device", required=True, help="cuda or cpu")
    parser.add_argument("--machines", type=int, default=1)
    parser.add_argument("--machine-rank", type=int, default=0, help="which of the machines this is, from 0")
    parser.add_argument("--main-address", help="address of machine 0, where there are several")
    parser.add_argument("--main-port", type=int, help="a free port of machine 0, where there are several")
    parser.add_argument("--print", action="store_true", help="print the command and do not run it")
    parser.add_argument("module", help="script to run, as for python -m")
    parser.add_argument("arguments", nargs=argparse.REMAINDER, help="what the script gets")
    return parser.parse_args()


def main() -> None:
    arguments = parse_arguments()
    command = launch_command(
        arguments.module,
        arguments.arguments,
        arguments.processes,
        arguments.device,
        arguments.machines,
        arguments.machine_rank,
        arguments.main_address,
        arguments.main_port,
    )
    if arguments.print:
        print(shlex.join(command))
        return
    if importlib.util.find_spec(arguments.module) is None:
        raise UserError(f"{arguments.module}: no such module; name a script as for python -m")
    launch(command)


if __name__ == "__main__":
    run(main)
