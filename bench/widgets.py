"""The controls that a page has sent: what they are set to, and what else they could be set to."""

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from streamlit.proto.Delta_pb2 import Delta
from streamlit.proto.NumberInput_pb2 import NumberInput
from streamlit.proto.Slider_pb2 import Slider
from streamlit.proto.WidgetStates_pb2 import WidgetState

KINDS = (
    "slider",
    "selectbox",
    "radio",
    "button_group",
    "checkbox",
    "number_input",
    "text_input",
    "text_area",
    "button",
)
FOLDERS = ("expandable", "popover", "tab_container")
TEXTS = (
    "The king had a daughter. The king said to the daughter: go into the forest, and the king",
    "Once upon a time there was a little house in the forest, and in the house there lived",
    "The wolf said to the girl: where are you going",
    "There was once a poor man who had three sons. The youngest",
    "In the morning the sun",
    "The old woman gave him bread and water, and he thanked her and went on his way until evening came",
)


@dataclass
class Widget:
    """A control on the page."""

    kind: str
    sent: Any  # its own message
    script: str  # hash of the script that made it: the frame's, or a page's
    run: str  # id of the script run that drew it last
    fragment: str

    @property
    def id(self) -> str:
        """What Streamlit calls it."""
        return self.sent.id

    @property
    def key(self) -> str:
        """What the page calls it."""
        return self.id.split("-", 2)[-1]

    @property
    def is_set(self) -> bool:
        """Whether the server says what it is set to."""
        return bool(getattr(self.sent, "set_value", False))

    @property
    def in_address(self) -> str:
        """Its name in the address, if it stands there."""
        return getattr(self.sent, "query_param_key", "")


def widget_of(delta: Delta, script: str, run: str) -> Widget | None:
    """The control that appears, if it is one."""
    shown = getattr(delta, delta.WhichOneof("type"))
    kind = shown.WhichOneof("type")
    if kind not in (*KINDS, *FOLDERS):
        return None
    sent = getattr(shown, kind)
    return Widget(kind, sent, script, run, delta.fragment_id) if sent.id else None


def state(widget: Widget, **value: Any) -> WidgetState:
    """A control's state as the browser sends it."""
    return WidgetState(id=widget.id, **value)


def chosen(widget: Widget, options: list[str]) -> WidgetState:
    """A control with options, set to some of them."""
    if widget.kind in ("selectbox", "radio"):
        return state(widget, string_value=options[0])
    return state(widget, string_array_value={"data": options})


def options_of(widget: Widget) -> list[str]:
    """All that can be chosen in a control with options."""
    if widget.kind == "button_group":
        return [option.content for option in widget.sent.options]
    return list(widget.sent.options)


def has_options(widget: Widget) -> bool:
    """Whether one chooses in it, rather than moves or writes."""
    is_named = widget.kind == "slider" and widget.sent.type == Slider.SELECT_SLIDER
    return is_named or widget.kind in ("selectbox", "radio", "button_group")


def first_state(widget: Widget) -> WidgetState | None:
    """What a control is set to when it appears; None where the browser says nothing before it is touched."""
    sent, was_set = widget.sent, widget.is_set
    if has_options(widget):
        if was_set:
            raw = sent.raw_values if widget.kind == "button_group" else sent.raw_value
            names = [raw] if isinstance(raw, str) else list(raw)
        else:
            default = sent.default
            places = [default] if isinstance(default, int) else [int(place) for place in default]
            names = [options_of(widget)[place] for place in places]
        return chosen(widget, names) if names or widget.kind == "button_group" else None
    value = sent.value if was_set else getattr(sent, "default", None)
    if widget.kind == "slider":
        return state(widget, double_array_value={"data": list(value)})
    if widget.kind == "checkbox":
        return state(widget, bool_value=value)
    if widget.kind == "number_input":
        return state(widget, double_value=value)
    if widget.kind in ("text_input", "text_area"):
        return state(widget, string_value=value)
    return None


def value_of(one: WidgetState) -> Any:
    """What a state says, as a plain value."""
    kind = one.WhichOneof("value")
    value = getattr(one, kind) if kind else None
    return list(value.data) if kind and kind.endswith("array_value") else value


def in_address(widget: Widget, states: Mapping[str, WidgetState]) -> str | None:
    """How a control that stands in the address is written there; None at its default."""
    if widget.id not in states or widget.kind in FOLDERS:
        return None
    value = value_of(states[widget.id])
    default = getattr(widget.sent, "default", None)
    if has_options(widget):
        places = [default] if isinstance(default, int) else [int(place) for place in default or ()]
        options = options_of(widget)
        default = [options[place] for place in places if place < len(options)]
    elif widget.kind == "slider":
        default = list(default)
    written = value if isinstance(value, list) else [value]
    if written == (default if isinstance(default, list) else [default]):
        return None
    return ",".join(plain(one) for one in written)


def plain(value: object) -> str:
    """A value as the address has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def moved(widget: Widget, now: WidgetState | None, dice: random.Random) -> WidgetState | None:
    """The control set to something else, within its bounds; None if there is nothing else."""
    sent, value = widget.sent, value_of(now) if now else None
    if widget.kind == "button":
        return state(widget, trigger_value=True)
    if widget.kind == "checkbox":
        return state(widget, bool_value=not value)
    if widget.kind in ("expandable", "popover"):
        return state(widget, bool_value=not value)
    if widget.kind in ("text_area", "text_input"):
        return state(widget, string_value=dice.choice([text for text in TEXTS if text != value]))
    if has_options(widget):
        others = [option for option in options_of(widget) if option not in (value or ())]
        return chosen(widget, [dice.choice(others)]) if others else None
    if widget.kind == "slider":
        places = round((sent.max - sent.min) / sent.step) if sent.max > sent.min else 0
        place = min(sent.max, sent.min + sent.step * dice.randint(0, places))
        return state(widget, double_array_value={"data": [place]}) if places else None
    if widget.kind == "number_input":
        whole = sent.data_type == NumberInput.INT
        top = min(sent.max, sent.min + 1000 * sent.step) if sent.has_max else sent.min + 1000 * sent.step
        place = dice.uniform(sent.min, top)
        return state(widget, double_value=round(place) if whole else place)
    return None
