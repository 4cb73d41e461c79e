"""Traces as the trainer writes them, with pass rates chosen by a test."""

from typing import Any

from workflow_scripts.core.traces import PASS_RATE, end, pass_rates, peak

CHAIN = "7B-reinforce-py-20"


def make_trace(
    rates: list[float | None],
    campaign: int = 1,
    controller: str = "A3",
    seed: int = 7,
    action: str = "start",
    status: str = "completed",
    probe: list[tuple[int, float]] | None = None,
) -> dict[str, Any]:
    """A valid trace; campaign 1 belongs to the shared first campaign, whatever the controller."""
    owner = "first" if campaign == 1 else controller
    steps = [_make_step(number, rate) for number, rate in enumerate(rates, start=1)]
    trace: dict[str, Any] = {
        "schema_version": 1,
        "identity": {"testbed": "tiny", "chain": CHAIN, "controller": owner, "seed": seed, "campaign": campaign},
        "model": {"role": "7B", "name": "tiny-7B", "parameters": 123},
        "plan": {
            "schema_version": 1,
            "chain": CHAIN,
            "controller": owner,
            "seed": seed,
            "campaign": campaign,
            "action": action,
            "init": (
                {"campaign": 0, "checkpoint": "base"}
                if campaign == 1
                else {"campaign": campaign - 1, "checkpoint": "peak"}
            ),
            "max_steps": max(len(rates), 1),
            "learning_rate": 0.0015,
            "kl_coefficient": 0.0,
            "reason": {"rule": "test", "text": "A test's plan.", "numbers": {"ratio": None}},
        },
        "settings": {
            "update_rule": {
                "name": "reinforce",
                "reward": "graded",
                "use_score_centering": False,
                "scale_rewards": "group",
                "leave_one_out": False,
                "use_importance_sampling_ratio": False,
                "importance_sampling_level": "token",
                "epsilon": 0.2,
                "epsilon_high": 0.2,
                "num_alter_tokens": 0,
                "loss_agg_mode": "seq-mean-token-sum",
                "kl_agg_mode": "seq-mean-token-mean",
            },
            "group_size": 16,
            "prompts_per_step": 4,
            "temperature": 1.0,
            "max_completion_tokens": 64,
            "warmup_steps": 0,
            "optimizer": "AdamW",
            "adam_betas": [0.9, 0.999],
            "weight_decay": 0.0,
            "measure_kl": True,
            "max_grad_norm": None,
            "probe_steps": [0, 20],
            "probe_samples": 4,
            "probe_problems": None,
            "prompt_format": "plain",
            "sharding": None,
            "vllm": None,
        },
        "status": status,
        "steps": steps,
        "probe": [
            {"step": step, "split": "probe", "pass@1": value, "pass@n": 1.0, "n_problems": 8, "samples_per_problem": 4}
            for step, value in (probe or [])
        ],
        "inputs": {"model": "a" * 64},
        "versions": {"torch": "0"},
        "isolation": {"sandbox": "test"},
    }
    measured = pass_rates(trace)
    peak_step, highest = peak(measured) if measured else (None, None)
    trace["peak"] = {"step": peak_step, "pass_rate": highest}
    trace["end"] = {"step": len(measured) or None, "pass_rate": end(measured) if measured else None}
    return trace


def _make_step(number: int, rate: float | None) -> dict[str, Any]:
    step: dict[str, Any] = dict.fromkeys(
        (
            "loss",
            "grad_norm",
            "lm_head_grad_norm",
            "entropy",
            "kl",
            "entropy/lower_bound",
            "entropy/upper_bound",
            "completions/mean_length",
            "completions/min_length",
            "completions/max_length",
            "completions/mean_terminated_length",
            "completions/min_terminated_length",
            "completions/max_terminated_length",
            "completions/clipped_ratio",
            "completions/unique_fraction",
            "frac_reward_zero_std",
            "reward_std",
            "sampling/sampling_logp_difference/mean",
            "sampling/sampling_logp_difference/max",
            "clip_ratio/low_mean",
            "clip_ratio/low_min",
            "clip_ratio/high_mean",
            "clip_ratio/high_max",
            "clip_ratio/region_mean",
        )
    )
    return {
        **step,
        "step": number,
        PASS_RATE: rate,
        "learning_rate": 0.0015,
        "problem_ids": ["p1", "p2"],
        "verdicts": {"pass": 3, "wrong_answer": 5},
    }
