# What tables, figures and releases are made from: for tables, what each file in paper/published/ declares. Writes nothing.

from workflow_scripts.tables.frame.published import read_published

# Each table by its name: tab06 of paper/published/tab06.yaml.
PUBLISHED = {
    path.stem: or_explain(read_published, path)
    for path in sorted(Path("paper/published").glob("*.yaml"))
}
# Figures that are drawn from the statistics of one wave, and the wave.
FIGURE_WAVES = {
    figure: wave_name
    for figure, wave_name in {"fig1": "W0", "fig3": "W4"}.items()
    if wave_name in config["waves"]
}


def published_table(name):
    return f"paper/published/{name}.yaml"


def table_script(name):
    """The script that makes a table, which two tables may share."""
    return PUBLISHED[name].script or name


def asks_nobody(wave_name):
    """Whether a wave can be computed here: those that ask a language model only where one is named."""
    asking = [
        controller
        for controller in config["waves"][wave_name]["controllers"]
        if "chat_endpoint" in controller_named(controller).needs
    ]
    return not asking or URL in os.environ


def waves_of_table(name):
    """The waves whose statistics a table reads: of its rows' the declared ones that can be computed."""
    if "statistics" not in PUBLISHED[name].reads:
        return []
    return [
        wave_name
        for wave_name in PUBLISHED[name].roles
        if wave_name in config["waves"] and asks_nobody(wave_name)
    ]


def table_sources(name):
    """Every file that a table reads but the paper's own numbers, by what it is; nothing where none is evaluated."""
    evaluated = evaluated_chains()
    files = {
        "statistics": [f"statistics/{wave}.json" for wave in waves_of_table(name)],
        "waves": ["statistics/waves.json"],
        "timing": ["statistics/timing.json"],
        "evaluations": ["statistics/evaluations.json"] if evaluated else [],
        "vectors": [f"cap_vectors/{chain}.json" for chain in evaluated],
    }
    return {
        source: [f"results/{TESTBED}/{file}" for file in files[source]]
        for source in PUBLISHED[name].reads
        if files[source] or source == "statistics"
    }


def table_options(name):
    """The words that a table's script is given: each file behind its option, then its settings of config.yaml."""
    files = [
        word
        for source, paths in table_sources(name).items()
        for word in (f"--{source}", *paths)
    ]
    settings = [
        word
        for key in PUBLISHED[name].settings
        for word in (f"--{key.replace('_', '-')}", config["statistics"][key])
    ]
    return files + settings


# All but those of evaluated checkpoints where config.yaml has none evaluated.
TABLES = [name for name in PUBLISHED if table_sources(name)]


def paper_waves():
    """The waves that the paper's tables, figures and text report, of those that can be computed here."""
    reported = {
        *(wave_name for name in TABLES for wave_name in waves_of_table(name)),
        *FIGURE_WAVES.values(),
        "W100gemma",  # in words alone
    }
    return [name for name in config["waves"] if name in reported and asks_nobody(name)]
