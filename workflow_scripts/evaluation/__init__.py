"""Checkpoints on held-out problems: sampled, graded, counted."""
