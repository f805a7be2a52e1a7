"""The precision in which the programs train, for what a test makes with their parts."""

from collections.abc import Iterator
from contextlib import contextmanager

import keras
import torch


@contextmanager
def double() -> Iterator[None]:
    """As in the programs, whose setting ends with their run."""
    torch.set_default_dtype(torch.float64)
    keras.config.set_floatx("float64")
    try:
        yield
    finally:
        torch.set_default_dtype(torch.float32)
        keras.config.set_floatx("float32")
