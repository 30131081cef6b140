"""PyTorch's older address of mixed precision, for "cuda": see plugrad.amp."""

from functools import partial

from plugrad import amp

autocast = partial(amp.autocast, "cuda")
GradScaler = partial(amp.GradScaler, "cuda")
