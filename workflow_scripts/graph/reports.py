"""What tables, figures and the manifest are made from."""

from typing import Any

from workflow_scripts.graph.evaluations import Evaluations
from workflow_scripts.graph.study import Study

# Waves whose statistics a table reads, where they are declared.
TABLE_WAVES = {
    "tab01": ["W01", "W01ewc", "W01adaptive"],
    "tab02": ["W02at50", "W02at100", "W02at150", "W0"],
    "tab04": ["W1v2"],
    "tab05": ["W2", "W2b3", "W2cpp", "W2cppb3"],
    "tab06": ["W7", "W4", "W6"],
    "tab07": ["W4"],
    "tab08": ["W4", "W104"],
    "tab09": ["W4", "W14", "W15", "W8"],
    "tab10": ["W4", "W8", "W17", "W18", "W7", "W12", "W17s"],
    "tab11": ["W4", "W17", "W104"],
    "tab12": ["W18", "W17"],
    "tab13": ["W3"],
    "tab16": ["W4", "W104"],
    "tab17": ["W1"],
}
# Figures that are drawn from the statistics of one wave.
FIGURE_WAVES = {"fig1": "W0", "fig3": "W4"}
TIMED_WAVES = ["W4", "W8", "W2b3", "W14"]
_IN_WORDS_ALONE = "W100gemma"


class Reports:
    """The tables and figures of a study."""

    def __init__(self, study: Study, evaluations: Evaluations) -> None:
        self._study = study
        self._waves = study.config["waves"]
        # Other files of results/{testbed}/ that a table reads, by the option that names them to its script.
        self._files = {
            "tab03": {"--waves": ["statistics/waves.json"]},
            "tab18": {"--timing": ["statistics/timing.json"]},
        }
        if evaluations.groups():
            evaluated = {"--evaluations": ["statistics/evaluations.json"]}
            vectors = [f"cap_vectors/{chain}.json" for chain in evaluations.chains()]
            self._files |= {"tab13": evaluated, "tab14": evaluated, "tab15": evaluated}
            self._files["appendix_b"] = {"--vectors": vectors}
        self.tables = sorted({*TABLE_WAVES, *self._files})
        self.figures = {figure: name for figure, name in FIGURE_WAVES.items() if name in self._waves}

    def table_sources(self, table: str) -> dict[str, list[str]]:
        """Every file that a table reads but the paper's own numbers, by option."""
        sources = {}
        if table in TABLE_WAVES:
            sources["--statistics"] = [f"statistics/{name}.json" for name in self._computable(TABLE_WAVES[table])]
        sources |= self._files.get(table, {})
        return {option: [f"{self._study.results}/{file}" for file in files] for option, files in sources.items()}

    def table_options(self, table: str) -> list[Any]:
        """What a table's script is told of how statistics are made."""
        statistics = self._study.config["statistics"]
        told = {"tab02": ["collapse_ratio"], "tab12": ["confidence", "max_atoms", "resamples"]}.get(table, [])
        return [word for key in told for word in (f"--{key.replace('_', '-')}", statistics[key])]

    def timed_waves(self) -> list[str]:
        """The waves of Table 18 that can be computed here."""
        return self._computable(TIMED_WAVES)

    def paper_waves(self) -> list[str]:
        """The waves that the paper's tables, figures and text report, of those that can be computed here."""
        in_tables = {name for names in TABLE_WAVES.values() for name in names}
        reported = {*in_tables, *self.figures.values(), _IN_WORDS_ALONE}
        return self._computable([name for name in self._waves if name in reported])

    def _computable(self, names: list[str]) -> list[str]:
        """Of these waves the declared ones that can be computed here."""
        return [name for name in names if name in self._waves and self._study.asks_nobody(name)]


def published_table(table: str) -> str:
    """The file with the paper's numbers."""
    number = table.removeprefix("tab")
    return f"paper/published/{table if number == table else f'table{number}'}.yaml"
