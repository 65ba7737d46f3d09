"""Examines a deployment from the outside, changing nothing, and says what to mend."""
