import subprocess
import sys

import torch

from workflow_scripts.training.update.adam import Adam


def test_weights_equal_those_of_torchs_adam() -> None:
    torch.manual_seed(0)
    start = [torch.randn(7, 5), torch.randn(3)]
    ours = [torch.nn.Parameter(tensor.clone()) for tensor in start]
    theirs = [torch.nn.Parameter(tensor.clone()) for tensor in start]
    adam = Adam(ours, betas=(0.9, 0.99), weight_decay=0.02)
    published = torch.optim.Adam(theirs, betas=(0.9, 0.99), weight_decay=0.02, fused=True)
    for step in range(1, 6):
        adam.learning_rate = published.param_groups[0]["lr"] = 0.01 * step
        for mine, reference in zip(ours, theirs, strict=True):
            mine.grad = torch.randn_like(mine)
            reference.grad = mine.grad.clone()
        adam.step()
        published.step()
        assert all(torch.equal(mine, reference) for mine, reference in zip(ours, theirs, strict=True))


def test_no_compiler_is_imported() -> None:
    code = (
        "import sys, torch\n"
        "from workflow_scripts.training.update.adam import Adam\n"
        "weight = torch.nn.Parameter(torch.ones(2)); weight.grad = torch.ones(2)\n"
        "adam = Adam([weight], (0.9, 0.999), 0.0); adam.learning_rate = 0.1; adam.step()\n"
        "print('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "False\n"
