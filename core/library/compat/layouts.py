"""Layouts and memory formats: plugrad's tensors are dense and in C order, whatever is asked for."""


class layout:
    """How the elements of a tensor lie: strided, there is no other."""

    def __repr__(self):
        return "plugrad.strided"


class memory_format:
    """An order of dimensions in memory, such as channels_last; accepted, and without effect."""

    def __init__(self, name):
        self.name = name

    def __repr__(self):
        return f"plugrad.{self.name}"


strided = layout()
contiguous_format = memory_format("contiguous_format")
preserve_format = memory_format("preserve_format")
channels_last = memory_format("channels_last")
channels_last_3d = memory_format("channels_last_3d")
