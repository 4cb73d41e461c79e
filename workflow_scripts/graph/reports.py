"""What tables, figures and the manifest are made from: for tables, what each file in paper/published/ declares."""

from pathlib import Path
from typing import Any

from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.options import option
from workflow_scripts.graph.study import Study
from workflow_scripts.statistics.experiments.claims_file import read_claims, waves_of
from workflow_scripts.tables.frame.published import read_published

# Figures that are drawn from the statistics of one wave.
FIGURE_WAVES = {"fig1": "W0", "fig3": "W4"}
# Those whose campaigns figure small shows side by side, in the order of its columns.
DIAGNOSIS_WAVES = ("W110", "W110centred", "W110shuffled", "W110still")
# The family of waves that figure and table ladder are made from.
LADDER = "W200"
# The wave whose carried checkpoints figure dose shows, and the tables of such waves.
DOSE_WAVE = "W220"
CARRIED_TABLES = {"carried": DOSE_WAVE, "carried_grpo": "W221"}
# Their contrasts beside those with naive chaining: the peak against a coin, CARE against its dose.
CARRIED_PAIRS = (("RAND", "B1"), ("YOKED", "A3"), ("MATCHED", "A3"))
# The wave whose measurement table measurement checks, and the one with chains that learn nothing beside it.
MEASURED_WAVE, STILL_WAVE = "W4", "W104"
# Whose spread between seeds power.md takes.
_POWER_WAVE = "W4"
_PUBLISHED = Path("paper/published")


class Reports:
    """The tables and figures of a study."""

    coverage = "results/statistics_checks/coverage.json"  # of no testbed
    claims = "paper/headline.yaml"
    still_controller = "NULL"  # whose chains learn nothing after their first campaign

    def __init__(self, study: Study, evaluations: Evaluations, published: Path = _PUBLISHED) -> None:
        self._study = study
        self._waves = study.config["waves"]
        self._evaluated = evaluations.chains()
        # Each table by its name: tab06 of paper/published/tab06.yaml.
        self._published = {path.stem: read_published(path) for path in sorted(published.glob("*.yaml"))}
        # All but those of evaluated checkpoints where config.yaml has none evaluated.
        self.tables = [table for table in self._published if set(self._sources(table)) - {"coverage"}]
        self.figures = {figure: name for figure, name in FIGURE_WAVES.items() if name in self._waves}
        self.ladder = [name for name, own in self._waves.items() if own.get("family") == LADDER]
        self.dose_wave = DOSE_WAVE if DOSE_WAVE in self._waves else None
        self.carried = {table: name for table, name in CARRIED_TABLES.items() if name in self._waves}
        has_still = self.still_controller in self._waves.get(STILL_WAVE, {"controllers": []})["controllers"]
        self.measured_wave = MEASURED_WAVE if MEASURED_WAVE in self._waves and has_still else None
        # Of the claims' waves, where all that they need is declared.
        needed = waves_of(read_claims(published.parent / Path(self.claims).name))
        complete = self.ladder and set(needed) <= set(self._waves)
        self.claimed_waves = needed if complete else []
        # Experiments of our own, each with its figure, where there is one, and its table.
        self._experiments = [
            (figure, table)
            for figure, table, is_declared in (
                ("ladder", "ladder", self.ladder),
                ("dose", "carried", self.dose_wave),
                (None, "carried_grpo", "carried_grpo" in self.carried),
                (None, "measurement", self.measured_wave),
                (None, "claims", self.claimed_waves),
            )
            if is_declared
        ]
        self.power_wave = _POWER_WAVE if _POWER_WAVE in self._waves else None
        self.diagnosis = [name for name in DIAGNOSIS_WAVES if name in self._waves]

    def script(self, table: str) -> str:
        """The script that makes a table, which two tables may share."""
        return self._published[table].script or table

    def waves_of(self, table: str) -> list[str]:
        """The waves whose statistics a table reads: of its rows' the declared ones that can be computed."""
        declared = self._published[table]
        return self._computable(list(declared.roles)) if "statistics" in declared.reads else []

    def _sources(self, table: str) -> dict[str, list[str]]:
        """Every file that a table reads but the paper's own numbers, by what it is; nothing where none is evaluated."""
        results = self._study.results
        files = {
            "statistics": [f"{results}/statistics/{name}.json" for name in self.waves_of(table)],
            "coverage": [self.coverage],
            "waves": [f"{results}/statistics/waves.json"],
            "timing": [f"{results}/statistics/timing.json"],
            "evaluations": [f"{results}/statistics/evaluations.json"] if self._evaluated else [],
            "vectors": [f"{results}/cap_vectors/{chain}.json" for chain in self._evaluated],
        }
        return {
            source: files[source] for source in self._published[table].reads if files[source] or source == "statistics"
        }

    def sources(self, table: str) -> list[str]:
        """Every file that a table reads but the paper's own numbers."""
        return [path for paths in self._sources(table).values() for path in paths]

    def options(self, table: str) -> list[Any]:
        """What a table's script is told: each file behind its option, then its settings of config.yaml."""
        files = [word for source, paths in self._sources(table).items() for word in (f"--{source}", *paths)]
        statistics, settings = self._study.config["statistics"], self._published[table].settings
        return files + [word for key in settings for word in (f"--{key.replace('_', '-')}", statistics[key])]

    def timed_waves(self) -> list[str]:
        """The waves of Table 18 that can be computed here."""
        return self._computable(list(self._published["tab18"].roles))

    def paper_waves(self) -> list[str]:
        """The waves that the paper's tables, figures and text report, of those that can be computed here."""
        in_tables = {name for table in self.tables for name in self.waves_of(table)}
        reported = {*in_tables, *self.figures.values()}
        return self._computable([name for name in self._waves if name in reported])

    @property
    def experiments(self) -> list[str]:
        """The figures and tables of the experiments of our own."""
        figures = [f"figures/{figure}.pdf" for figure, _ in self._experiments if figure]
        return [*figures, *(f"paper/tables/{table}.md" for _, table in self._experiments)]

    def measured(self, file: str) -> list[str]:
        """``trace.json`` or ``rollouts.parquet`` of the campaigns whose measurement is checked."""
        return [str(Path(path).with_name(file)) for path in self._study.traces(MEASURED_WAVE)]

    def measured_problems(self) -> str:
        """What these campaigns trained on."""
        return self._study.problems(self._waves[MEASURED_WAVE]["domain"], "train")

    def still(self, file: str) -> list[str]:
        """The same of the campaigns beside them in which nothing is learned: those after the first."""
        study = self._study
        chain, campaigns = study.chain(STILL_WAVE), study.wave(MEASURED_WAVE)["campaigns"]
        folders = (
            study.campaign_folder(chain, self.still_controller, seed, campaign)
            for seed in study.seeds(MEASURED_WAVE)
            for campaign in range(2, campaigns + 1)
        )
        return [f"{folder}/{file}" for folder in folders]

    def carried_pairs(self, wave: str) -> list[str]:
        """``CARRIED_PAIRS`` of which a wave has both."""
        there = {*self._waves[wave]["controllers"]}
        return option("--pairs", [f"{one}:{other}" for one, other in CARRIED_PAIRS if {one, other} <= there])

    def _computable(self, names: list[str]) -> list[str]:
        """Of these waves the declared ones that can be computed here."""
        return [name for name in names if name in self._waves and self._study.asks_nobody(name)]
