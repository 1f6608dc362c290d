"""One look at a run: what all who watch it at this moment see."""

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

import plotly.graph_objects as go

from core.training import TrainEvent
from runs import EvalEvent, Recipe, RunStatus
from runs.facts import CheckpointFacts
from views import cache, state, ui
from views.here import Here
from views.runs_seen import evaluations_of
from views.theme import Palette

Made = TypeVar("Made")
OPENED, MOST_OPENED = "closer_opened", 10**6


@dataclass(frozen=True)
class Moment:
    """How a run stands, what it has reported, and which of its checkpoints is looked at."""

    status: RunStatus
    recipe: Recipe
    events: list[TrainEvent | EvalEvent]
    steps: tuple[int, ...]  # of the checkpoints
    chosen: int | None  # one of them
    stale: bool  # whether the sidebar knows less of the checkpoints
    opened: int = 0  # how often this person has opened a closer look

    @property
    def run_id(self) -> str:
        """Which run."""
        return self.status.run_id

    @property
    def resting(self) -> bool:
        """Whether no worker is at it, nor will be."""
        return self.status.ended or self.status.state == "paused"

    @cached_property
    def evaluations(self) -> list[EvalEvent]:
        """Its evaluations so far."""
        return evaluations_of(self.events)

    @cached_property
    def updates(self) -> list[TrainEvent]:
        """Its optimizer steps so far."""
        return [event for event in self.events if isinstance(event, TrainEvent)]

    @property
    def facts(self) -> list[CheckpointFacts]:
        """What was measured at its checkpoints."""
        return cache.facts_of(self.run_id, self.steps) if self.steps else []

    @property
    def chosen_facts(self) -> CheckpointFacts | None:
        """What was measured at the chosen checkpoint, or at the last one before it."""
        return next((facts for facts in reversed(self.facts) if facts.step <= (self.chosen or 0)), None)

    def once(self, what: str, make: Callable[[], Made], *more: Hashable) -> Made:
        """Something made of this moment: once for all who watch."""
        status = self.status
        key = (what, status.run_id, status.life, status.key, status.state, status.step, len(self.events))
        return cache.once((*key, self.steps, self.chosen, *more), make)

    def figure(
        self,
        what: str,
        draw: Callable[[Palette], go.Figure],
        *,
        alt: str,
        opened: int = 0,
        page: str = "pretraining",
    ) -> None:
        """Show a figure of this moment, drawn once for all who watch it in the same theme.

        One that comes and goes with a tab says how often tabs were `opened`: a large message that is exactly
        like an earlier one is sent as a reference, and a page that refreshes itself may have forgotten that.
        """
        palette = ui.palette()
        drawn = self.once(
            what, lambda: draw(palette).update_layout(meta=opened), palette.background, opened, page
        )
        ui.figure(drawn, key=f"{page}_{what}", alt=alt)


def moment_of(run_id: str) -> Moment:
    """The run as it is now."""
    status = cache.store().status(run_id)
    steps = tuple(cache.store().checkpoints(run_id))
    here = state.here()
    return Moment(
        status=status,
        recipe=cache.recipe_of(run_id, status.key),
        events=cache.events_of(run_id, status.state, status.step),
        steps=steps,
        chosen=chosen_step(here, run_id, steps),
        opened=state.counted(OPENED, MOST_OPENED),
        stale=(here.choice.steps, here.choice.life) != (steps or (0,), status.life),
    )


def chosen_step(here: Here, run_id: str, steps: tuple[int, ...]) -> int | None:
    """The checkpoint of the sidebar; who stood at the newest one there goes on with the run."""
    if not steps:
        return None
    followed = here.choice.key != run_id or here.step is None or here.step >= max(here.choice.steps)
    return steps[-1] if followed or here.step not in steps else here.step
