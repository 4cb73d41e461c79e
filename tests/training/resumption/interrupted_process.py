"""One of two processes of a job that holds a folder and steps on until it is asked to stop, for ``test_interruption``.

Run by a launcher as ``-m tests.training.resumption.interrupted_process FOLDER``.
"""

import os
import sys
import time
from pathlib import Path

from workflow_scripts.core.files import write_json, write_text
from workflow_scripts.training.resumption.held_folder import hold_folder
from workflow_scripts.training.resumption.interruption import Interrupted, StopRequest
from workflow_scripts.training.resumption.lease import Lease
from workflow_scripts.training.sharded.data_parallel import DataParallel


def main() -> None:
    folder = Path(sys.argv[1])
    with StopRequest().listening() as stop:
        processes = DataParallel.join("cpu")
        step = 0
        try:
            lease = Lease(folder / "c01", "made from this", timeout=60, wait=60)
            with hold_folder(lease, stop, processes, complete=lambda: False) as held:
                while True:
                    step += 1
                    # Processes reach a boundary one after another.
                    time.sleep(0.02 * (1 + processes.rank))
                    held.confirm()
                    held.leave_if_asked(step)
                    if step == 3:
                        write_text(folder / f"pid-{processes.rank}", str(os.getpid()))
        except Interrupted as interrupted:
            write_json(folder / f"left-{processes.rank}.json", {"step": step, "status": interrupted.code})
            raise
        finally:
            processes.leave()


if __name__ == "__main__":
    main()
