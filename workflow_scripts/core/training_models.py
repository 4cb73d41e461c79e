"""The models of what a campaign is told: each setting once, for config.yaml, testbeds/ and the trainer alike."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from workflow_scripts.core.sections import (
    Count,
    Natural,
    NotNegative,
    Positive,
    PositiveShare,
    Section,
    Unique,
    setting,
    within,
)

Aggregation = Literal["seq-mean-token-sum", "seq-mean-token-mean", "seq-mean-token-sum-norm"]


class UpdateRuleOptions(Section):
    """How a step's rewards become a loss (5.1, 5.9, H); docs/decisions.md explains each option."""

    reward: Literal["graded", "shuffled", "constant"] = setting(
        "controls: the batch's rewards in random order (`shuffled`), or 1 for every completion (`constant`)"
    )
    use_score_centering: bool = setting("r - mean over the group")
    scale_rewards: Literal["group", "none"] = setting("centred rewards over the group's standard deviation + 1e-4")
    leave_one_out: bool = setting("r - mean over the others of the group")
    use_importance_sampling_ratio: bool = setting("policy over sampler, clipped, in place of the log-probability")
    importance_sampling_level: Literal["token", "sequence_sum"] = setting("what the ratio is of")
    epsilon: float = setting("the ratio is clipped to [1 - epsilon, 1 + epsilon_high]", ge=0, lt=1)
    epsilon_high: NotNegative = setting("see epsilon")
    num_alter_tokens: Natural = setting("most probable tokens recorded per position; they bound the entropy")
    loss_agg_mode: Aggregation = setting("how tokens become one number")
    kl_agg_mode: Aggregation = setting("the same, of the KL term")

    @model_validator(mode="after")
    def _one_baseline(self) -> "UpdateRuleOptions":
        if self.use_score_centering and self.leave_one_out:
            raise within("leave_one_out", "a second baseline beside use_score_centering; set one of them to false")
        return self


class Sharding(Section):
    """How a policy that one device cannot train is divided (FSDP2; 5.1, F)."""

    device: Literal["cpu", "cuda"] = setting("of each process")
    processes: Count = setting("that share the policy, one on each device")
    compute_dtype: Literal["float32", "bfloat16"] = setting(
        "of the layers; weights, gradients and moments are in float32"
    )
    gradient_checkpointing: bool = setting("whether only the layers' inputs are kept for the backward pass")
    tokens_per_batch: Count = setting("in one pass of one process, padding included")
    state_every: Count = setting("steps between two states that a killed campaign goes on from")


class Vllm(Section):
    """The engine that samples, one in each process (F)."""

    data_type: Literal["float32", "bfloat16", "float16"] = setting("of its weights")
    max_model_length: Count = setting("tokens of a prompt and its completion")
    max_sequences: Count = setting("completions at a time, per engine")
    gpu_memory_utilization: PositiveShare = setting("share of a device; the rest is the trainer's")
    kv_cache_bytes: Count | None = setting("null: what gpu_memory_utilization leaves")
    tensor_parallel_size: Count = setting("processes that share an engine")
    enforce_eager: bool = setting("no compilation, no CUDA graphs")
    prefix_caching: bool = setting("keep the cache of prompts")
    exact_entropies: bool = setting("of the whole vocabulary: for small ones only")
    probe_tokens: Count = setting("of the greedy probe after each update")
    probe_tolerance: Positive = setting("largest difference in it that rounding may explain, in nats")

    @model_validator(mode="after")
    def _room_for_a_prompt(self) -> "Vllm":
        if self.probe_tokens >= self.max_model_length:
            raise within(
                "probe_tokens", f"{self.probe_tokens} leaves no room in max_model_length {self.max_model_length}"
            )
        return self


class CampaignTraining(Section):
    """Sizes, sampling and optimisation of a campaign (5.1, F)."""

    group_size: int = setting("samples per prompt (5.1)", ge=2)
    prompts_per_step: Count = setting("problems per step; the paper has one (F)")
    temperature: Positive = setting("of sampling (5.1)")
    max_completion_tokens: Count = setting("cut of a completion")
    warmup_steps: Natural = setting("linear, counted in steps of the campaign")
    optimizer: Literal["adam"] = setting("with the gradient's global norm clipped")
    adam_betas: list[Annotated[float, Field(ge=0, lt=1)]] = setting("of both moments", min_length=2, max_length=2)
    weight_decay: NotNegative = setting("of the weights")
    measure_kl: bool = setting("also where its coefficient is 0, at the price of a pass of the campaign's first policy")
    max_grad_norm: Positive = setting("beyond it gradients are scaled down")
    probe_steps: Unique[Natural] = setting("when it is measured, beside the last step")
    probe_samples: Count = setting("per problem of the probe")
    probe_problems: Count | None = setting("the first so many of the split; null: all")
    prompt_format: Literal["plain", "chat", "prefilled"] = setting(
        "`plain`: the policy continues the problem's prompt; `chat`: it answers in its own chat template; "
        "`prefilled`: it continues the prompt in an answer that is begun for it"
    )
    sharding: Sharding | None = setting("null: the policy is whole in one process")
    vllm: Vllm | None = setting("null: the policy samples from itself")

    @model_validator(mode="after")
    def _sampled_from_by_an_engine(self) -> "CampaignTraining":
        if self.sharding is None:
            return self
        if self.vllm is None:
            raise within("vllm", "is null, but a sharded policy is sampled from by an engine only; give its settings")
        if self.sharding.processes % self.vllm.tensor_parallel_size:
            divided = f"does not divide sharding.processes ({self.sharding.processes})"
            raise within("vllm.tensor_parallel_size", f"{self.vllm.tensor_parallel_size} {divided}")
        return self


class Training(CampaignTraining):
    """Sizes, sampling and optimisation of campaigns (5.1, F)."""

    learning_rate: NotNegative = setting("the base strategy's; the paper has 1e-6 on Qwen-2.5 (5.1)")
    probe_split: Literal["probe", "tuning"] = setting("`probe` is reported; `tuning` is for choosing settings")
    probe_every: Count = setting(
        "in longer campaigns: steps between two probes from then on; where a wave says it, from 0 on"
    )
