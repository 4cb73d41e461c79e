"""What the experiments of our own find: reward ladder, carried checkpoints, the claims (docs/preregistration.md)."""
