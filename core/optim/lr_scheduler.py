"""Learning-rate schedules and their contract."""

from plugrad.namespace import namespace

__getattr__, __dir__ = namespace(__name__, kinds=("schedulers",))
