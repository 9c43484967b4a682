"""``make demo``: the loop, on one machine, as a newcomer sees it."""
