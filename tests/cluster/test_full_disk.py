"""The disk is full for one campaign of one chain on the cluster: an error that names the file, and the others go on."""

from pathlib import Path

from tests.cluster.jobs import finish, jobs, start
from tests.cluster.small_disk import small_disk
from tests.workflow.project import traces

CHAIN = "results/tiny/chains/7B-reinforce-py-3"
LAST = "A0/s7/c03"
# Enough for a plan, a controller's memory and a lease, but for no state of a campaign.
KILOBYTES = 64


def test_a_full_disk_ends_one_chain_with_a_clear_error_and_the_rerun_goes_on(
    checkout: Path, computed_locally: Path
) -> None:
    with small_disk(checkout / CHAIN / LAST, KILOBYTES):
        finish(checkout, start(checkout), status=1)
        expected, found = traces(computed_locally), traces(checkout)
        assert found == {path: trace for path, trace in expected.items() if LAST not in path}
        assert_one_clear_error(checkout)
    finish(checkout, start(checkout))
    assert traces(checkout) == traces(computed_locally)
    states = [job.state for job in jobs(checkout) if "A0" in job.comment]
    assert states.count("COMPLETED") == 1
    assert set(states) == {"COMPLETED", "FAILED"}


def assert_one_clear_error(project: Path) -> None:
    """The campaign's log ends in a line that names the file and the reason, without a traceback."""
    log = (project / f"results/tiny/logs/chains/7B-reinforce-py-3/{LAST}.log").read_text()
    errors = [line for line in log.splitlines() if line.startswith("error: ")]
    assert "Traceback" not in log, log
    assert len(errors) == 1, log
    assert f"{CHAIN}/{LAST}/" in errors[0]
    assert "No space left on device" in errors[0]
