"""Who and what can play in a story: the tables that core/stories.py draws from."""

from typing import NamedTuple


class People(NamedTuple):
    """A kind of people or animals."""

    names: tuple[str, ...]  # what someone is, and a child's name
    adjectives: tuple[str, ...]
    homes: tuple[str, ...]


class Things(NamedTuple):
    """A kind of things, and what they can be like."""

    names: tuple[str, ...]
    adjectives: tuple[str, ...]


def row(text: str) -> tuple[str, ...]:
    """A row of a table, written with commas."""
    return tuple(part.strip() for part in text.split(","))


PRONOUNS = {"he": ("he", "him", "his"), "she": ("she", "her", "her")}
BOYS = row("Tom, Ben, Jack, Hans, Peter, Max, Finn, Otto")
GIRLS = row("Anna, Lily, Rosa, Mia, Greta, Clara, Ella, Ida")
TRADES = row("miller, farmer, shepherd, baker, fisherman, soldier, tailor, woodcutter")
HE = {"boy", "king", "prince", "son", "man", "dwarf", "wolf", *TRADES}
SHE = {"girl", "queen", "princess", "daughter", "woman", "hen", "duck", "goose", "goat"}  # the rest: either

HOUSES = row("in a small house, in a village by the sea, near a great forest, in a little house on a hill")
CASTLES = row("in a castle on a hill, in a golden castle, in a land far away, in a castle by the sea")
FARMS = row("on a farm, at the end of a garden, near a pond, in a green valley, behind an old mill")

PEOPLE = {
    "child": People(
        (*(f"boy {name}" for name in BOYS), *(f"girl {name}" for name in GIRLS)),
        row("little, young, poor, good, brave, merry, clever"),
        HOUSES,
    ),
    "beast": People(
        row("mouse, rabbit, bird, duck, hen, cat, dog, frog, goose, goat, hedgehog"),
        row("little, small, brown, white, gray, young, clever, merry"),
        FARMS,
    ),
    "worker": People(TRADES, row("poor, old, good, young, merry"), HOUSES),
    "royal": People(row("king, queen"), row(", rich, old, great, good, wise, mighty"), CASTLES),
    "heir": People(row("daughter, son"), row(",, young, brave, good"), CASTLES),
    "prince": People(row("prince, princess"), row(", young, brave, good, clever"), CASTLES),
    "elder": People(row("woman, man, dwarf"), row("old, little old, strange old"), HOUSES),
    "hen": People(row("hen, duck, goose"), row("white, brown, clever, little, fat"), FARMS),
    "hunter": People(row("wolf, fox, bear"), row("hungry, big, bad, gray, old"), row("in the forest")),
}

PLACES = (  # its name, the way there, and being there
    "the forest, into the forest, in the forest",
    "the garden, into the garden, in the garden",
    "the meadow, to the meadow, in the meadow",
    "the field, into the field, in the field",
    "the river, to the river, by the river",
    "the lake, to the lake, by the lake",
    "the well, to the well, by the well",
    "the sea, to the sea, by the sea",
    "the hill, up the hill, on the hill",
    "the mountain, up the mountain, on the mountain",
    "the mill, to the mill, at the mill",
    "the village, to the village, in the village",
)

COLOURS = row("red, blue, green, yellow, white")
THINGS = {
    "toy": Things(
        row("ball, doll, kite, drum, book, hat, bell, boat, flute, cup, coat, wagon"),
        (*COLOURS, *row("little, new, old, pretty, wooden")),
    ),
    "treasure": Things(
        row("ring, crown, cup, chain, key, ball, bell, spoon"), row("golden, silver, shining, beautiful")
    ),
    "food": Things(
        row("apple, cake, pear, pie, egg, loaf of bread, bowl of soup, piece of cheese, jar of honey"),
        row("big, small, good, fine, nice"),
    ),
    "plant": Things(
        row("apple tree, pear tree, cherry tree, rose bush, plum tree"), row("tall, strong, small, beautiful")
    ),
    "flower": Things(row("rose, tulip, daisy, poppy"), (*COLOURS, "sweet", "beautiful")),
}

WORDS = {
    "skill": row("swim, sing, dance, whistle, skate, climb trees, ride a horse, play the flute, bake bread"),
    "bad": row("silly, bad, stupid, ugly"),
    "mother": row("mother, grandmother, aunt"),
    "juicy": row("piece of cheese, pear, plum"),
    "number": row("two, three, four, five, six, seven"),
    "task": row("carry water, cut wood, feed the hens, sweep the floor, wash the cups, watch the sheep"),
}
