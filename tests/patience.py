"""How long a test waits before it takes it that something hangs: no measure of speed, nor one of a busy machine."""

PATIENCE_SECONDS = 600.0
