"""The same training with the policy spread over a job's processes."""
