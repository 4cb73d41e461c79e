# What summaries of several waves are made of: evaluated checkpoints, declared waves, times. Writes nothing.


def evaluated_groups():
    """The last campaigns' checkpoints whose evaluation config.yaml asks for, by wave and controller ("W4 A0")."""
    return {
        f"{name} {controller}": last_checkpoints(name, controller)
        for name, controllers in config["evaluations"]["waves"].items()
        for controller in controllers
    }


def last_checkpoints(name, controller):
    """`end` of a controller's last campaign in a wave, for every seed, as rules/evaluation.smk names checkpoints."""
    declared = wave_of(name)
    chain, last = chain_name(config, declared), declared["campaigns"]
    folders = [
        campaign_folder(chain, controller, seed, last)
        for seed in seeds_of(config, name)
    ]
    return [
        f"{folder.removeprefix(f'results/{TESTBED}/chains/')}-end" for folder in folders
    ]


def evaluated_chains():
    groups = evaluated_groups().values()
    return sorted(
        {own.partition("/")[0] for checkpoints in groups for own in checkpoints}
    )


def evaluated_checkpoints():
    """Every checkpoint once: untrained models, then the groups'."""
    untrained = [
        f"base/{role}"
        for role in config["evaluations"]["models"]
        if role in BED["models"]
    ]
    groups = evaluated_groups().values()
    trained = [checkpoint for checkpoints in groups for checkpoint in checkpoints]
    return list(dict.fromkeys([*untrained, *trained]))


def evaluated_grades():
    return [
        f"results/{TESTBED}/evaluations/{checkpoint}/{split}.grades.json"
        for checkpoint in evaluated_checkpoints()
        for split in config["evaluations"]["splits"]
    ]


def model_names():
    """The real model's name by role."""
    return {role: model["name"] for role, model in BED["models"].items()}


def wave_declarations():
    """Every wave as it is declared, with its seeds, the name of its chains and its real model."""
    return {
        name: {
            **declared,
            "seeds": seeds_of(config, name),
            "chain": chain_name(config, declared),
            "model_name": BED["models"][declared["model"]]["name"],
        }
        for name, declared in config["waves"].items()
    }


def timed_waves():
    """The waves of Table 18 that can be computed here."""
    return [
        name
        for name in ("W4", "W8", "W2b3", "W14")
        if name in config["waves"] and asks_nobody(name)
    ]


def wave_timings(waves):
    """timing.json beside every trace of these waves."""
    traces = dict.fromkeys(path for name in waves for path in traces_of(name))
    return [str(Path(path).with_name("timing.json")) for path in traces]
