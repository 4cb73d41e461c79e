"""The models of config.yaml: every setting with its type, its limits and its meaning."""

from typing import Annotated, Any, Literal

from pydantic import Field, WithJsonSchema

from workflow_scripts.core.sections import (
    Count,
    Natural,
    NotNegative,
    Positive,
    Section,
    Share,
    Text,
    Unique,
    optional,
    setting,
)
from workflow_scripts.core.testbed_models import Testbed, TrainingInWave
from workflow_scripts.core.training_models import UpdateRuleOptions

WaveName = Annotated[str, Field(pattern=r"^W\d+[a-z0-9]*(-[A-Za-z0-9_.]+)*$")]
LowerName = Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")]
ControllerName = Annotated[str, Field(pattern="^[A-Z][A-Za-z0-9]*$")]
TestbedName = Annotated[str, Field(pattern="^[a-z][a-z0-9_-]*$")]
# A file gives each testbed in full; here may stand some of its keys.
Testbeds = Annotated[dict[TestbedName, Testbed], WithJsonSchema({"type": "object"})]
Seeds = Annotated[Unique[Natural], Field(min_length=1)]
Some = Annotated[Unique[str], Field(min_length=1)]


class Start(Section):
    """Where they are not from the base model: a checkpoint of another wave's first campaign (5.2)."""

    wave: str = setting("that starts from a base model")
    step: Count = setting("of its first campaign")


class Wave(Section):
    """A view over chains; waves that need the same campaign share it (5.3)."""

    about: Text = setting("one line for `--list-target-rules`, with the paper's section")
    model: str = setting("role (5.1)")
    update_rule: str = setting("one of `update_rules` (5.1, 5.9)")
    domain: Literal["py", "cpp"] = setting("`py`, or one that the testbed's `domains` declares (5.1, 5.5)")
    steps: Count = setting("per campaign (5.1)")
    kl_schedule: str = setting("one of `kl_schedules` (5.1, 5.2)")
    campaigns: int = setting("per chain (5.6)", ge=1, le=99)
    controllers: Some = setting("baseline first; each pair is contrasted (5.4)")
    seeds: Seeds = optional("where they are not all")
    start: Start = optional()
    training: TrainingInWave = optional()
    over: dict[str, Annotated[list[Any], Field(min_length=1)]] = optional(
        "a wave for each combination of these values of its own or its training's keys"
    )
    family: str = optional("the wave whose `over` this one comes from, or that it is reported with")


class Controller(Section):
    """How the next campaign is planned (5.4)."""

    module: LowerName = setting("file in `workflow_scripts/control/controllers/`")
    settings: dict[str, Any] = setting("those of the module, below")


class Checkpoints(Section):
    """What stays on disk."""

    keep: Unique[Literal["first", "final"]] = setting("campaigns whose `peak/` and `end/` stay")


class Evaluations(Section):
    """What is evaluated beside the campaigns' own problems (5.11, 5.12, B)."""

    waves: dict[WaveName, Some] = setting("controllers whose last checkpoints are, every seed")
    models: Unique[str] = setting("untrained; those of them that the testbed has")
    splits: Annotated[Unique[Literal["main", "hard", "cpp", "ood"]], Field(min_length=1)] = setting("on which")


class Statistics(Section):
    """Levels and thresholds of statistics."""

    confidence: float = setting("level of every interval", gt=0, lt=1)
    collapse_ratio: Share = setting("end/peak below it is a collapse (Table 8); also the onset's level (Table 16)")
    max_atoms: Count = setting("enumerate the bootstrap (n^n) up to so many resamples, else draw")
    resamples: Count = setting("that are drawn, also by sign-flip tests of 25 pairs and more")
    gap_thresholds: list[Share] = setting("gaps beyond which campaigns are counted (Table 11)", min_length=1)
    early_stop_declines: Count = setting("the online oracle stops after so many steps in a row (5.8, Table 9) ...")
    early_stop_size: Share = setting("... each more than this below the running peak")


class Assumed(Section):
    """What traces of one learning rate without a KL penalty cannot show; none of it is the paper's."""

    kl_half_coefficient: Positive = setting("the KL coefficient that halves the drift and, by as much, the hazard")
    hazard_exponent: Positive = setting("hazard by learning rate; 1: in proportion")
    hard_share: Share = setting("of the main skill: on hard problems, before any training")
    cpp_share: Share = setting("the same in C++")
    ood_share: Share = setting("the same out of distribution")
    erosion: Share = setting("per step: the share of these three that training costs, main skill aside")
    evaluation_samples: Count = setting("problems times samples of an evaluation (5.12)")


class Simulation(Section):
    """Controllers played in a process that is fitted to a wave's traces (docs/extending.md)."""

    wave: str = setting("whose traces the process is fitted to, and whose chains the controllers are shown")
    controllers: Some = setting("that are played")
    campaigns: Count = setting("per chain")
    chains: Count = setting("per controller")
    seed: Natural = setting("of all draws")
    replicates: Count = setting("simulated chains per recorded one, to compare the process with its traces")
    alarm_threshold: Share = setting("true end/peak from which a pilot or reject is false, where a plan names none")
    assumed: Assumed


class Cluster(Section):
    """What jobs ask for on a cluster, beside `resources` of the testbed."""

    campaigns_per_job: Count | None = setting("of one chain in one allocation; null: all that follow the first")
    gpu_request: Literal["gpu", "gres"] = setting("`--gpus=N` or `--gres=gpu:N`")
    gpu_model: Annotated[str, Field(pattern="^[A-Za-z0-9_.]+$")] | None = setting(
        "as the site spells it, such as h100; null: any"
    )
    hardware: str = setting("GPU whose peak rates the estimates use (workflow_scripts/cost/hardware.py)")
    margin: float = setting("a time limit over the estimate", ge=1)


class Configuration(Section):
    """The one file to edit."""

    testbed: Text = setting("which of testbeds/ everything runs on")
    campaigns: Literal["train", "frozen"] = setting("`frozen`: existing traces are the leaves, nothing can train")
    seeds: Seeds = setting("one chain per seed and controller (5.6)")
    waves: dict[WaveName, Wave] = Field(min_length=1)
    kl_schedules: dict[LowerName, Annotated[list[NotNegative], Field(min_length=1)]] = setting(
        "KL coefficient by campaign, the last one holding on (5.1, 5.2)", min_length=1
    )
    update_rules: dict[LowerName, UpdateRuleOptions] = Field(min_length=1)
    controllers: dict[Annotated[str, Field(pattern="^[A-Z][A-Za-z0-9]*$")], Controller] = Field(min_length=1)
    testbeds: Testbeds = setting("single keys that hold in place of those of testbeds/NAME.yaml", default={})
    cluster: Cluster
    checkpoints: Checkpoints
    evaluations: Evaluations
    statistics: Statistics
    simulation: Simulation
