"""Files of grades where summarise_evaluations looks for them, with counts that a test chooses."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from workflow_scripts.core.files import write_json
from workflow_scripts.grading.limit_options import DEFAULT_LIMITS

VERDICTS = ("passed", "failed", "error", "time_limit", "wall_limit", "memory_limit", "output_limit", "forbidden")
CHAIN = "7B-reinforce-py-20"


def make_grades(counts: Sequence[tuple[int, int]], split: str = "main", problems: str = "a") -> dict[str, Any]:
    """Grades with (judged, passed) per problem; ``problems``, one hexadecimal digit, stands for the problem file."""
    rows: list[dict[str, Any]] = [
        {"task_id": f"{split}/{number}", "n": n, "c": c, "unjudged": 0} for number, (n, c) in enumerate(counts)
    ]
    return {
        "schema_version": 1,
        "samples": [
            {"task_id": row["task_id"], "verdict": "passed" if at < row["c"] else "failed", "detail": "made up"}
            for row in rows
            for at in range(row["n"])
        ],
        "problems": rows,
        "verdicts": dict.fromkeys(VERDICTS, 0),
        "unjudged": 0,
        "isolation": {},
        "unsplit_asserts_allowed": False,
        "limits": asdict(DEFAULT_LIMITS),
        "inputs": {"problems": problems * 64, "samples": "b" * 64},
    }


def write_grades(
    folder: Path, checkpoint: str, split: str, counts: Sequence[tuple[int, int]], problems: str = "a"
) -> str:
    """``make_grades`` as a file, whose path is returned."""
    path = folder / "evaluations" / checkpoint / f"{split}.grades.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    write_json(path, make_grades(counts, split, problems), "grades")
    return str(path)


def end_of(controller: str, seed: int, campaign: int = 10) -> str:
    """A final checkpoint's folder below evaluations/."""
    return f"{CHAIN}/{controller}/s{seed}/c{campaign:02d}-end"
