"""What a test cluster of one node is made of: the text of its files in /etc/slurm, and where its processes keep theirs.

The node claims eight GPUs, which are null devices: SLURM hands them out and sets CUDA_VISIBLE_DEVICES, nothing computes
on them. Preemption is by partition: jobs in ``high`` put those in ``low`` back into the queue.
"""

from pathlib import Path

FOLDER = Path("/var/tmp/slurm-test-cluster")
SETTINGS = Path("/etc/slurm")
OURS = "# Written by tests/cluster; removed when the test cluster goes down."
NODE = "testnode"
CPUS = 16
GPUS = 8
GPU_MODEL = "h100"
DEFAULT_PARTITION = "low"
PREEMPTING_PARTITION = "high"
CONTROLLER_PORT, NODE_PORT = 16817, 16818


def gpu_devices() -> list[Path]:
    return [FOLDER / f"gpu{index}" for index in range(GPUS)]


def munge_socket() -> Path:
    return FOLDER / "munge/socket"


def finished_jobs() -> Path:
    """One line for every job that ended: SLURM's job completion file, which needs no database."""
    return FOLDER / "finished-jobs.txt"


def settings(host: str, memory_mb: int) -> dict[str, str]:
    """The files of /etc/slurm by name, for a node that is ``host``."""
    return {"slurm.conf": _slurm(host, memory_mb), "gres.conf": _gres()}


def _gres() -> str:
    # Without File= the node is not valid and CUDA_VISIBLE_DEVICES is not set.
    lines = [f"NodeName={NODE} Name=gpu Type={GPU_MODEL} File={device}" for device in gpu_devices()]
    return "\n".join([OURS, *lines, ""])


def _slurm(host: str, memory_mb: int) -> str:
    gpus = f"Gres=gpu:{GPU_MODEL}:{GPUS}"
    return f"""{OURS}
ClusterName=tests
SlurmctldHost={host}
SlurmctldPort={CONTROLLER_PORT}
SlurmdPort={NODE_PORT}
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={munge_socket()}
CredType=cred/munge
StateSaveLocation={FOLDER}/state
SlurmdSpoolDir={FOLDER}/spool
SlurmctldPidFile={FOLDER}/slurmctld.pid
SlurmdPidFile={FOLDER}/slurmd.pid
SlurmctldLogFile={FOLDER}/slurmctld.log
SlurmdLogFile={FOLDER}/slurmd.log
# What works in a container too: no cgroups, no accounting.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
MpiDefault=none
JobCompType=jobcomp/filetxt
JobCompLoc={finished_jobs()}
# The machine's real cores do not count.
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
GresTypes=gpu
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
# A finished job stays visible to squeue for a while: the executor asks only now and then.
MinJobAge=300
# Tests are in a hurry.
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=1,sched_interval=1,sched_min_interval=0,batch_sched_delay=0,requeue_delay=1
KillWait=20
SlurmdTimeout=10
SlurmctldTimeout=10
InactiveLimit=0
ReturnToService=2
NodeName={NODE} NodeHostname={host} NodeAddr=127.0.0.1 CPUs={CPUS} RealMemory={memory_mb} {gpus} State=UNKNOWN
PartitionName={DEFAULT_PARTITION} Nodes={NODE} Default=YES PriorityTier=1 PreemptMode=REQUEUE MaxTime=INFINITE State=UP
PartitionName={PREEMPTING_PARTITION} Nodes={NODE} Default=NO PriorityTier=10 PreemptMode=OFF MaxTime=INFINITE State=UP
"""
