"""The models of a testbed's problems: every setting with its type, its limits and its meaning."""

from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import AfterValidator, Discriminator, Field, Tag, model_validator

from workflow_scripts.core.sections import (
    Count,
    Natural,
    NotNegative,
    Section,
    Share,
    Text,
    Unique,
    optional,
    setting,
    within,
)

SplitName = Literal["train", "probe", "tuning", "main", "hard", "ood", "cpp"]
Depths = Annotated[str, Field(pattern=r"^[1-3]:\d+(,[1-3]:\d+)*$")]
Format = Literal["humaneval", "humaneval-xl", "humaneval-x-cpp", "mbpp", "apps", "code-contests"]
Split = TypeVar("Split")


def told_by(key: str) -> Discriminator:
    """Which of two forms a section has: with this key, or without it."""
    return Discriminator(lambda given: "(with)" if isinstance(given, dict) and key in given else "(without)")


def _all_splits(splits: dict[str, Any]) -> dict[str, Any]:
    for name in get_args(SplitName):
        if name not in splits:
            raise within(name, "is missing")
    return splits


AllSplits = Annotated[dict[SplitName, Split], AfterValidator(_all_splits)]


class GeneratedSplit(Section):
    """Problems that are made here; splits are disjoint by composition."""

    count: Count = setting("problems in it")
    candidates: Count = optional("of which the count is chosen by `problems.pass_rate`")
    depths: Depths = setting("weights of compositions of 1, 2 and 3 primitives, such as `1:4,2:66,3:30`")


class CorpusPart(Section):
    """Pairs of statement and solution in one language, disjoint from every split by composition."""

    language: Literal["python", "cpp"] = setting("of the solutions")
    stated_in: Literal["en", "de"] = setting("language of the statements: English or German")
    pairs: Count = setting("pre-training pairs")
    corrupted_fraction: Share = setting("share of them with a wrong solution")
    depths: Depths = setting("as of a split")


Corpus = Annotated[list[CorpusPart], Field(min_length=1)]


class PassRate(Section):
    """Which candidates a split takes: those that an untrained model solves now and then, and so can learn from."""

    model: Text = setting("role of the untrained model")
    samples: Count = setting("completions per candidate, sampled and cut as in training, with seeds of their own")
    range: list[Share] = setting("least and largest share of them that passes", min_length=2, max_length=2)


class GeneratedProblems(Section):
    """Problems that the project makes itself."""

    seed: Natural = setting("of the selection and of the test inputs")
    tests: Count = setting("calls per problem")
    distinct_outputs: Count = setting("least number of different results among them")
    wording: Literal["formal", "english"] = optional(
        "of Python: `formal`, solve(x), if left out; `english`: names, parameters and types that published models know"
    )
    pass_rate: PassRate = optional()
    splits: AllSplits[GeneratedSplit]
    corpus: Corpus = optional("what models are pre-trained on, in parts")


class Source(Section):
    """A published data set, at a commit."""

    format: Format = setting("how its rows are read")
    data_set: Text = setting("name on the Hugging Face hub, or a local folder")
    file: Text = optional("the one file of the repository to take, in place of `config` and `split`")
    config: Text = optional("of the data set")
    split: Text = optional("of the data set")
    revision: Text = optional("the commit to take it at")
    language: Literal["python", "cpp"] = optional("of apps and code-contests: what to solve it in")
    max_solutions: Count = optional(
        "of apps and code-contests: published solutions that are tried, or kept beside the reference, where a problem "
        "needs more than one"
    )
    limit: Count = optional("take the first problems only")

    @model_validator(mode="after")
    def _whole_file(self) -> "Source":
        for name in ("config", "split"):
            if self.file is not None and getattr(self, name) is not None:
                raise within(name, f"{getattr(self, name)!r} stands beside file; give one of them")
        return self


class Selection(Section):
    """Which published problems are usable."""

    max_cases: Count = setting("first cases of a test that stay: published and hidden ones, then generated ones")
    max_case_bytes: Count = setting("size of a case's input and output")
    max_prompt_characters: Count = setting("length of a statement")
    verify: bool = setting("whether the published solution must pass the project's own grader")


class PublishedSplit(Section):
    """The rule by which published problems are dealt to a split (5.12, B, F); splits are disjoint by statement."""

    sources: Annotated[Unique[str], Field(min_length=1)] = setting("of `problems.sources`")
    exclude: Unique[str] = optional("sources whose problems are not taken, by statement or task id")
    range: list[Share] = setting("of the statement's hash; the upper bound is not in it", min_length=2, max_length=2)
    levels: Annotated[Unique[Text], Field(min_length=1)] = optional("difficulties in words")
    ratings: list[NotNegative] = optional("lowest and highest difficulty in numbers", min_length=2, max_length=2)
    count: Count | None = setting("the first so many; null: all")
    unrated: Unique[str] = optional("sources of which problems without a difficulty are taken too")


class PublishedProblems(Section):
    """Problems of published data sets (5.1, F)."""

    seed: Natural = setting("of the hash that deals problems out to splits")
    sources: dict[Annotated[str, Field(pattern="^[a-z][a-z0-9_]*$")], Source] = Field(min_length=1)
    selection: Selection
    splits: AllSplits[PublishedSplit]


AnySplit = Annotated[
    Annotated[PublishedSplit, Tag("(with)")] | Annotated[GeneratedSplit, Tag("(without)")], told_by("sources")
]
Problems = Annotated[
    Annotated[PublishedProblems, Tag("(with)")] | Annotated[GeneratedProblems, Tag("(without)")], told_by("sources")
]
