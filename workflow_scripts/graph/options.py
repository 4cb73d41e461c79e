"""What rules pass to scripts from config.yaml, as JSON or as words of a command line."""

import functools
import hashlib
import json
from collections.abc import Mapping
from typing import Any

from workflow_scripts.core.code_digest import code_digest
from workflow_scripts.core.domains import FIRST, role_and_domain
from workflow_scripts.core.errors import UserError
from workflow_scripts.graph.explained import explained
from workflow_scripts.graph.study import Study, Wildcards

# The sandbox's processes are started by path, not imported.
SANDBOX = "grading/sandbox/zygote.py"
# Where all jobs keep the C++ programs that they compiled; no output: what is missing is compiled again.
COMPILED_PROGRAMS = "results/compiled"

code = functools.cache(explained(code_digest))


def words(values: Mapping[str, Any]) -> list[Any]:
    """Values as options of a command line, those that are None left out; lists are options with several values."""
    found: list[Any] = []
    for name, value in values.items():
        if value is not None:
            found += [f"--{name.replace('_', '-')}", *(value if isinstance(value, list) else [value])]
    return found


def option(name: str, values: Any) -> list[Any]:
    """An option with its values; nothing where there are none."""
    return [name, *values] if values else []


class Options:
    """What the rules of a study pass on their command lines."""

    def __init__(self, study: Study) -> None:
        self._study = study
        own = study.bed["grading"]
        self.limits = json.dumps({key: own[key] for key in own if key not in ("required_layers", "workers")})
        self.layers: list[str] = own["required_layers"]

    # ---- plans

    def controller_code(self, wildcards: Wildcards) -> str:
        """The digest of what decides: the code that asks a language model is loaded by name."""
        owner = wildcards.owner
        scripts = ["control/decide.py", f"control/controllers/{self._study.declared_controller(owner)['module']}.py"]
        return code(*scripts, *(["control/recorded_answers.py"] if self._study.asks(owner) else []))

    def base_strategy(self, chain: str) -> dict[str, Any]:
        """What every controller starts from; its own settings come beside it."""
        declared = self._study.chains[chain]
        return {
            "steps": declared["steps"],
            "learning_rate": self._study.bed_of(chain)["training"]["learning_rate"],
            "kl_schedule": self._study.config["kl_schedules"][declared["kl_schedule"]],
        }

    def controller_settings(self, wildcards: Wildcards) -> str:
        """A controller's settings in a chain, as JSON."""
        own = self._study.declared_controller(wildcards.owner)["settings"]
        return json.dumps(self.base_strategy(wildcards.chain) | own)

    @explained
    def simulated_controllers(self) -> list[str]:
        """NAME=MODULE:SETTINGS of each controller that is played, with the settings of the wave that is simulated."""
        config = self._study.config
        base = self.base_strategy(self._study.chain(config["simulation"]["wave"]))
        for name in config["simulation"]["controllers"]:
            if name not in config["controllers"]:
                known = ", ".join(config["controllers"])
                raise UserError(f"config.yaml: simulation.controllers: {name!r} is not declared; choose from {known}")
        declared = {name: config["controllers"][name] for name in config["simulation"]["controllers"]}
        return [f"{name}={own['module']}:{json.dumps(base | own['settings'])}" for name, own in declared.items()]

    def simulated_code(self) -> str:
        """The digest of the simulation and of the controllers that are played."""
        config = self._study.config
        played = [name for name in config["simulation"]["controllers"] if name in config["controllers"]]
        return code(
            "simulation/simulate.py",
            *(f"control/controllers/{config['controllers'][name]['module']}.py" for name in played),
        )

    # ---- training

    def train_command(self) -> list[Any]:
        """How a training job starts: as one process, or as all that share a sharded policy."""
        script, sharding = "workflow_scripts.training.train_campaign", self._study.bed["training"]["sharding"]
        if sharding is None:
            return ["python", "-S", "-m", "workflow_scripts.warm.run_job", script]
        launcher = ["python", "-m", "workflow_scripts.training.launch"]
        return [*launcher, "--processes", sharding["processes"], "--device", sharding["device"], script]

    def training_settings(self, wildcards: Wildcards) -> str:
        """A campaign's settings, as JSON."""
        config, training = self._study.config, self._study.bed_of(wildcards.chain)["training"]
        declared = self._study.chains[wildcards.chain]
        left_out = ("learning_rate", "probe_split", "probe_every")
        own = {key: value for key, value in training.items() if key not in left_out}
        # Longer campaigns than the listed steps are probed on to their end; where a wave says how often, from 0 on.
        every = training["probe_every"]
        listed = [0] if "probe_every" in declared.get("training", {}) else own["probe_steps"]
        own["probe_steps"] = [*listed, *range(max(listed, default=0) + every, declared["steps"] + 1, every)]
        name = declared["update_rule"]
        return json.dumps({"update_rule": {"name": name, **config["update_rules"][name]}, **own})

    def compiled_programs(self, wildcards: Wildcards) -> list[str]:
        """The trainer's option that names the folder, where a chain is graded in C++."""
        return [] if self._study.chains[wildcards.chain]["domain"] == FIRST else ["--cache", COMPILED_PROGRAMS]

    # ---- problems and models

    def made_by(self, model: str) -> str:
        """Stands for how a base model is made, for what uses it: the model is a folder, which has no checksum."""
        declared, problems = self._study.bed["models"][role_and_domain(model)[0]], self._study.bed["problems"]
        if "revision" in declared:
            parts = [code("models/fetch_model.py"), *self._origin(declared).values()]
        else:
            corpus = [code("problems/build_corpus.py"), problems["seed"], problems["corpus"]]
            parts = [code("models/pretrain_model.py"), declared, self._study.bed["pretraining"], corpus]
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]

    def origin(self, wildcards: Wildcards) -> list[Any]:
        """Where a published model is taken from."""
        return words(self._origin(self._study.bed["models"][wildcards.role]))

    def _origin(self, declared: Mapping[str, Any]) -> dict[str, Any]:
        origin = {"source": declared["name"], "revision": declared["revision"]}
        if own := declared.get("package"):
            origin |= {"package": own["requirement"], "package_file": own["file"], "package_sha256": own["sha256"]}
        return origin

    def sandbox(self) -> list[Any]:
        """The sandbox in which published solutions run."""
        return ["--limits", self.limits, *words({"required_layers": self.layers})]

    def source(self, wildcards: Wildcards) -> list[Any]:
        """How a source is imported; importing APPS may run its published solutions."""
        declared = self._study.bed["problems"]["sources"][wildcards.source]
        return words(declared) + (self.sandbox() if declared["format"] == "apps" else [])

    def source_file(self, source: str) -> str:
        """Where a source's imported problems lie."""
        return f"{self._study.results}/problems/sources/{source}.jsonl"

    def split(self, wildcards: Wildcards) -> dict[str, Any]:
        """A split as its domain declares it."""
        declared: dict[str, Any] = self._study.beds[wildcards.domain]["problems"]["splits"][wildcards.split]
        return declared

    def generated(self, wildcards: Wildcards) -> list[Any]:
        """What makes a file of generated problems: a split, or all candidates of one."""
        problems, (domain, *_, split) = self._study.bed["problems"], wildcards.file.split("/")
        own = self._study.beds[domain]["problems"]["splits"][split]
        values = {
            "domain": domain,
            "split": split,
            "count": own.get("candidates", own["count"]),
            "depths": own["depths"],
            "problem_seed": problems["seed"],
            **{key: problems.get(key) for key in ("tests", "distinct_outputs", "wording")},
        }
        return words(values)

    def corpus(self) -> list[str]:
        """The parts of the corpus, each as JSON."""
        return [word for part in self._study.bed["problems"].get("corpus", []) for word in ("--part", json.dumps(part))]

    def candidate_sampling(self, wildcards: Wildcards) -> list[Any]:
        """How an untrained model is sampled on candidates: as in training."""
        bed, rule = self._study.beds[wildcards.domain], self._study.bed["problems"]["pass_rate"]
        training = bed["training"]
        settings = {key: training[key] for key in ("temperature", "max_completion_tokens", "prompt_format")}
        engine = training["vllm"] and json.dumps(training["vllm"])
        seeds = ["candidates", wildcards.domain, rule["model"]]
        return words({"samples": rule["samples"], **settings, "vllm": engine, "seed_parts": seeds})

    def selection_by_pass_rate(self, wildcards: Wildcards) -> list[Any]:
        """Which candidates a split takes."""
        domain, split = wildcards.file.split("/")
        own = self._study.beds[domain]["problems"]["splits"][split]
        return words({"range": self._study.bed["problems"]["pass_rate"]["range"], "count": own["count"]})

    def split_files(self, wildcards: Wildcards, key: str) -> list[str]:
        """The files of the sources that a split takes (``sources``) or must not take from (``exclude``)."""
        return [self.source_file(source) for source in self.split(wildcards).get(key, [])]

    def selection(self, wildcards: Wildcards) -> list[Any]:
        """What makes a problem one of a split, but for the files."""
        problems, own = self._study.bed["problems"], self.split(wildcards)
        shared = problems["selection"]
        values = {
            "seed": problems["seed"],
            "range": own["range"],
            "levels": own.get("levels"),
            "ratings": own.get("ratings"),
            "unrated": self.split_files(wildcards, "unrated") or None,
            "count": own["count"],
            **{key: shared[key] for key in ("max_cases", "max_case_bytes", "max_prompt_characters")},
        }
        return words(values) + (["--verify", *self.sandbox()] if shared["verify"] else [])

    def local_layers(self, wildcards: Wildcards) -> list[Any]:
        """What makes some of a model's layers local."""
        declared = self._study.bed["models"][wildcards.role]
        return words({name: declared.get(name) for name in ("sliding_window", "layers_per_global")})
