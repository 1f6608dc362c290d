"""The work that Glassbox and its peers do in turns: for each job, by each side, a function to make it ready.

`READY[job]()[side]()` loads what the side needs and returns the work: a function of nothing. A side is set up
and run in a process of its own (`bench/side.py`), so that no peer profits or suffers from another's memory.
"""
