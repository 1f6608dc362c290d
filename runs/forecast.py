"""How long a run should take, and how long the ones in the queue have to wait: honest guesses in seconds."""

import sqlite3

from core.anatomy import training_flops
from core.config import GPTConfig
from runs import queue
from runs.recipe import Recipe
from runs.settings import settings

FLOPS = 3e10  # additions and multiplications a second on one core of an ordinary machine
STEP = 0.004  # seconds that a step costs however small the model is
EVALUATION = 0.15  # seconds for both losses, a sample text and what is measured at a checkpoint
REMEMBERED = 20  # ended runs whose real times correct the arithmetic


def estimate(recipe: Recipe, config: GPTConfig) -> float:
    """Seconds for the whole run, by arithmetic alone; config knows the real vocabulary."""
    train = recipe.train
    evaluations = train.steps / recipe.eval_every + 18
    tokens = train.steps * recipe.batch_size * config.context_length
    steps = train.steps * STEP + training_flops(config, tokens) / FLOPS
    return steps + evaluations * EVALUATION


def expected_wait(database: sqlite3.Connection, position: int) -> float:
    """Seconds until the run at this place in the queue gets its turn: what is left of all before it."""
    rows = database.execute(
        "SELECT id, estimate * (1.0 - min(1.0, 1.0 * step / steps)) AS seconds FROM runs "
        "WHERE state IN ('starting', 'running', 'queued')"
    )
    left = {row["id"]: row["seconds"] for row in rows}
    waiting = [row["id"] for row in database.execute(queue.FAIR_ORDER)]
    before = [*queue.training_runs(database), *waiting[: position - 1]]
    if len(before) < settings().slots:
        return 0.0
    return correction(database) * sum(left.get(run, 0.0) for run in before) / settings().slots


def correction(database: sqlite3.Connection) -> float:
    """How much longer than estimated the last runs on this machine have really taken."""
    rows = database.execute(
        """SELECT sum(seconds) AS real, sum(estimate) AS guessed FROM (
               SELECT estimate, (SELECT max(seconds) FROM eval_events WHERE run_id = id) AS seconds
               FROM runs WHERE state = 'done' AND parent IS NULL AND estimate > 0
               ORDER BY seq DESC LIMIT ?) WHERE seconds > 0""",
        (REMEMBERED,),
    ).fetchone()
    return rows["real"] / rows["guessed"] if rows["guessed"] else 1.0
