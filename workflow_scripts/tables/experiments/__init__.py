"""Tables that the paper has not."""
