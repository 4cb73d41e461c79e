"""What a reader must know of a table's numbers: methods, the paper's own words, the waves and what was left out."""

from collections.abc import Iterable, Sequence

from workflow_scripts.core.contracts.coverage import SimulatedCoverage
from workflow_scripts.core.contracts.evaluated import Evaluations
from workflow_scripts.tables.frame.cells import BY_CAMPAIGN, holm_text, p_value_text
from workflow_scripts.tables.frame.published import Published
from workflow_scripts.tables.frame.records import ByWave, Record


def methods_text(records: Iterable[Record]) -> str:
    """The methods and levels of the records' intervals, e.g. "exact bootstrap over seeds (95 %)"."""
    intervals = [record.ours.interval for record in records]
    return " or ".join(sorted({f"{i.method} ({100 * i.level:g} %)" for i in intervals if i.level is not None}))


def method_notes(records: Sequence[Record]) -> list[str]:
    """The intervals' methods, levels and units, and why single ones are missing."""
    found = [record for record in records if record.is_measured and record.ours.interval.method]
    units = " or ".join(sorted({f"{record.ours.unit}s" for record in found}))
    notes = [f"Brackets: {methods_text(found)}; n counts {units}."] if found else []
    if beside := sorted({method for record in found if (method := record.ours.by_campaign.method)}):
        notes.append(
            f"{BY_CAMPAIGN.capitalize()}, as in the paper: {' or '.join(beside)}. It takes the campaigns of one "
            "chain as independent, which they are not: it may be too narrow or too wide. A bootstrap over few seeds "
            "is optimistic itself."
        )
    without = [record for record in found if record.ours.interval.low is None and record.ours.interval.note]
    told = {f"{record.row.label}, {record.column.name}: {record.ours.interval.note}" for record in without}
    return notes + [f"Interval of {note}." for note in sorted(told)]


def coverage_note(records: Sequence[Record], coverage: SimulatedCoverage) -> list[str]:
    """How often intervals at the records' numbers of seeds hold the true mean, by simulation, in one note."""
    intervals = [(record.ours.interval, record.ours.n_seeds) for record in records]
    sizes = sorted({n for interval, n in intervals if interval.low is not None and n is not None})
    if not sizes:
        return []
    populations = ", ".join(coverage["populations"]).replace("_", " ")
    error = max(one["standard_error"] for one in coverage["methods"])
    return [
        f"Coverage of {100 * coverage['level']:g} % intervals, simulated for n seeds with one value each (share that "
        f"holds the true mean, lowest to highest of the populations {populations}; "
        f"{coverage['samples']:,} samples each, standard error at most {error:.3f}): "
        f"{'; '.join(f'n = {n}: {_coverage_at(n, coverage)}' for n in sizes)}."
    ]


def _coverage_at(n: int, coverage: SimulatedCoverage) -> str:
    """E.g. "bootstrap 0.73 to 0.86, Student t 0.89 to 0.96, BCa 0.70 to 0.79"."""
    shares: dict[str, list[float]] = {}
    for one in coverage["methods"]:
        if one["n"] == n:
            name = one["method"].removesuffix(" over seeds").removeprefix("exact ").removeprefix("resampled ")
            shares.setdefault(name, []).append(one["coverage"])
    return ", ".join(f"{name} {min(own):.2f} to {max(own):.2f}" for name, own in shares.items()) or "not simulated"


def holm_note(records: Sequence[Record]) -> list[str]:
    """What Holm's p-values are adjusted over; none where there are fewer than two tests."""
    tests = sum(record.ours.sign_flip.holm is not None for record in records)
    return [f"Holm: p adjusted by Holm's method over the {tests} sign-flip tests of this table."] if tests > 1 else []


def sign_flip_note(records: Sequence[Record]) -> list[str]:
    """The sign-flip tests of paired differences, in one sentence; none where nothing was paired."""
    tested = [record for record in records if record.is_measured and record.ours.sign_flip.p is not None]
    if not tested:
        return []
    methods = " or ".join(sorted({str(record.ours.sign_flip.method) for record in tested}))
    tests = "; ".join(
        f"{record.column.name} {p_value_text(record.ours.sign_flip)}, Holm {holm_text(record.ours.sign_flip)}"
        for record in tested
    )
    told = f"{methods[0].upper()}{methods[1:]} of the differences, p and the smallest p attainable: {tests}."
    return [told, *holm_note(records)]


def published_notes(records: Sequence[Record], published: Published) -> list[str]:
    """Where the paper's numbers stand, how its intervals were made, and what it says beside single numbers."""
    told = {f"{r.row.label or r.row.name}, {r.column.name}: {r.paper.note}" for r in records if r.paper.note}
    method = published.interval or "without intervals"
    notes = [f"Paper: Table {published.table}, section {published.section}, {method}."]
    return notes + [f"Paper, {note}." for note in sorted(told)]


def wave_notes(by_wave: ByWave, grouped: bool = False) -> list[str]:
    """For each wave its chains, testbed and model; ``grouped`` has one note for all waves of which the same is true."""
    waves_of: dict[str, list[str]] = {}
    for wave, one in by_wave.items():
        model, campaigns = one["model"], max((row["campaign"] for row in one["campaigns"]), default=0)
        note = (
            f"{campaigns} campaign{'' if campaigns == 1 else 's'} of chain {one['chain']} on testbed {one['testbed']}; "
            f"{model['name']} ({model['parameters']:,} parameters) stands in for the paper's {model['role']} model, so "
            "the paper's values are context, not a target."
        )
        waves_of.setdefault(note if grouped else f"{wave}: {note}", []).append(wave)
    return [f"{', '.join(waves)}: {note}" if grouped else note for note, waves in waves_of.items()]


def exclusion_notes(by_wave: ByWave) -> list[str]:
    """What was left out of each wave, and why."""
    notes = []
    for wave, one in by_wave.items():
        for chain in one["excluded"]:
            campaign = "" if chain["campaign"] is None else f" campaign {chain['campaign']}"
            notes.append(
                f"Left out of {wave}: {chain['controller']} seed {chain['seed']}{campaign}: {chain['reason']}."
            )
    return notes if notes or not by_wave else ["No chain was left out."]


def missing_notes(evaluations: Evaluations, names: Sequence[str], splits: Sequence[str]) -> list[str]:
    """The declared final checkpoints of these groups that nobody evaluated on a split of the table."""
    return [
        f"Left out of {name} on {entry['split']}: {entry['checkpoint']} is not evaluated."
        for name in names
        for entry in evaluations["groups"].get(name, {"missing": []})["missing"]
        if entry["split"] in splits
    ]


def problem_notes(evaluations: Evaluations, names: Sequence[str], splits: Sequence[str]) -> list[str]:
    """How many problems and samples the values rest on, by split; groups and untrained models together."""
    groups = evaluations["groups"]
    checkpoints = [own for name in names for own in groups.get(name, {"checkpoints": [name]})["checkpoints"]]
    notes = []
    for split in splits:
        found = [evaluations["checkpoints"].get(own, {}).get(split) for own in checkpoints]
        if sizes := sorted({(one["n"], one["samples"]) for one in found if one}):
            words = [f"{n} problems, {samples} {'sample' if samples == 1 else 'samples'} each" for n, samples in sizes]
            notes.append(f"{split}: {' or '.join(words)}")
    return [f"Evaluated on {'; '.join(notes)}."] if notes else []
