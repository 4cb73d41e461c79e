"""Show which isolation layers this machine offers to model-written programs, and test the grader's verdicts."""

import argparse
import sys

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.grading.code_grader import CodeGrader, InfrastructureError
from workflow_scripts.grading.limit_options import add_limit_arguments, limits_of


def check(grader: CodeGrader) -> list[str]:
    """Lines that state each layer and the self-test's result; raises what ``CodeGrader.self_test`` raises."""
    lines = [f"{layer}: {state}" for layer, state in grader.layers.items()]
    grader.self_test()
    return [*lines, "self-test: a right program passed and a wrong one failed"]


def main() -> None:
    """Parse, check, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    add_limit_arguments(parser)
    arguments = parser.parse_args()
    with CodeGrader(limits_of(arguments), arguments.require) as grader:
        try:
            lines = check(grader)
        except InfrastructureError as error:
            raise UserError(f"the sandbox does not work here: {error}") from error
    sys.stdout.write("\n".join([*lines, "the sandbox is ready", ""]))


if __name__ == "__main__":
    run(main)
