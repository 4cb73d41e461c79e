"""What is computed: the waves, chains and campaigns that config.yaml declares, and where their files lie.

The rules ask a ``Study`` for their inputs. Methods that take ``wildcards`` read them as attributes, as Snakemake hands
them over.
"""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workflow_scripts.control.chat_endpoint import URL
from workflow_scripts.control.recorded_answers import require_answers
from workflow_scripts.control.registry import Controller, load_controller
from workflow_scripts.core.campaign_folders import SHARED, campaign_folder
from workflow_scripts.core.configuration import chain_name, seeds_of, wave
from workflow_scripts.core.domains import FIRST, in_domain, qualified, role_and_domain
from workflow_scripts.core.errors import UserError
from workflow_scripts.graph.explained import explained

Declared = dict[str, Any]
Wildcards = Any
# What decides of first campaigns, which all controllers share.
SHARED_DECLARATION: Declared = {"module": "first_campaign", "settings": {}}


@dataclass(frozen=True)
class CampaignKind:
    """Campaigns by patterns of their chain, owner and number, the name of their rule and whether checkpoints stay.

    Those that do not stay go once they are used. ``snapshots``: steps whose checkpoints other chains start from.
    """

    name: str
    chain: str
    owner: str
    campaign: str
    kept: bool
    snapshots: list[int]


