"""What a figure's heading says of the runs it shows: testbed, real model and role, update rule."""

from workflow_scripts.core.contracts.statistics import Statistics


def testbed_and_model(statistics: Statistics) -> str:
    """Testbed, the real model, its size, and the role that it plays in the paper's design."""
    model = statistics["model"]
    return (
        f"Testbed {statistics['testbed']}: {model['name']} ({model['parameters']:,} parameters) "
        f"in the role of {model['role']}"
    )


def update_rule(statistics: Statistics) -> str:
    """The update rule's name in capitals; it is the second part of a chain's name."""
    return statistics["chain"].removeprefix(f"{statistics['model']['role']}-").split("-")[0].upper()
