"""Studies of cases with a horizon: costs are discounted, over the horizon; a pair is a demand's last source."""
