#!/usr/bin/env bash
# envs/install.sh NAME FOLDER [cpu|cuda]: the environment FOLDER from envs/NAME.lock, every package by its hash; from the
# project's folder. PYTHON names the interpreter. pip installs, so that what it is configured to do here (mirrors, proxies,
# folders of wheels) holds.
set -euo pipefail
name="$1" folder="$2" backend="${3:-cpu}" python="${PYTHON:-python3}"

[[ "$backend" =~ ^(cpu|cuda)$ ]] || { echo "error: TORCH_BACKEND: $backend is neither cpu nor cuda" >&2; exit 1; }

echo "making $folder from envs/$name.lock, once: minutes, and what pip says of it below"
"$python" -m venv "$folder"
pip=("$folder/bin/python" -m pip install --disable-pip-version-check --no-input)
"${pip[@]}" --no-deps --require-hashes --requirement "envs/$name.lock" | sed -u '/^Requirement already\|^Ignoring/d'

# A lock without torch leaves its build to TORCH_BACKEND: a build for processors has the version's name with +cpu.
if ! grep -q '^torch==' "envs/$name.lock"; then
  torch="$(grep '^torch==' "envs/$name.in")"
  if [ "$backend" = cuda ]; then
    "${pip[@]}" "$torch"
  elif ! "${pip[@]}" --quiet "$torch+cpu" 2>/dev/null; then
    echo "pip finds no build of torch for processors; asking PyTorch's own index"
    "$folder/bin/uv" pip install --python "$folder/bin/python" --torch-backend cpu "$torch" || {
      echo "no build of torch for processors can be had: taking the one for CUDA, which downloads some 2.7 GB more" >&2
      "${pip[@]}" "$torch"
    }
  fi
fi
touch "$folder/.installed"
