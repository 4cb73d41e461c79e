"""What simulating costs: chains per controller beside a piece of pure Python, and a long chain beside a short one.

python -m tests.benchmarks.simulation_costs
"""

import time
from collections.abc import Callable

from tests.benchmarks.comparisons import Comparison, in_turn
from tests.simulation.synthetic_process import make_process
from tests.simulation.test_simulate import OWN
from workflow_scripts.control.registry import load_controller
from workflow_scripts.simulation.chain_simulation import simulate

CHAINS, CAMPAIGNS = 100, 10
REPEATS = 5


def milliseconds(work: Callable[[], object]) -> float:
    """What a piece of work takes."""
    began = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - began)


def play(name: str, chains: int, campaigns: int) -> None:
    """Simulate chains of a controller."""
    module, settings = OWN[name]
    simulate(load_controller(module), name, settings, make_process(), campaigns, chains, 1)


def main() -> None:
    """Measure and print."""
    for name in ("A0", "A2", "A3", "ES"):
        play(name, 2, 2)  # imports and first calls
        costs = in_turn(
            lambda name=name: milliseconds(lambda: play(name, CHAINS, CAMPAIGNS)),
            lambda: milliseconds(lambda: sum(range(1_000_000))),
            REPEATS,
        )
        what = f"{name}: {CHAINS} chains of {CAMPAIGNS} campaigns"
        print(Comparison(what, "a sum of a million numbers", *costs, "ms", 12.0).line(), flush=True)
    # A0 has no memory: the history that it is shown must not be gone through again.
    costs = in_turn(
        lambda: milliseconds(lambda: play("A0", 20, 500)), lambda: milliseconds(lambda: play("A0", 20, 50)), REPEATS
    )
    print(Comparison("A0: 500 campaigns", "50 campaigns", *costs, "ms", 25.0).line())


if __name__ == "__main__":
    main()