class Study:
    """A validated configuration's waves and chains on its testbed."""

    def __init__(self, config: Declared) -> None:
        self.config = config
        self.testbed: str = config["testbed"]
        self.bed: Declared = config["testbeds"][self.testbed]
        self.results = f"results/{self.testbed}"
        domains = (FIRST, *self.bed.get("domains", {}))
        self.beds = {domain: in_domain(self.bed, domain) for domain in domains}
        # Waves with the same chain declare the same of it, but for controllers and length.
        self.chains: dict[str, Declared] = {chain_name(config, own): own for own in config["waves"].values()}
        self.models_fetched = [role for role, model in self.bed["models"].items() if "revision" in model]
        self.models_made_here = [role for role in self.bed["models"] if role not in self.models_fetched]
        longer = {own["campaigns"] for own in config["waves"].values()} - {1}
        self.last_campaigns = [f"{last:02d}" for last in sorted(longer)]
        self.snapshots = self._snapshots()

    def _snapshots(self) -> dict[str, list[int]]:
        """Steps of first campaigns whose checkpoints other chains start from, by chain."""
        found: dict[str, set[int]] = {}
        for own in self.config["waves"].values():
            if start := own.get("start"):
                found.setdefault(self._origin(start), set()).add(start["step"])
        return {chain: sorted(steps) for chain, steps in found.items()}

    def _origin(self, start: Mapping[str, Any]) -> str:
        return chain_name(self.config, self.config["waves"][start["wave"]])

    def campaign_kinds(self) -> list[CampaignKind]:
        """Which campaigns leave checkpoints of their own kind; every campaign is of one kind."""
        keep = self.config["checkpoints"]["keep"]
        controllers, last = "|".join(self.config["controllers"]), "|".join(self.last_campaigns)
        others = "|".join(chain for chain in self.chains if chain not in self.snapshots)
        # Which chain needs which of the steps is not told apart: each has all.
        steps = sorted({step for steps in self.snapshots.values() for step in steps})
        kinds = [
            CampaignKind("train_first_campaign", others, SHARED, "01", "first" in keep, []),
            CampaignKind("train_snapshot_campaign", "|".join(self.snapshots), SHARED, "01", "first" in keep, steps),
            CampaignKind("train_campaign", ".+", controllers, rf"(?!01|{last})\d{{2}}", False, []),
            CampaignKind("train_final_campaign", ".+", controllers, last, "final" in keep, []),
        ]
        return [kind for kind in kinds if kind.chain and kind.campaign]

    # ---- waves

    @explained
    def wave(self, name: str) -> Declared:
        """A wave's declaration; an unknown name is answered with the nearest."""
        return wave(self.config, name)

    def seeds(self, name: str) -> list[int]:
        """The seeds of a wave."""
        return seeds_of(self.config, name)

    def chain(self, name: str) -> str:
        """The name of a wave's chains."""
        return chain_name(self.config, self.wave(name))

    def traces(self, name: str) -> list[str]:
        """Every trace of a wave, the shared first campaigns once."""
        own, chain = self.wave(name), self.chain(name)
        folders = {
            self.campaign_folder(chain, controller, seed, campaign): None
            for seed in self.seeds(name)
            for controller in own["controllers"]
            for campaign in range(1, own["campaigns"] + 1)
        }
        return [f"{folder}/trace.json" for folder in folders]

    def traces_of_all(self, names: Sequence[str]) -> list[str]:
        """Every trace of several waves once."""
        return list(dict.fromkeys(path for name in names for path in self.traces(name)))

    def timings_of_all(self, names: Sequence[str]) -> list[str]:
        """timing.json beside every trace of several waves."""
        return [str(Path(path).with_name("timing.json")) for path in self.traces_of_all(names)]

    def asks_nobody(self, name: str) -> bool:
        """Whether a wave can be computed here: those that ask a language model only where one is named."""
        asking = (self.asks(controller) for controller in self.config["waves"][name]["controllers"])
        return URL in os.environ or not any(asking)

    def declarations(self) -> Declared:
        """Every wave as it is declared, with its seeds, the name of its chains and its real model."""
        return {
            name: {
                **own,
                "seeds": self.seeds(name),
                "chain": self.chain(name),
                "model_name": self.bed["models"][own["model"]]["name"],
            }
            for name, own in self.config["waves"].items()
        }

    # ---- chains and models

    def bed_of(self, chain: str) -> Declared:
        """The testbed in the chain's domain, with what its update rule and the chain itself have of their own."""
        declared = self.chains[chain]
        bed = self.beds[declared["domain"]]
        by_rule = bed.get("by_update_rule", {}).get(declared["update_rule"], {})
        return {**bed, "training": {**bed["training"], **by_rule, **declared.get("training", {})}}

    def model_of(self, chain: str) -> str:
        """A chain's base model in its domain: its role, and the domain where that is not the first (``7B-cpp``)."""
        return qualified(self.chains[chain]["model"], self.chains[chain]["domain"])

    def role(self, wildcards: Wildcards) -> str:
        """The paper's name for the place of a chain's model."""
        role: str = self.chains[wildcards.chain]["model"]
        return role

    def model_name(self, wildcards: Wildcards) -> str:
        """The real name of a chain's model."""
        name: str = self.bed["models"][self.role(wildcards)]["name"]
        return name

    def model_folder(self, name: str) -> str:
        """Where a base model lies; it is the same in every domain."""
        return f"{self.results}/models/{role_and_domain(name)[0]}"

    def problems(self, domain: str, split: str) -> str:
        """The problems of one split."""
        return f"{self.results}/problems/{domain}/{split}.jsonl"

    def candidates_of(self, wildcards: Wildcards) -> str:
        """The problems that a split is chosen from."""
        domain, split = wildcards.file.split("/")
        return f"{self.results}/problems/{domain}/candidates/{split}.jsonl"

    def candidates_grades(self, wildcards: Wildcards) -> str:
        """The untrained model's grades that a split is chosen by; ood puts the problems of main in other words."""
        domain, split = wildcards.file.split("/")
        measured = "main" if split == "ood" else split
        return f"{self.results}/problems/{domain}/candidates/{measured}.grades.json"

    @property
    def selected(self) -> list[str]:
        """{domain}/{split} of the splits that are chosen among candidates by pass rate."""
        return [f"{domain}/{split}" for domain, split, own in self._splits() if "candidates" in own]

    @property
    def generated(self) -> list[str]:
        """Below problems/, without ending: what is generated, which are whole splits or the candidates of others."""
        whole = [f"{domain}/{split}" for domain, split, own in self._splits() if "candidates" not in own]
        return [*whole, *(name.replace("/", "/candidates/") for name in self.selected)]

    def _splits(self) -> list[tuple[str, str, Declared]]:
        beds = self.beds.items()
        return [(domain, split, own) for domain, bed in beds for split, own in bed["problems"]["splits"].items()]

    def selector(self, domain: str) -> str:
        """The untrained model by whose pass rate a domain's problems are chosen."""
        return qualified(self.bed["problems"]["pass_rate"]["model"], domain)

    # ---- campaigns

    def campaign_folder(self, chain: str, controller: str, seed: int | str, campaign: int) -> str:
        """The folder of one campaign; the first one is shared by all controllers."""
        return f"{self.results}/{campaign_folder(chain, controller, seed, campaign)}"

    def earlier_folder(self, wildcards: Wildcards, back: int) -> str:
        """The folder of the campaign that came so many before this one."""
        return self.campaign_folder(wildcards.chain, wildcards.owner, wildcards.seed, int(wildcards.campaign) - back)

    def earlier_traces(self, wildcards: Wildcards) -> list[str]:
        """The traces of all campaigns before this one, in order."""
        backs = range(int(wildcards.campaign) - 1, 0, -1)
        return [f"{self.earlier_folder(wildcards, back)}/trace.json" for back in backs]

    def last_trace(self, wildcards: Wildcards) -> list[str]:
        """The trace of the campaign before: it holds the digests of that campaign's checkpoints."""
        return self.earlier_traces(wildcards)[-1:]

    def last_state(self, wildcards: Wildcards) -> list[str]:
        """The controller's own state; its first decision, at campaign 2, has none."""
        return [f"{self.earlier_folder(wildcards, 1)}/state.json"] if int(wildcards.campaign) > 2 else []

    def last_folder(self, wildcards: Wildcards) -> list[str]:
        """The folder of the campaign before; the first one has none."""
        return [self.earlier_folder(wildcards, 1)] if int(wildcards.campaign) > 1 else []

    def last_checkpoints(self, wildcards: Wildcards) -> list[str]:
        """peak/ and end/ of the campaign before; which of them is loaded, the plan says at run time."""
        return [f"{folder}/{which}" for folder in self.last_folder(wildcards) for which in ("peak", "end")]

    def base_model(self, wildcards: Wildcards) -> str:
        """What a chain starts from: the model in its role, or a checkpoint of another chain's first campaign."""
        if start := self.chains[wildcards.chain].get("start"):
            return snapshot_folder(self._origin_folder(start, wildcards), start["step"])
        return self.model_folder(self.model_of(wildcards.chain))

    def origin_trace(self, wildcards: Wildcards) -> list[str]:
        """The trace of the campaign whose checkpoint a chain starts from; nothing where that is a base model."""
        start = self.chains[wildcards.chain].get("start")
        return [f"{self._origin_folder(start, wildcards)}/trace.json"] if start else []

    def _origin_folder(self, start: Mapping[str, Any], wildcards: Wildcards) -> str:
        return self.campaign_folder(self._origin(start), SHARED, wildcards.seed, 1)

    def training_pool(self, wildcards: Wildcards) -> str:
        """The problems that a chain trains on."""
        return self.problems(self.chains[wildcards.chain]["domain"], "train")

    def training_probe(self, wildcards: Wildcards) -> str:
        """The held-out problems that a chain is probed on."""
        split = self.bed_of(wildcards.chain)["training"]["probe_split"]
        return self.problems(self.chains[wildcards.chain]["domain"], split)

    # ---- controllers

    def declared_controller(self, name: str) -> Declared:
        """What config.yaml says of a controller, or what holds of the first campaigns."""
        declared: Declared = self.config["controllers"].get(name, SHARED_DECLARATION)
        return declared

    @explained
    def controller(self, name: str) -> Controller:
        """A declared controller's module, as the registry describes it."""
        return load_controller(self.declared_controller(name)["module"])

    def asks(self, name: str) -> bool:
        """Whether a controller asks a language model."""
        return "chat_endpoint" in self.controller(name).needs

    @explained
    def companion_traces(self, wildcards: Wildcards) -> list[str]:
        """Another chain's campaigns up to the one after this, for controllers that go by them; the last has none after.

        The companion of a seed is its neighbour in the wave's list, the first of the second and so on, so that a seed
        that is added changes no other's.
        """
        owner, chain, seed = wildcards.owner, wildcards.chain, int(wildcards.seed)
        if "companion" not in self.controller(owner).needs:
            return []
        own = self.declared_controller(owner)["settings"]
        waves = self.config["waves"].items()
        both = [wave for wave, declared in waves if {own["companion"], owner} <= {*declared["controllers"]}]
        names = [name for name in both if self.chain(name) == chain and seed in self.seeds(name)]
        if not names:
            raise UserError(f"config.yaml: {owner} goes by {own['companion']}; no wave of {chain} has both")
        seeds, last = self.seeds(names[0]), self.config["waves"][names[0]]["campaigns"]
        if own["companion_seed"] == "other":
            seed = _neighbour(seed, seeds, names[0], owner)
        campaigns = range(1, min(int(wildcards.campaign) + 1, last) + 1)
        return [f"{self.campaign_folder(chain, own['companion'], seed, number)}/trace.json" for number in campaigns]

    def chat_record(self, wildcards: Wildcards) -> str:
        """What this campaign's controller asked a language model; no output of a rule, so that nothing deletes it."""
        return f"{self.earlier_folder(wildcards, 0)}/chat.json"

    @explained
    def answer_source(self, wildcards: Wildcards) -> list[str]:
        """No file: refuses, before anything trains, a campaign whose controller would find no language model to ask."""
        if self.asks(wildcards.owner):
            require_answers(Path(self.chat_record(wildcards)), os.environ, f"controller {wildcards.owner}")
        return []


def snapshot_folder(campaign: str, step: int) -> str:
    """Where a first campaign keeps the checkpoint of one step."""
    return f"{campaign}/step{step:03d}"


def _neighbour(seed: int, seeds: list[int], wave: str, controller: str) -> int:
    """The other of two seeds that stand together in a list; the last of an odd number has the one before it."""
    if len(seeds) < 2:
        raise UserError(f"config.yaml: waves.{wave}: {controller} goes by another seed's chain; give two seeds or more")
    place = seeds.index(seed)
    return seeds[place ^ 1] if place ^ 1 < len(seeds) else seeds[place - 1]
