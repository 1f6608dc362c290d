"""What both fine-tuning pages share: which model is tuned, how it learns, and the run while it does."""

from views.tuning.begin import base_of, start
from views.tuning.controls import controls, lora_of
from views.tuning.watch import chosen, link, purpose, watch

__all__ = ["base_of", "chosen", "controls", "link", "lora_of", "purpose", "start", "watch"]
