"""Recorded chains from a heap of traces: each controller's campaigns in order, from the first one that they share."""

from collections.abc import Iterable
from dataclasses import dataclass

from workflow_scripts.core.campaign_folders import SHARED
from workflow_scripts.core.contracts.campaigns import Identity, Trace
from workflow_scripts.core.errors import UserError


@dataclass(frozen=True)
class RecordedChain:
    """One controller's chain with one seed; ``traces`` are those of campaigns 1, 2, ... in order."""

    chain: str
    controller: str
    seed: int
    traces: list[Trace]


def group_chains(traces: Iterable[Trace]) -> list[RecordedChain]:
    """Every chain of two campaigns or more, sorted by chain, controller and seed.

    A ``UserError`` where a campaign is given twice, or one before it is missing.
    """
    found: dict[tuple[str, int, str], dict[int, Trace]] = {}
    for trace in traces:
        identity = trace["identity"]
        campaigns = found.setdefault((identity["chain"], identity["seed"], identity["controller"]), {})
        if identity["campaign"] in campaigns:
            raise UserError(f"--traces: {_place(identity)}: is given twice; give each campaign's trace.json once")
        campaigns[identity["campaign"]] = trace

    chains = []
    for (chain, seed, controller), campaigns in sorted(found.items(), key=lambda item: (item[0][0], item[0][2])):
        if controller == SHARED:
            continue
        own = {**found.get((chain, seed, SHARED), {}), **campaigns}
        if missing := [number for number in range(1, max(own) + 1) if number not in own]:
            raise UserError(
                f"--traces: {chain}/{controller}/s{seed}: campaign {missing[0]} is missing; give every campaign up to "
                f"the last, and the shared first one ({chain}/{SHARED}/s{seed}/c01)"
            )
        chains.append(RecordedChain(chain, controller, seed, [own[number] for number in sorted(own)]))
    if not chains:
        raise UserError("--traces: hold no controller's own campaign, so no chain; give a wave's traces")
    return sorted(chains, key=lambda one: (one.chain, one.controller, one.seed))


def _place(identity: Identity) -> str:
    return f"{identity['chain']}/{identity['controller']}/s{identity['seed']}/c{identity['campaign']:02d}"
