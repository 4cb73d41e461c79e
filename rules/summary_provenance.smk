# What summaries of several waves, and the tables that read them, depend on. Writes nothing.


def contents(paths):
    """Checksums of the files that exist; in frozen mode they are all that is known of what was computed."""
    return [sha256_file(path) for path in paths if Path(path).exists()]


def evaluations_provenance():
    if config["campaigns"] == "frozen":
        graded = contents(evaluated_grades())
    else:
        graded = [
            grades_provenance(split, *evaluated_source(checkpoint))
            for checkpoint in evaluated_checkpoints()
            for split in config["evaluations"]["splits"]
        ]
    return provenance(
        code("statistics/summarise_evaluations.py"),
        config["statistics"],
        evaluated_groups(),
        evaluated_checkpoints(),
        model_names(),
        graded,
    )


def vectors_provenance():
    return provenance(
        code("statistics/capability_vectors.py"), evaluations_provenance()
    )


def declarations_provenance():
    return provenance(code("statistics/declare_waves.py"), wave_declarations())


def timing_provenance():
    return provenance(
        code("statistics/summarise_timing.py"),
        {name: wave_declarations()[name] for name in timed_waves()},
        campaigns_of(timed_waves()),
    )


def manifest_provenance():
    return provenance(
        code("statistics/aggregate_waves.py"),
        {name: wave_declarations()[name] for name in paper_waves()},
        campaigns_of(paper_waves()),
    )


def table_provenance(name):
    # Params that are functions of the input are not compared between runs, so the file is named here again.
    published = text_digest(published_table(name))
    known = [statistics_provenance(wave_name) for wave_name in waves_of_table(name)]
    made_by = {
        "waves": declarations_provenance,
        "timing": timing_provenance,
        "evaluations": evaluations_provenance,
        "vectors": vectors_provenance,
    }
    other = [made_by[source]() for source in table_sources(name) if source in made_by]
    script = code(f"tables/{table_script(name)}.py")
    return provenance(script, published, known, other)
