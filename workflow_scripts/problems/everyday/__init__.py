"""Small tasks in everyday words, which a published language model has seen thousands of times in its own training."""
