"""One optimizer step under the magnifying glass: what it read, where the loss pulled, what it changed."""

import math

import streamlit as st

from core.step_report import StepReport
from views import cache, state, ui
from views.components.surprise import surprise
from views.figures.progress import part_norms
from views.lessons import lesson
from views.moment import Moment
from views.passage import rows_of
from views.phrases import count_of
from views.tables.tokens import costs
from views.text import shown

MOST_ROWS = 6  # windows of the batch


def draw_step(moment: Moment) -> None:
    """The newest step that was taken alone."""
    reports = cache.reports_of(moment.run_id, moment.status.step)
    if not reports:
        st.info(
            "Press *Step* above: the run takes one optimizer step and rests, and all about it stands here.",
            icon=":material/skip_next:",
        )
        return
    report = reports[-1]
    words = lesson("live/step").introduction.format(step=f"{report.step:,}")
    read, pull, change = words.split("\n\n")
    st.markdown(f"**The batch.** {read}")
    draw_batch(moment, report)
    left, right = st.columns([1, 1.5], gap="large")
    with left:
        st.markdown(f"**Where the loss pulls.** {pull}")
        norms = report.grad_norms
        strongest = max(norms, key=lambda part: norms[part])
        alt = f"The longest gradient is that of {strongest}: {norms[strongest]:.3g}"
        moment.figure("step_norms", lambda palette: part_norms(norms, palette), alt=alt, opened=moment.opened)
    with right:
        st.markdown(f"**What changed.** {change}")
        st.dataframe(changes_table(report), hide_index=True, height="content", key="pretraining_changes")


def draw_batch(moment: Moment, report: StepReport) -> None:
    """The first windows of the batch, each token coloured by its loss."""
    windows, losses = report.windows[:MOST_ROWS], report.losses[:MOST_ROWS]
    tokenizer = state.here().tokenizer
    rows = moment.once("step_rows", lambda: rows_of(tokenizer, windows, losses), report.step)
    most = math.log(cache.run_vocabulary(moment.run_id))
    sentence = batch_sentence(report)
    surprise(
        rows,
        most=most,
        most_name="guessing",
        key="pretraining_batch_seen",
        label=sentence,
        opened=moment.opened,
    )
    ui.below("pretraining_batch_seen", lambda: costs(rows), sentence)


def batch_sentence(report: StepReport) -> str:
    """How large the batch was, how many windows of it are shown, and what it cost."""
    costs = [nats for row in report.losses for nats in row]
    count = len(report.windows)
    some = f", the first {MOST_ROWS} of them shown" if count > MOST_ROWS else ""
    return (
        f"Step {report.step:,}: {count_of(count, 'window')} of "
        f"{count_of(len(report.losses[0]), 'token')} to predict{some}; "
        f"{sum(costs) / len(costs):.3f} nats on average, which is the loss of this step."
    )


def changes_table(report: StepReport) -> list[dict[str, object]]:
    """The weights that moved furthest, as rows."""
    return [
        {
            "weight": change.name,
            "place": " × ".join(map(str, change.place)),
            "before": f"{change.before:.5f}",
            "after": f"{change.after:.5f}",
            "change": f"{change.after - change.before:+.5f}",
            "gradient": shown(change.gradient),
        }
        for change in report.changes
    ]
