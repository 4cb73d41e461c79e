"""The measurement itself: grader, peaks, stationarity, and chance in the gap (docs/preregistration.md)."""
