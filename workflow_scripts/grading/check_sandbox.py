"""Show which isolation layers this machine offers to model-written programs, and test the grader's verdicts."""

import argparse
import sys

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.code_grader import CodeGrader, InfrastructureError, Limits


def check(grader: CodeGrader) -> list[str]:
    """Lines that state each layer and the self-test's result; raises what ``CodeGrader.self_test`` raises."""
    lines = [f"{layer}: {state}" for layer, state in grader.layers.items()]
    grader.self_test()
    return [*lines, "self-test: a right program passed and a wrong one failed"]


def main() -> None:
    """Parse, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--require",
        nargs="*",
        default=["rlimits", "no_new_privs", "landlock", "seccomp"],
        metavar="LAYER",
        help="layers that must be active (default: %(default)s)",
    )
    parser.add_argument(
        "--cpu-seconds", type=float, default=1.0, help="processor time of a program (default: %(default)s)"
    )
    parser.add_argument("--wall-seconds", type=float, default=10.0, help="wall-clock backstop (default: %(default)s)")
    parser.add_argument("--memory-mib", type=int, default=512, help="address space of a program (default: %(default)s)")
    parser.add_argument(
        "--output-kib", type=int, default=256, help="size of a program's answers (default: %(default)s)"
    )
    arguments = parser.parse_args()
    limits = Limits(
        arguments.cpu_seconds, arguments.wall_seconds, arguments.memory_mib << 20, arguments.output_kib << 10
    )
    with CodeGrader(limits, arguments.require) as grader:
        try:
            lines = check(grader)
        except InfrastructureError as error:
            raise UserError(f"the sandbox does not work here: {error}") from error
    sys.stdout.write("\n".join([*lines, "the sandbox is ready", ""]))


if __name__ == "__main__":
    run(main)
