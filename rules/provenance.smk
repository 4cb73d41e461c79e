# What each stage's outputs depend on. Reads code and configuration; writes nothing.
#
# Nothing reruns because a file is newer: file times say little after a clone or a copy, and on shared file systems less,
# so rules/common.smk levels them at the start. Each job carries `provenance` instead: a hash over its code, its settings
# and the provenance of what it consumes, so that a stale result is found wherever a run was interrupted.

import functools
import hashlib

from workflow_scripts.core.code_digest import code_digest, text_digest
from workflow_scripts.core.files import sha256_file

# How many programs are graded at a time changes no result.
GRADING = {key: value for key, value in BED["grading"].items() if key != "workers"}


def provenance(*parts):
    """16 hexadecimal digits over code digests, settings and provenances."""
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]


@functools.cache
def code(*scripts):
    return or_explain(code_digest, *scripts)


@functools.cache
def problems_provenance(split, domain):
    problems = BEDS[domain]["problems"]
    if "sources" in problems:
        return published_provenance(split, domain)
    if split == "corpus":
        own = problems["corpus"]
        script = "problems/build_corpus.py"
    else:
        own = [
            problems["splits"][split],
            problems["tests"],
            problems["distinct_outputs"],
        ]
        script = "problems/generate_problems.py"
    return provenance(code(script), problems["seed"], own)


def source_provenance(source):
    judged_by = [code("grading/zygote.py"), GRADING] if runs_solutions(source) else []
    return provenance(
        code("problems/import_problems.py"),
        BED["problems"]["sources"][source],
        judged_by,
    )


def published_provenance(split, domain):
    problems = BEDS[domain]["problems"]
    own, shared = problems["splits"][split], problems["selection"]
    judged_by = [code("grading/zygote.py"), GRADING] if shared["verify"] else []
    return provenance(
        code("problems/select_problems.py"),
        problems["seed"],
        own,
        shared,
        judged_by,
        [source_provenance(name) for name in own["sources"] + own.get("exclude", [])],
    )


def model_provenance(name):
    """Of a base model by its name (``model_of``)."""
    role, domain = role_and_domain(name)
    declared = BEDS[domain]["models"][role]
    if "revision" in declared:
        return fetched_model_provenance(role)
    own = [declared, BED["pretraining"]]
    return provenance(
        code("models/pretrain_model.py"), own, problems_provenance("corpus", domain)
    )


def fetched_model_provenance(role):
    declared = BED["models"][role]
    return provenance(
        code("models/fetch_model.py"), declared["name"], declared["revision"]
    )


def controller_provenance(controller):
    declared = config["controllers"].get(controller, {"module": "first_campaign"})
    scripts = ["control/decide.py", f"control/{declared['module']}.py"]
    if controller != "first" and "chat_endpoint" in controller_named(controller).needs:
        # The code that asks is loaded by name; how patiently it asks changes no answer.
        scripts.append("control/recorded_answers.py")
        patience = ("timeout_seconds", "retries", "backoff_seconds")
        settings = declared["settings"]
        declared = {
            **declared,
            "settings": {
                key: value for key, value in settings.items() if key not in patience
            },
        }
    return provenance(code(*scripts), declared)


def start_provenance(declared):
    """Of what a chain's first campaign starts from."""
    if start := declared.get("start"):
        origin = chain_name(config, config["waves"][start["wave"]])
        return provenance(campaign_provenance(origin, "first"), start["step"])
    return model_provenance(qualified(declared["model"], declared["domain"]))


@functools.cache
def campaign_provenance(chain, controller):
    declared, training = CHAINS[chain], bed_of(chain)["training"]
    return provenance(
        # The sandbox's processes are started by path, not imported.
        code("training/train_campaign.py", "grading/zygote.py"),
        {
            key: declared[key]
            for key in ("update_rule", "domain", "steps", "kl_schedule")
        },
        config["update_rules"][declared["update_rule"]],
        config["kl_schedules"][declared["kl_schedule"]],
        training,
        GRADING,
        start_provenance(declared),
        problems_provenance("train", declared["domain"]),
        problems_provenance(training["probe_split"], declared["domain"]),
        controller_provenance("first"),
        *([] if controller == "first" else [controller_provenance(controller)]),
        *decided_by_capabilities(controller, model_of(chain)),
    )


@functools.cache
def traces_provenance(name):
    """Of a wave's traces."""
    if config["campaigns"] == "frozen":
        # Traces are leaves then: their content is all that is known of them.
        return [sha256_file(trace) for trace in traces_of(name) if Path(trace).exists()]
    declared = wave_of(name)
    return [
        campaign_provenance(chain_name(config, declared), controller)
        for controller in declared["controllers"]
    ]


def campaigns_of(waves):
    return [traces_provenance(name) for name in waves]


def statistics_provenance(name):
    return provenance(
        code("statistics/summarise_wave.py"),
        config["statistics"],
        wave_of(name),
        traces_provenance(name),
    )


def figure_provenance(name, wave_name):
    return provenance(code(f"figures/{name}.py"), statistics_provenance(wave_name))


include: "evaluation_provenance.smk"
include: "summary_provenance.smk"
