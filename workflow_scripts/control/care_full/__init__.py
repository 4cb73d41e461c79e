"""The full CARE of the paper's appendix D."""
