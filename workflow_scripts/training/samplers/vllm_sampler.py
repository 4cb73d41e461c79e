"""Completions from a vLLM engine that lives in the trainer's process, on the trainer's devices.

Where training runs in several processes, each has an engine of its own (or shares one with the others of its tensor-
parallel group) and samples its share of the prompts: data parallelism without another server or process.
"""

import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from workflow_scripts.core.errors import UserError
from workflow_scripts.core.seeds import derive_seed
from workflow_scripts.core.training_models import Vllm
from workflow_scripts.training.samplers.greedy_probe import check_in_step, probe_prompt
from workflow_scripts.training.samplers.protocol import Score
from workflow_scripts.training.samplers.sampling import Alternatives, Sampled
from workflow_scripts.training.sharded.data_parallel import DataParallel

PROBE_ALTERNATIVES = 8
WHOLE_VOCABULARY = -1
WORKER_EXTENSION = "workflow_scripts.training.samplers.vllm_worker.PolicyLoading"

# Read by vLLM from the environment alone.
REQUIRED_ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",  # the engine in this process, where its weights can be replaced by reference
    "VLLM_NO_USAGE_STATS": "1",  # nothing is reported to anyone
}
DEFAULT_ENVIRONMENT = {
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",  # campaigns run side by side: bound, all of them would share the same cores
}


@contextmanager
def threads_kept() -> Iterator[None]:
    """vLLM's CPU worker takes ``torch.set_num_threads`` away from the whole process; give it back, and the number."""
    function, threads = torch.set_num_threads, torch.get_num_threads()
    try:
        yield
    finally:
        torch.set_num_threads = function
        torch.set_num_threads(threads)


@dataclass(frozen=True)
class Completion:
    """What an engine drew: tokens [T] and log-probabilities [T, 1 + K], the chosen tokens' first."""

    token_ids: list[int]
    log_probabilities: Tensor


