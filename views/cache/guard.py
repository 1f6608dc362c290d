"""Large things in memory, shared by all: within so many bytes and so long, and the least used goes first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

import torch
from torch import nn

from core.waiting import held

Made = TypeVar("Made")


class Kept(Generic[Made]):
    """A cache bounded by bytes. Thirty people who ask for the same thing wait for one to make it.

    What is larger than the limit is made and given, but not kept. What nobody has asked for in `idle` seconds
    goes, too: else a class would fill the memory with every prompt that it ever tried. Whoever still uses a
    thing that had to go keeps it to the end: it is only made again for the next one.
    """

    def __init__(self, limit: Callable[[], int], size: Callable[[Made], int], idle: float = 600.0) -> None:
        self.limit = limit  # bytes, all together; asked each time
        self.size = size
        self.idle = idle
        self.things: OrderedDict[Hashable, tuple[Made, int]] = OrderedDict()  # used longest ago first
        self.asked: dict[Hashable, float] = {}  # when each was asked for last
        self.making: dict[Hashable, Lock] = {}
        self.guard = Lock()

    def get(self, key: Hashable, make: Callable[[], Made], expected: int = 0) -> Made:
        """The thing of this key; before it is made, `expected` bytes are freed for it."""
        with self.guard:
            self.forget_idle()
            if key in self.things:
                return self.used(key)
            lock = self.making.setdefault(key, Lock())
        with held(lock):
            with self.guard:
                if key in self.things:
                    return self.used(key)
                self.free(expected)
            try:
                thing = make()
                with self.guard:
                    self.keep(key, thing)
                return thing
            finally:
                with self.guard:
                    self.making.pop(key, None)

    def used(self, key: Hashable) -> Made:
        """A thing that is there, as the one used last."""
        self.things.move_to_end(key)
        self.asked[key] = monotonic()
        return self.things[key][0]

    def keep(self, key: Hashable, thing: Made) -> None:
        """Put a new thing in, if it fits at all."""
        size = self.size(thing)
        if size <= self.limit():
            self.free(size)
            self.things[key] = (thing, size)
            self.asked[key] = monotonic()

    def free(self, size: int) -> None:
        """Let go of things until `size` bytes more are within the limit."""
        while self.things and self.bytes() + size > self.limit():
            self.forget_first()

    def forget_idle(self) -> None:
        """Let go of what nobody has asked for in a while."""
        while self.things and monotonic() - self.asked[next(iter(self.things))] > self.idle:
            self.forget_first()

    def forget_first(self) -> None:
        """Let go of the thing that was used longest ago."""
        key, _ = self.things.popitem(last=False)
        del self.asked[key]

    def bytes(self) -> int:
        """How much is kept now."""
        return sum(size for _, size in self.things.values())

    def clear(self) -> None:
        """Let go of everything."""
        with self.guard:
            self.things.clear()
            self.asked.clear()


def model_bytes(model: nn.Module) -> int:
    """The memory of a model's numbers; tied weights once, and a file that is mapped with its size."""
    storages: dict[int, torch.UntypedStorage] = {}
    for tensor in model.state_dict(keep_vars=True).values():
        storage = tensor.untyped_storage()
        storages[storage.data_ptr()] = storage
    return sum(storage.nbytes() for storage in storages.values())
