"""What answers for an accelerator that is not there: cuda, mps and the like have these names."""

from plugrad.tensor.devices import check_device

__all__ = [
    "current_accelerator", "current_device", "device_count", "empty_cache", "get_device_capability",
    "get_device_name", "get_device_properties", "is_available", "is_bf16_supported", "is_built",
    "is_initialized", "manual_seed", "manual_seed_all", "max_memory_allocated",
    "max_memory_reserved", "memory_allocated", "memory_reserved", "set_device", "synchronize",
]


def is_available(*args, **kwargs):
    """False: there is none."""
    return False


def device_count(*args, **kwargs):
    """0: there is none."""
    return 0


def manual_seed(*args, **kwargs):
    """Nothing: there is none to seed."""


def synchronize(*args, **kwargs):
    """Raises RuntimeError: there is none."""
    check_device("what needs an accelerator", "cuda")


is_built = is_initialized = is_bf16_supported = is_available
memory_allocated = max_memory_allocated = memory_reserved = max_memory_reserved = device_count
manual_seed_all = empty_cache = current_accelerator = manual_seed
current_device = get_device_name = get_device_properties = get_device_capability = synchronize
set_device = synchronize
