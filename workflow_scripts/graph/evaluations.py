"""Which checkpoints are evaluated, on which problems, and which controllers decide by it (sections 5.11 and 5.12).

A checkpoint is named ``base/{model}`` or ``{chain}/{controller}/s{seed}/c{campaign}-{peak|end}``.
"""

import json
from typing import Any

from workflow_scripts.core.domains import qualified, role_and_domain
from workflow_scripts.graph.study import Study, Wildcards


class Evaluations:
    """The evaluations of a study's checkpoints."""

    def __init__(self, study: Study) -> None:
        self._study = study
        self._asked = study.config["evaluations"]

    @property
    def checkpoint_pattern(self) -> str:
        """A regular expression for the names of checkpoints."""
        study = self._study
        models = "|".join(qualified(role, domain) for role in study.bed["models"] for domain in study.beds)
        chains, controllers = "|".join(study.chains), "|".join(study.config["controllers"])
        return rf"base/({models})|({chains})/(first/s\d+/c01|({controllers})/s\d+/c(?!01)\d{{2}})-(peak|end)"

    # ---- one checkpoint

    def model(self, checkpoint: str) -> str:
        """The base model that a checkpoint is of."""
        owner, _, rest = checkpoint.partition("/")
        return rest if owner == "base" else self._study.model_of(owner)

    def folder(self, wildcards: Wildcards) -> str:
        """Where the checkpoint lies."""
        owner, _, rest = wildcards.checkpoint.partition("/")
        if owner == "base":
            return self._study.model_folder(rest)
        campaign, _, which = wildcards.checkpoint.rpartition("-")
        return f"{self._study.results}/chains/{campaign}/{which}"

    def trace(self, wildcards: Wildcards) -> list[str]:
        """The trace of the campaign that left the checkpoint: it holds its digests."""
        if wildcards.checkpoint.startswith("base/"):
            return []
        return [f"{self._study.results}/chains/{wildcards.checkpoint.rpartition('-')[0]}/trace.json"]

    def problems(self, wildcards: Wildcards) -> str:
        """The problems of a split in the checkpoint's domain."""
        domain = role_and_domain(self.model(wildcards.checkpoint))[1]
        return self._study.problems(domain, wildcards.split)

    def grades(self, wildcards: Wildcards) -> list[str]:
        """The grades of a checkpoint on several splits."""
        folder = f"{self._study.results}/evaluations/{wildcards.checkpoint}"
        return [f"{folder}/{split}.grades.json" for split in wildcards.splits.split("-")]

    def gpus(self, model: str) -> int:
        """GPUs that the evaluation of a model needs, by config.yaml."""
        count: int = self._study.bed["models"][role_and_domain(model)[0]].get("evaluation_gpus", 0)
        return count

    def sampling_options(self, wildcards: Wildcards) -> list[Any]:
        """What decides the samples of a checkpoint, as words of the command line."""
        model = self.model(wildcards.checkpoint)
        domain = role_and_domain(model)[1]
        training, own = self._study.beds[domain]["training"], self._study.bed["evaluation"]
        settings = {
            "--samples": own["cpp_samples" if "cpp" in (wildcards.split, domain) else "samples"],
            "--temperature": training["temperature"],
            "--max-completion-tokens": training["max_completion_tokens"],
            "--prompt-format": training["prompt_format"],
        }
        engine = self._study.bed["training"]["vllm"]
        if engine is not None:
            # As training has it, but for a device of its own.
            engine = engine | {key: value for key, value in own.items() if key not in ("samples", "cpp_samples")}
            settings["--vllm"] = json.dumps(engine | {"tensor_parallel_size": max(1, self.gpus(model))})
        return [word for option in settings.items() for word in option]

    # ---- what summaries read

    def groups(self) -> dict[str, list[str]]:
        """The last campaigns' checkpoints whose evaluation config.yaml asks for, by wave and controller ("W4 A0")."""
        return {
            f"{name} {controller}": self._last_checkpoints(name, controller, "end")
            for name, controllers in self._asked["waves"].items()
            for controller in controllers
        }

    def _last_checkpoints(self, name: str, controller: str, which: str) -> list[str]:
        """``peak`` or ``end`` of a controller's last campaign in a wave, for every seed."""
        study = self._study
        chain, last = study.chain(name), study.wave(name)["campaigns"]
        folders = [study.campaign_folder(chain, controller, seed, last) for seed in study.seeds(name)]
        return [f"{folder.removeprefix(f'{study.results}/chains/')}-{which}" for folder in folders]

    def last_peaks_and_ends(self, name: str) -> list[str]:
        """The grades of a wave's last campaigns' peaks and ends, on the problems that its campaigns are probed with."""
        split = self._study.bed_of(self._study.chain(name))["training"]["probe_split"]
        return [
            f"{self._study.results}/evaluations/{checkpoint}/{split}.grades.json"
            for controller in self._study.wave(name)["controllers"]
            for which in ("peak", "end")
            for checkpoint in self._last_checkpoints(name, controller, which)
        ]

    def chains(self) -> list[str]:
        """The chains of the groups' checkpoints."""
        return sorted({own.partition("/")[0] for checkpoints in self.groups().values() for own in checkpoints})

    def all_grades(self) -> list[str]:
        """Every evaluation that config.yaml asks for: untrained models, then the groups' checkpoints once each."""
        untrained = [f"base/{role}" for role in self._asked["models"] if role in self._study.bed["models"]]
        trained = [checkpoint for checkpoints in self.groups().values() for checkpoint in checkpoints]
        return [
            f"{self._study.results}/evaluations/{checkpoint}/{split}.grades.json"
            for checkpoint in dict.fromkeys([*untrained, *trained])
            for split in self._asked["splits"]
        ]

    def model_names(self) -> dict[str, str]:
        """The real model's name by role."""
        return {role: model["name"] for role, model in self._study.bed["models"].items()}

    # ---- controllers that decide by capabilities

    def decide(self, controller: str) -> bool:
        """Whether a controller decides by what its campaigns' checkpoints can do."""
        return "capabilities" in self._study.controller(controller).needs

    def earlier_capabilities(self, wildcards: Wildcards) -> list[str]:
        """Those of all campaigns before this one, in order, for a controller that decides by them."""
        owner = wildcards.owner
        if not self.decide(owner):
            return []
        which = self._study.controller(owner).evaluated
        folders = (
            self._study.campaign_folder(wildcards.chain, owner, wildcards.seed, campaign)
            for campaign in range(1, int(wildcards.campaign))
        )
        return [f"{folder.replace('/chains/', '/evaluations/', 1)}-{which}/{self._file(owner)}" for folder in folders]

    def base_capabilities(self, wildcards: Wildcards) -> list[str]:
        """Those of the untrained model, for a controller that decides by them."""
        if not self.decide(wildcards.owner):
            return []
        model = self._study.model_of(wildcards.chain)
        return [f"{self._study.results}/evaluations/base/{model}/{self._file(wildcards.owner)}"]

    def _file(self, controller: str) -> str:
        return f"capabilities-{'-'.join(self._study.controller(controller).splits)}.json"
