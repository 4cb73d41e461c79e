# What tables, figures and releases are made from. Writes nothing.

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
# Other files of results/{testbed}/ that a table reads, by the option that names them to its script.
TABLE_FILES = {
    "tab03": {"--waves": ["statistics/waves.json"]},
    "tab18": {"--timing": ["statistics/timing.json"]},
}
if evaluated_groups():
    TABLE_FILES |= {
        "tab13": {"--evaluations": ["statistics/evaluations.json"]},
        "tab14": {"--evaluations": ["statistics/evaluations.json"]},
        "tab15": {"--evaluations": ["statistics/evaluations.json"]},
        "appendix_b": {
            "--vectors": [f"cap_vectors/{chain}.json" for chain in evaluated_chains()]
        },
    }
TABLES = sorted({*TABLE_WAVES, *TABLE_FILES})
TABLE_OPTIONS = {
    "tab02": ["--collapse-ratio", config["statistics"]["collapse_ratio"]],
    "tab12": [
        *("--confidence", config["statistics"]["confidence"]),
        *("--max-atoms", config["statistics"]["max_atoms"]),
        *("--resamples", config["statistics"]["resamples"]),
    ],
}


# Figures that are drawn from the statistics of one wave, and the wave.
FIGURE_WAVES = {
    figure: wave_name
    for figure, wave_name in {"fig1": "W0", "fig3": "W4"}.items()
    if wave_name in config["waves"]
}


def published_table(name):
    number = name.removeprefix("tab")
    return f"paper/published/{name if number == name else f'table{number}'}.yaml"


def asks_nobody(wave_name):
    """Whether a wave can be computed here: those that ask a language model only where one is named."""
    asking = [
        controller
        for controller in config["waves"][wave_name]["controllers"]
        if "chat_endpoint" in controller_named(controller).needs
    ]
    return not asking or URL in os.environ


def waves_of_table(name):
    """The waves that a table reads: of those it names the declared ones that can be computed."""
    return [
        wave_name
        for wave_name in TABLE_WAVES.get(name, [])
        if wave_name in config["waves"] and asks_nobody(wave_name)
    ]


def table_sources(name):
    """Every file that a table reads but the paper's own numbers, by option."""
    sources = {}
    if name in TABLE_WAVES:
        sources["--statistics"] = [
            f"statistics/{wave_name}.json" for wave_name in waves_of_table(name)
        ]
    return {
        option: [f"results/{TESTBED}/{file}" for file in files]
        for option, files in (sources | TABLE_FILES.get(name, {})).items()
    }


def paper_waves():
    """The waves that the paper's tables, figures and text report, of those that can be computed here."""
    reported = {
        *(wave_name for waves in TABLE_WAVES.values() for wave_name in waves),
        *FIGURE_WAVES.values(),
        "W100gemma",  # in words alone
    }
    return [name for name in config["waves"] if name in reported and asks_nobody(name)]