class VllmSampler:
    """A sampler (see ``protocol.Sampler``) over a vLLM engine; ``score`` is the trainer's side of the greedy probe.

    ``score`` is None where nothing is trained: the engine keeps the weights of ``model_folder``, and is asked neither
    to synchronise nor to probe.

    ``processes``: those of a training job, each with such a sampler; each engine draws its share of the completions,
    and every process gets all of them. Then each method is called by all of them alike.

    The engine starts from ``model_folder`` (Hugging Face format); the tokenizer there is not used. Starting one seeds
    the process's global generators, which nothing here draws from. One engine at a time per process.
    """

    def __init__(
        self,
        model_folder: Path | str,
        settings: Vllm,
        score: Score | None,
        processes: DataParallel | None = None,
    ) -> None:
        os.environ.update({**DEFAULT_ENVIRONMENT, **os.environ, **REQUIRED_ENVIRONMENT})
        # Imported late: it takes seconds, and only a campaign that samples with it needs it installed.
        from vllm import LLM

        self._settings, self._score, self._processes = settings, score, processes
        self._owns_process_group = not torch.distributed.is_initialized()
        if not self._owns_process_group and "RANK" not in os.environ:
            raise RuntimeError(
                "torch.distributed is initialised, but not by a launcher that sets RANK: an engine is still open in "
                "this process (close it first), or the processes were not started by torchrun"
            )
        with threads_kept():
            self._engine: Any = LLM(
                model=str(model_folder),
                skip_tokenizer_init=True,
                generation_config="vllm",  # no sampling defaults out of the model's folder
                dtype=settings.data_type,
                logprobs_mode="processed_logprobs",  # at the sampling temperature
                max_logprobs=WHOLE_VOCABULARY,  # no limit on what a call may ask for
                max_model_len=settings.max_model_length,
                max_num_seqs=settings.max_sequences,
                gpu_memory_utilization=settings.gpu_memory_utilization,
                kv_cache_memory_bytes=settings.kv_cache_bytes,
                tensor_parallel_size=settings.tensor_parallel_size,
                enforce_eager=settings.enforce_eager,
                enable_prefix_caching=settings.prefix_caching,
                distributed_executor_backend=self._executor(),
                worker_extension_cls=WORKER_EXTENSION,
                seed=0,
            )
        if not self._owns_process_group:
            # Collected as garbage, the engine would end the trainer's process group with its own.
            self._engine.llm_engine.engine_core._finalizer.detach()
        config = self._engine.llm_engine.vllm_config
        # Longer than two blocks of the prefix cache: a block of old keys and values that survived would be seen.
        length = min(2 * config.cache_config.block_size + 1, settings.max_model_length - settings.probe_tokens)
        self._vocabulary_size: int = config.model_config.get_vocab_size()
        self._probe_prompt = probe_prompt(self._vocabulary_size, length)

    def sample(
        self,
        prompts: Sequence[Sequence[int]],
        seeds: Sequence[int],
        group_size: int,
        temperature: float,
        max_tokens: int,
        end_tokens: Collection[int],
        num_alter_tokens: int = 0,
    ) -> Sampled:
        """As the protocol has it; each (prompt, sample) draws with a seed of its own, derived from the prompt's."""
        longest = max(map(len, prompts))
        if longest + max_tokens > self._settings.max_model_length:
            raise UserError(
                f"max_model_length: {self._settings.max_model_length}: a prompt of {longest} tokens and a completion "
                f"of {max_tokens} need {longest + max_tokens}"
            )
        requests = [
            (prompt, derive_seed("completion", seed, number))
            for prompt, seed in zip(prompts, seeds, strict=True)
            for number in range(group_size)
        ]
        ends = sorted(token for token in end_tokens if token < self._vocabulary_size)
        parameters = {"temperature": temperature, "max_tokens": max_tokens, "stop_token_ids": ends}
        alternatives = WHOLE_VOCABULARY if self._settings.exact_entropies else num_alter_tokens
        outputs = self._complete(requests, parameters, alternatives)
        sampled = as_sampled(outputs, max_tokens, ends, self._settings.exact_entropies)
        if not num_alter_tokens:
            return sampled
        count = min(num_alter_tokens, self._vocabulary_size)
        likeliest = torch.zeros(len(outputs), max_tokens, count)
        for row, output in enumerate(outputs):
            values = output.log_probabilities[:, 1:].topk(count, dim=1).values
            likeliest[row, : len(values)] = values
        return replace(sampled, alternatives=Alternatives(likeliest, self._vocabulary_size))

    def synchronise(self, weights: Mapping[str, Tensor]) -> None:
        """Load the weights, forget what was computed with the old ones, and probe."""
        with threads_kept():
            self._engine.collective_rpc("load_policy", args=(weights,))
        if not self._engine.reset_prefix_cache():
            raise RuntimeError("vLLM kept its prefix cache: a request is still running")
        self.probe()

    def probe(self) -> float:
        """The largest difference in nats of the greedy probe; above the tolerance it is a ``SamplerOutOfStep``."""
        parameters = {"temperature": 0.0, "max_tokens": self._settings.probe_tokens}
        output = self._generate([self._probe_prompt], [parameters], PROBE_ALTERNATIVES)[0]
        found = log_probabilities(output)
        ids = torch.tensor(output.logprobs.token_ids).view(found.shape)
        assert self._score is not None, "nothing is trained that the engine could be held against"
        expected = self._score(self._probe_prompt, list(output.token_ids))
        return check_in_step(found, ids, expected, self._settings.probe_tolerance)

    def close(self) -> None:
        """End the engine; the process group too, where the engine made it."""
        from vllm.distributed.parallel_state import destroy_model_parallel

        engine = self._engine.llm_engine
        del self._engine
        if self._owns_process_group:
            engine.engine_core.shutdown()
        else:
            engine.model_executor.shutdown()
            destroy_model_parallel()

    def _executor(self) -> str | None:
        """Who starts the engine's workers: a launcher has, the engine does, or there is one, in this process."""
        if not self._owns_process_group:
            return "external_launcher"
        return "mp" if self._settings.tensor_parallel_size > 1 else None

    def _complete(
        self, requests: Sequence[tuple[Sequence[int], int]], parameters: Mapping[str, Any], alternatives: int
    ) -> list[Completion]:
        """One completion per request (prompt and seed), in their order; each engine draws its share of them."""
        team, everybody = self._settings.tensor_parallel_size, self._processes
        mine = requests if everybody is None else everybody.share(requests, team)
        drawn = [
            Completion(list(output.token_ids), log_probabilities(output))
            for output in self._generate(
                [prompt for prompt, _ in mine], [{**parameters, "seed": seed} for _, seed in mine], alternatives
            )
        ]
        return drawn if everybody is None else everybody.unite(drawn, team)

    def _generate(
        self, prompts: Sequence[Sequence[int]], parameters: Sequence[Mapping[str, Any]], alternatives: int
    ) -> list[Any]:
        """One completion output per prompt, in their order."""
        from vllm import SamplingParams

        common = {"logprobs": alternatives, "flat_logprobs": True, "detokenize": False, "ignore_eos": True}
        # Eager means that nothing is compiled, not even the sampler's small functions: that would need a C++ compiler.
        with torch.compiler.set_stance("force_eager" if self._settings.enforce_eager else "default"):
            results = self._engine.generate(
                [{"prompt_token_ids": list(prompt)} for prompt in prompts],
                [SamplingParams(n=1, watermarking=False, **common, **given) for given in parameters],
                use_tqdm=False,
            )
        return [result.outputs[0] for result in results]


def log_probabilities(output: Any) -> Tensor:
    """Log-probabilities [T, 1 + K] of a vLLM completion: the chosen tokens', then those of the K likeliest."""
    flat = output.logprobs
    return torch.tensor(flat.logprobs, dtype=torch.float32).view(len(output.token_ids), -1)


def as_sampled(outputs: Sequence[Completion], max_tokens: int, end_tokens: Collection[int], exact: bool) -> Sampled:
    """Completions as tensors; ``exact``: their log-probabilities cover the whole vocabulary."""
    shape = (len(outputs), max_tokens)
    tokens, lengths = torch.zeros(shape, dtype=torch.long), torch.zeros(len(outputs), dtype=torch.long)
    chosen, entropies = torch.zeros(shape), torch.zeros(shape)
    for row, output in enumerate(outputs):
        length, values = len(output.token_ids), output.log_probabilities
        lengths[row] = length
        tokens[row, :length] = torch.tensor(output.token_ids)
        chosen[row, :length] = values[:, 0]
        entropies[row, :length] = torch.special.entr(values[:, 1:].exp()).sum(dim=1) if exact else torch.nan
    last = tokens[torch.arange(len(outputs)), lengths - 1]
    finished = torch.isin(last, torch.tensor(sorted(end_tokens), dtype=torch.long))
    return Sampled(tokens, lengths, finished, chosen, entropies)
