"""What a decision costs as a process: every controller, on a history of nine campaigns and what else it is shown.

The paper's gate takes "about 1 s" (Table 18). Counted are start, imports, reading, checking and writing; the yardstick
is an import of jsonschema, taken in turn.

    python -m tests.benchmarks.decision_costs
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import yaml

from tests.benchmarks.comparisons import Comparison, in_turn
from tests.control.chat_server import completion, serve
from tests.control.synthetic_traces import CHAIN, make_trace
from tests.control.test_controllers import SETTINGS
from workflow_scripts.control.registry import controller_names, load_controller
from workflow_scripts.core.files import read_json, write_json

ROOT = Path(__file__).resolve().parents[2]
CONFIG = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))
REPEATS = 5


def write_traces(folder: Path, campaigns: int) -> list[Path]:
    """The traces of a chain's first campaigns."""
    rates = [(step * 7 % 20) / 20 for step in range(1, 21)]
    paths = [folder / f"c{campaign:02d}.json" for campaign in range(1, campaigns + 1)]
    for campaign, path in enumerate(paths, start=1):
        write_json(path, make_trace(rates, campaign, action="start" if campaign == 1 else "reuse"), "trace")
    return paths


def seconds(command: list[str]) -> float:
    """What a command takes."""
    began = time.perf_counter()
    subprocess.run(command, cwd=ROOT, check=True)
    return time.perf_counter() - began


def shown(module: str, folder: Path, name: str) -> list[str]:
    """Options for what a controller is shown beside traces: another chain, or capabilities of ten checkpoints."""
    controller = load_controller(module)
    if "companion" in controller.needs:
        return ["--companion", *map(str, write_traces(folder / "companion", 10))]
    if "capabilities" not in controller.needs:
        return []
    values = {"pass@1": 0.5, "hard_case_acc": 0.4, "cpp_acc": 0.3, "ood_acc": 0.2, "gen_gap": 0.3}
    campaigns = ["first/s7/c01", *(f"{name}/s7/c{campaign:02d}" for campaign in range(2, 10))]
    places = ["base/7B", *(f"{CHAIN}/{campaign}-{controller.evaluated}" for campaign in campaigns)]
    paths = [folder / f"capabilities-{number}.json" for number in range(10)]
    for path, place in zip(paths, places, strict=True):
        content = {"schema_version": 1, "checkpoint": place, "capabilities": values, "inputs": {"main": "a" * 64}}
        write_json(path, content, "capabilities")
    return ["--base-capabilities", str(paths[0]), "--capabilities", *map(str, paths[1:])]


@contextmanager
def recorded_answer(decide: list[str], settings: dict[str, float]) -> Iterator[None]:
    """Ask once: what is timed is a decision by a recorded answer, and not somebody's language model."""
    proposal = {"learning_rate": settings["learning_rate"], "kl_coefficient": 0.0, "rationale": "as before"}
    with serve(completion(proposal)) as chat:
        os.environ.update(chat.environment(), no_proxy="127.0.0.1")
        seconds(decide)
        yield


def compare(module: str, folder: Path) -> Comparison:
    """A controller's decision beside the yardstick."""
    declared = next(one for one in CONFIG["controllers"].values() if one["module"] == module)["settings"]
    own = {**{name: SETTINGS[name] for name in ("steps", "learning_rate", "kl_schedule")}, **declared}
    decide = [
        *(sys.executable, "-m", "workflow_scripts.control.decide", "--module", module, "--controller", "A3"),
        *("--chain", CHAIN, "--seed", "7", "--campaign", "10", "--settings", json.dumps(own)),
        *("--traces", *map(str, write_traces(folder, 9)), *shown(module, folder, "A3")),
        *("--chat-record", str(folder / "chat.json")),
        *("--output-plan", str(folder / "plan.json"), "--output-state", str(folder / "state.json")),
    ]
    yardstick = [sys.executable, "-c", "import jsonschema"]
    with ExitStack() as stack:
        if "chat_endpoint" in load_controller(module).needs:
            stack.enter_context(recorded_answer(decide, own))
        costs = in_turn(lambda: seconds(decide), lambda: seconds(yardstick), REPEATS)
    assert read_json(folder / "plan.json", "plan")["campaign"] == 10
    return Comparison(f"a decision of {module}", "import jsonschema", *costs, "s", 3.0)


def main() -> None:
    """Measure and print."""
    for module in controller_names():
        if module != "first_campaign":
            with tempfile.TemporaryDirectory() as folder:
                print(compare(module, Path(folder)).line(), flush=True)


if __name__ == "__main__":
    main()
