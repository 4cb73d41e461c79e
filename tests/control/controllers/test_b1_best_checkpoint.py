"""B1 goes on from the peak with fixed hyperparameters, whatever the end was."""

import pytest

from tests.control.synthetic_traces import make_trace
from tests.control.test_controllers import settings_of
from workflow_scripts.control.controllers import b1_best_checkpoint
from workflow_scripts.control.controllers.b1_best_checkpoint import decide


@pytest.mark.parametrize("end", [0.0, 0.2, 0.8])
def test_it_has_no_gate(end: float) -> None:
    plan, state = decide(
        [make_trace([0.5, 0.5]), make_trace([0.1, 0.8, end], 2)], None, settings_of(b1_best_checkpoint)
    )
    assert (plan["action"], plan["max_steps"]) == ("continue", 20)
    assert plan["init"] == {"campaign": 2, "checkpoint": "peak"}
    assert plan["reason"]["numbers"] == {"peak_step": 2, "peak": 0.8}
    assert state["memory"] == []
