"""One update of the policy: advantages, loss, gradients."""
