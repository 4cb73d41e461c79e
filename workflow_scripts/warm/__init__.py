"""One process that has imported what jobs import, and forks of it that run them."""
