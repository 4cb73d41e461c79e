"""rise-collapse: what is of use outside this graph, by name. `rise-collapse NAME --help` says what it takes.

Each name is a command line of this package; `python -m MODULE` is the same.
"""

import importlib
import sys

from workflow_scripts.core.cli import run
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.nearest import nearest

COMMANDS = {
    "grade": ("grading.grade_samples", "grade samples in human-eval's form in the sandbox"),
    "check-sandbox": ("grading.check_sandbox", "which layers of isolation this machine offers"),
    "import-problems": ("problems.import_problems", "HumanEval, MBPP, APPS ... as problems of this project"),
    "decide": ("control.decide", "a controller's plan for the next campaign, from the traces before it"),
    "fit": ("simulation.fit_collapse_process", "a process of rise and collapse, fitted to traces"),
    "simulate": ("simulation.simulate", "controllers played in such a process"),
    "cost": ("cost.cost_estimate", "memory and time of a campaign on GPUs, by a formula"),
}


def main() -> None:
    name = sys.argv[1] if len(sys.argv) > 1 else "--help"
    if name in ("-h", "--help"):
        width = max(map(len, COMMANDS))
        print(__doc__, *(f"  {each:{width}}  {about}" for each, (_, about) in COMMANDS.items()), sep="\n")
        return
    if name not in COMMANDS:
        raise UserError(f"rise-collapse: no command {name!r}; {nearest(name, COMMANDS)}")
    sys.argv = [f"rise-collapse {name}", *sys.argv[2:]]
    importlib.import_module(f"workflow_scripts.{COMMANDS[name][0]}").main()


def entry() -> None:
    """The console script."""
    run(main)


if __name__ == "__main__":
    entry()
