"""What training costs in time and memory, from shapes and hardware."""
