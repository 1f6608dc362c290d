import json
from math import isfinite

from core.tokenizer import ASSETS
from runs import EvalEvent

best = {}
for run_id in run_ids:
    evaluations = [event for event in store.events(run_id) if isinstance(event, EvalEvent)]
    losses = [event.val_loss for event in evaluations if isfinite(event.val_loss)]
    if losses:
        best[run_id] = min(losses)
if not best:  # the bundled model's, as long as there is no other
    curve = json.loads((ASSETS / "models" / "storyteller.curve.json").read_text())
    best["storyteller"] = min(row["val_loss"] for row in curve)
numbers = {"count": len(run_ids), "lowest": min(best.values())}
numbers
