"""What a plan costs when the assumptions behind the case are uncertain: samples, single rows, thresholds."""
