# What rules pass on their command lines from config.yaml, and how they declare checkpoints. Writes nothing.


def base_strategy(chain):
    """What every controller starts from; its own settings come beside it."""
    return {
        "steps": CHAINS[chain]["steps"],
        "learning_rate": bed_of(chain)["training"]["learning_rate"],
        "kl_schedule": config["kl_schedules"][CHAINS[chain]["kl_schedule"]],
    }


def controller_settings(wildcards):
    return json.dumps(
        base_strategy(wildcards.chain)
        | config["controllers"][wildcards.controller]["settings"]
    )


def training_settings(wildcards):
    own = {
        key: value
        for key, value in bed_of(wildcards.chain)["training"].items()
        if key not in ("learning_rate", "probe_split", "probe_every")
    }
    # Campaigns that are longer than the listed steps are probed on to their end.
    every = bed_of(wildcards.chain)["training"]["probe_every"]
    last = max(own["probe_steps"], default=0)
    later = range(last + every, CHAINS[wildcards.chain]["steps"] + 1, every)
    own["probe_steps"] = [*own["probe_steps"], *later]
    name = CHAINS[wildcards.chain]["update_rule"]
    declared = {"name": name, **config["update_rules"][name]}
    return json.dumps({"update_rule": declared, **own})


def train_command():
    """How a training job starts: as one process, or as all that share a sharded policy."""
    script, sharding = (
        "workflow_scripts.training.train_campaign",
        BED["training"]["sharding"],
    )
    if sharding is None:
        return ["python", "-S", "-m", "workflow_scripts.core.warm", script]
    launcher = ["python", "-m", "workflow_scripts.training.launch"]
    share = ["--processes", sharding["processes"], "--device", sharding["device"]]
    return [*launcher, *share, script]


def compiled_programs(wildcards):
    """The trainer's option that names the folder, where a chain is graded in C++."""
    if CHAINS[wildcards.chain]["domain"] == FIRST:
        return []
    return ["--cache", COMPILED_PROGRAMS]


def training_gpus():
    sharding = BED["training"]["sharding"]
    return sharding["processes"] if sharding and sharding["device"] == "cuda" else 0


# Where all jobs keep the C++ programs that they compiled; no output: what is missing is compiled again.
COMPILED_PROGRAMS = "results/compiled"
SANDBOX_LIMITS = json.dumps(
    {
        key: value
        for key, value in BED["grading"].items()
        if key not in ("required_layers", "workers")
    }
)


def checkpoint_of(which):
    """How checkpoints of the ``which`` (first, final) campaigns are declared: kept, or gone once used."""
    return (
        directory
        if which in config["checkpoints"]["keep"]
        else lambda path: temp(directory(path))
    )
