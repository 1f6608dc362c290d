"""All measurements, one after the other: `python -m bench [--nanogpt PATH] [--lens PYTHON] [--only WORD]`.

Prints Markdown, and keeps it in bench/RESULTS.md if nothing was left out.
"""

import argparse
import os
import shutil
import sys
import tempfile
from datetime import date
from pathlib import Path

from bench import classes, digits, machine
from bench.goals import MATCHES, Match
from bench.side import units_of
from bench.summary import lines_of
from bench.turns import Side, compared, in_turns

RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = """| job | threads | beside | Glassbox | peer | ratio (least to most) | goal |
|---|---|---|---|---|---|---|"""


class Report:
    """Lines that are printed as they come, and kept."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, text: str = "") -> None:
        """One more line."""
        self.lines.append(text)
        print(text, flush=True)


def main() -> None:
    """The machine, and then every match."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--nanogpt", help="a checkout of nanoGPT")
    parser.add_argument("--lens", help="the Python of an environment with transformer-lens")
    parser.add_argument("--only", default="", help="jobs with this word in their name")
    parser.add_argument("--minutes", type=float, default=1.0, help="of each class on the app")
    options = parser.parse_args()
    if options.lens and not Path(options.lens).exists():
        options.lens = None
    os.environ["GLASSBOX_NANOGPT"] = options.nanogpt or ""
    os.environ["GLASSBOX_BENCH_FILES"] = tempfile.mkdtemp()
    report = Report()
    try:
        introduce(report)
        for match in MATCHES:
            if options.only in match.job:
                play(match, options, report)
    finally:
        shutil.rmtree(os.environ["GLASSBOX_BENCH_FILES"])
    if not options.only:
        report.say("\nThe Storyteller on a fairy tale, its weights in fewer digits:\n")
        report.say("| weights while writing | loss, nats a token | the same best token |\n|---|---|---|")
        for row in digits.rows():
            report.say(row)
        report.say("\nPeople with a think time of 3 s who walk all pages of one app (`bench/class_of.py`):\n")
        for row in lines_of(classes.table(options.minutes)):
            report.say(row)
        RESULTS.write_text("\n".join(report.lines) + "\n", encoding="utf-8")


def introduce(report: Report) -> None:
    """Date, versions, and what the machine can do at all."""
    report.say(f"# Side by side, {date.today()}\n\n{machine.processor()}. {machine.versions()}.\n")
    report.say(
        "Sides take turns, each in a process of its own; medians; a ratio above 1: Glassbox is faster.\n"
    )
    report.say(
        "| threads | matrix product, MKL, GFLOP/s | oneDNN | reading memory, GB/s |\n|---|---|---|---|"
    )
    for row in machine.limits():
        report.say(row)
    report.say("\n" + HEAD)


def play(match: Match, options: argparse.Namespace, report: Report) -> None:
    """One match: its sides in turns, a row for each peer; or who could not be asked."""
    interpreters = {"nanoGPT": options.nanogpt and sys.executable, "TransformerLens": options.lens}
    peers = [peer for peer in match.goals if interpreters.get(peer, sys.executable)]
    names = [match.ours, *peers]
    sides = [Side(match.job, who, match.threads, interpreters.get(who) or sys.executable) for who in names]
    try:
        for side in sides:
            side.answer()  # ready
        found = in_turns(sides, match.rounds)
    except RuntimeError as error:
        report.say(f"| {match.job} | {match.threads} | {error} | | | | |")
        return
    finally:
        for side in sides:
            side.end()
    start = f"| {match.job}{match.ours.removeprefix('Glassbox')} | {match.threads} |"
    if not peers:
        ours = compared(found[match.ours], found[match.ours]).ours
        report.say(f"{start} - | {in_units(match.job, ours)} | - | - | - |")
    for peer in peers:
        ratio = compared(found[match.ours], found[peer])
        figures = f"{in_units(match.job, ratio.ours)} | {in_units(match.job, ratio.theirs)}"
        spread = f"**{ratio.middle:.2f}** ({ratio.least:.2f} to {ratio.most:.2f})"
        goal = match.goals[peer]
        reached = (
            "" if not goal else f"{goal:.2f}{' reached' if ratio.middle >= goal else ' **not reached**'}"
        )
        report.say(f"{start} {peer} | {figures} | {spread} | {reached} |")


def in_units(job: str, seconds: float) -> str:
    """A time, or how much is done in a second."""
    unit, amount = units_of(job)
    if amount is None:
        return f"{seconds:.3g} {unit}"
    rate = amount / seconds
    return f"{rate:,.0f} {unit}" if rate >= 100 else f"{rate:.3g} {unit}"


if __name__ == "__main__":
    main()
