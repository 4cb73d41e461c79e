"""Sample from any ``transformers`` policy with its own key-value cache, on any device.

The draws are those of ``sampling``: each row's random numbers come from its prompt's seed, so that on one machine what
is drawn does not depend on other prompts. For families without a decode loop of their own and machines without vLLM.
"""

from collections.abc import Collection, Mapping, Sequence

import torch
from torch import Tensor
from transformers import DynamicCache

from workflow_scripts.models.hugging_face import HuggingFacePolicy
from workflow_scripts.training.samplers.sampling import Alternatives, Sampled, draw, end_mask, uniform_draws


class CachedSampler:
    """A ``Sampler`` that holds a policy of its own, or shares the trainer's."""

    def __init__(self, policy: HuggingFacePolicy) -> None:
        self.policy = policy

    @torch.inference_mode()
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
        """As ``samplers.protocol.Sampler``; tensors come back on the processor."""
        policy, device = self.policy, self.policy.device
        width, rows = max(map(len, prompts)), len(prompts) * group_size
        # On the left, so that every row's next token has the same place in the cache.
        padding = torch.tensor([width - len(prompt) for prompt in prompts], device=device)
        ids = torch.tensor([[*[0] * (width - len(prompt)), *prompt] for prompt in prompts], device=device)
        open_slots = torch.arange(width, device=device) >= padding.unsqueeze(1)
        cache = DynamicCache(config=policy.config)
        logits = self._next_logits(ids, open_slots, cache).repeat_interleave(group_size, dim=0)
        cache.batch_repeat_interleave(group_size)
        open_slots = open_slots.repeat_interleave(group_size, dim=0)
        uniform = uniform_draws(seeds, group_size, max_tokens).to(device)
        ends = end_mask(end_tokens, logits.shape[1]).to(device)

        record = Record(rows, max_tokens, min(num_alter_tokens, logits.shape[1]), device)
        active, live = torch.arange(rows, device=device), torch.ones(rows, dtype=torch.bool, device=device)
        for step in range(max_tokens):
            log_probabilities = (logits / temperature).log_softmax(dim=-1)
            chosen = draw(log_probabilities.exp().cumsum(dim=-1, dtype=torch.float64), uniform[active, step])
            record.keep(step, active, chosen, log_probabilities)
            ended = ends[chosen]
            record.end(step, active[live & ended])
            live = live & ~ended
            if step + 1 == max_tokens or not bool(live.any()):
                break
            if int(live.sum()) <= len(active) * 3 // 4:
                # Ended rows leave the batch in portions, since each departure copies the cache.
                active, chosen, open_slots = active[live], chosen[live], open_slots[live]
                cache.batch_select_indices(live.nonzero().flatten())
                live = live[live]
            open_slots = torch.cat((open_slots, torch.ones_like(open_slots[:, :1])), dim=1)
            logits = self._next_logits(chosen.unsqueeze(1), open_slots, cache)
        return record.sampled(logits.shape[1])

    def _next_logits(self, ids: Tensor, open_slots: Tensor, cache: DynamicCache) -> Tensor:
        """Logits [B, V] behind the last of ``ids`` [B, L]; ``open_slots`` [B, S]: all tokens so far without padding."""
        positions = (open_slots.long().cumsum(dim=1) - 1).clamp(min=0)[:, -ids.shape[1] :]
        hidden = self.policy.decoder(
            input_ids=ids,
            attention_mask=open_slots.long(),
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
        ).last_hidden_state
        return self.policy.logits(hidden[:, -1])

    def synchronise(self, weights: Mapping[str, Tensor]) -> None:
        """Take over these weights, unless they are the policy's own already."""
        self.policy.load_state_dict(dict(weights))

    def close(self) -> None:
        """Nothing to give back but the policy's memory, which is its owner's."""


class Record:
    """What is drawn, row by row, as ``Sampled`` wants it."""

    def __init__(self, rows: int, longest: int, alternatives: int, device: torch.device) -> None:
        self.tokens = torch.zeros(rows, longest, dtype=torch.long, device=device)
        self.lengths = torch.full((rows,), longest, device=device)
        self.finished = torch.zeros(rows, dtype=torch.bool, device=device)
        self.log_probabilities = torch.zeros(rows, longest, device=device)
        self.entropies = torch.zeros(rows, longest, device=device)
        self.alternatives = torch.zeros(rows, longest, alternatives, device=device)

    def keep(self, step: int, rows: Tensor, chosen: Tensor, log_probabilities: Tensor) -> None:
        self.tokens[rows, step] = chosen
        self.log_probabilities[rows, step] = log_probabilities.gather(1, chosen.unsqueeze(1)).squeeze(1)
        self.entropies[rows, step] = -(log_probabilities.exp() * log_probabilities).sum(dim=-1)
        if count := self.alternatives.shape[2]:
            self.alternatives[rows, step] = log_probabilities.topk(count, dim=-1).values

    def end(self, step: int, rows: Tensor) -> None:
        self.finished[rows], self.lengths[rows] = True, step + 1

    def sampled(self, vocabulary_size: int) -> Sampled:
        kept = torch.arange(self.tokens.shape[1], device=self.tokens.device) < self.lengths.unsqueeze(1)
        asked_for = None
        if self.alternatives.shape[2]:
            asked_for = Alternatives((self.alternatives * kept.unsqueeze(-1)).cpu(), vocabulary_size)
        return Sampled(
            (self.tokens * kept).cpu(),
            self.lengths.cpu(),
            self.finished.cpu(),
            (self.log_probabilities * kept).cpu(),
            (self.entropies * kept).cpu(),
            asked_for,
        )
