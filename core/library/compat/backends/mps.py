"""Apple's accelerator, which is not there."""

from plugrad.absent import is_available as is_available
from plugrad.absent import is_built as is_built
