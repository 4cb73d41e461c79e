"""What a figure's heading says of the runs it shows: testbed, real model and role, update rule."""

from workflow_scripts.core.contracts.campaigns import Model
from workflow_scripts.core.contracts.statistics import Statistics


def testbed_and_model(testbed: str, model: Model) -> str:
    """Testbed, the real model, its size, and the role that it plays in the paper's design."""
    return f"Testbed {testbed}: {model['name']} ({model['parameters']:,} parameters) in the role of {model['role']}"


def update_rule(statistics: Statistics) -> str:
    """The update rule's name in capitals; it is the second part of a chain's name."""
    return statistics["chain"].removeprefix(f"{statistics['model']['role']}-").split("-")[0].upper()
