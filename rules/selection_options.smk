# The options of rules/published_problems.smk, from config.yaml. Writes nothing.


def as_options(**values):
    """Values as words of a command line, those that are None left out; lists are options with several values."""
    words = []
    for name, value in values.items():
        if value is not None:
            words += [f"--{name.replace('_', '-')}"]
            words += value if isinstance(value, list) else [value]
    return words


def source_file(source):
    return f"results/{TESTBED}/problems/sources/{source}.jsonl"


def split_files(key):
    """The files of the sources that a split takes (``sources``) or must not take from (``exclude``)."""
    return lambda wildcards: [
        source_file(source)
        for source in BEDS[wildcards.domain]["problems"]["splits"][wildcards.split].get(
            key, []
        )
    ]


def split_options(split, domain):
    """What makes a problem one of this split, but for the files."""
    problems = BEDS[domain]["problems"]
    own, shared = problems["splits"][split], problems["selection"]
    return as_options(
        seed=problems["seed"],
        range=own["range"],
        levels=own.get("levels"),
        ratings=own.get("ratings"),
        unrated=[source_file(source) for source in own.get("unrated", [])] or None,
        count=own["count"],
        max_cases=shared["max_cases"],
        max_case_bytes=shared["max_case_bytes"],
        max_prompt_characters=shared["max_prompt_characters"],
    )


def verify_options():
    if not BED["problems"]["selection"]["verify"]:
        return []
    return ["--verify", *sandbox_options()]


def sandbox_options():
    layers = as_options(required_layers=BED["grading"]["required_layers"])
    return ["--limits", SANDBOX_LIMITS, *layers]


def runs_solutions(source):
    """Whether importing a source may run its published solutions, as of functions of APPS."""
    return BED["problems"]["sources"][source]["format"] == "apps"
