"""How matrices are multiplied on NVIDIA's accelerators, of which there is none."""

from types import SimpleNamespace

from plugrad.absent import is_built as is_built

matmul = SimpleNamespace(allow_tf32=False)
