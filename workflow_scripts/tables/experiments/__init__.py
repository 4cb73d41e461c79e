"""Tables of experiments that the paper has not."""
