"""What runs inside the sandbox, beside the program."""
