"""save and load: tensors and plain values, nested, in one safetensors file that holds no code."""

import json
import os
from collections import OrderedDict
from pathlib import Path

import numpy as np
from plugrad.nn.parameter import Parameter
from plugrad.ops.create import from_numpy
from plugrad.tensor.devices import check_device, device
from plugrad.tensor.dtypes import as_dtype, dtype
from plugrad.tensor.tensor import Size, Tensor

PLAIN = (str, bool, int, float, type(None))
SEQUENCES = {"list": list, "Size": Size, "tuple": tuple, "set": set, "frozenset": frozenset}
DICTS = {"OrderedDict": OrderedDict, "dict": dict}
ARRAYS = {                                      # how each comes back from its array
    "array": lambda array: array,
    "tensor": from_numpy,
    "leaf": lambda array: from_numpy(array).requires_grad_(),
    "parameter": lambda array: Parameter(from_numpy(array)),
    "frozen": lambda array: Parameter(from_numpy(array), requires_grad=False),
}
WORDS = {"dtype": as_dtype, "device": device}
WIDER = {"float16": "float32", "int8": "int32", "int16": "int32", "uint16": "int32",
         "uint32": "int64"}                     # dtypes of other files that plugrad has not
PICKLE = (b"PK", b"\x80")                       # how the files of torch.save begin


def save(obj, f):
    """Write obj to f, a path or a file open for writing bytes.

    obj: tensors, parameters, NumPy arrays, numbers, texts, None, dtypes, devices, and dicts,
    lists, tuples and sets of them, such as {"model": model.state_dict(), "epoch": 3}.  The format
    is safetensors, which other libraries read too: there a tensor's name is the keys that lead to
    it, with dots between.  Tensors that share memory are written each for itself.  The file that
    was there before stays until all is written.

    Raises TypeError, saying where it is, for what can't be saved: of a module or an optimizer that
    is all but its state_dict().
    """
    arrays = {}
    try:
        structure = json.dumps(described(obj, (), arrays))
    except RecursionError:
        raise ValueError("save: the object contains itself, or lies too deep") from None
    content = _safetensors().save(arrays, {"plugrad": structure})
    if hasattr(f, "write"):
        f.write(content)
    else:
        _replace(_path("save", f), content)


def load(f, map_location=None, *, weights_only=True, mmap=None):
    """What `save` wrote to f, a path or a file open for reading bytes.

    Of a safetensors file from elsewhere it is the dict of its tensors, each in its dtype or the
    next wider one that plugrad has.  map_location: all is on the CPU, wherever it was.  No file can
    run code, whatever weights_only is, and a file is read at once, whatever mmap is.

    Raises RuntimeError for a file of another format, FileNotFoundError for none.
    """
    if map_location is None or isinstance(map_location, (str, device)):
        check_device("load", map_location)
    content = f.read() if hasattr(f, "read") else _path("load", f).read_bytes()
    library = _safetensors()
    try:
        arrays = library.load(content)
        size = int.from_bytes(content[:8], "little")
        notes = json.loads(content[8:8 + size]).get("__metadata__", {})
        arrays = {name: array.astype(WIDER.get(array.dtype.name, array.dtype.name))
                  for name, array in arrays.items()}
        if "plugrad" in notes:
            return rebuilt(json.loads(notes["plugrad"]), arrays)
        return {name: from_numpy(array) for name, array in arrays.items()}
    except Exception as error:                  # whatever is wrong with it, the file is
        hint = ("; it looks like one of torch.save, a pickle, which could run any code: where "
                "PyTorch is, write safetensors.torch.save_file(torch.load(path), new_path)"
                if content[:2].startswith(PICKLE) else "")
        raise RuntimeError("load: expected a whole file in the format safetensors, got one that "
                           f"can't be read ({error!r}){hint}") from error


def described(obj, path, arrays):
    """obj as JSON has it, its arrays put into `arrays`.   path: the keys that lead to obj.

    What JSON has no word for is a pair of its kind and its value: ["tensor", "fc.weight"].
    """
    if isinstance(obj, Tensor) and obj.is_meta:
        raise NotImplementedError("save: a tensor made on the device 'meta' has no data to save; "
                                  "make the model anew outside of it")
    if isinstance(obj, Tensor):
        return [_role(obj), _put(obj.numpy(force=True), path, arrays)]
    if isinstance(obj, np.ndarray) and obj.dtype.kind in "biuf":
        return ["array", _put(obj, path, arrays)]
    if isinstance(obj, np.generic):
        obj = obj.item()
    if isinstance(obj, PLAIN):
        return obj
    if isinstance(obj, dtype):
        return ["dtype", obj.name]
    if isinstance(obj, device):
        return ["device", str(obj)]
    for kind, sort in SEQUENCES.items():
        if isinstance(obj, sort):
            return [kind, [described(x, (*path, i), arrays) for i, x in enumerate(obj)]]
    for kind, sort in DICTS.items():
        if isinstance(obj, sort):
            return [kind, [[described(key, (*path, "key"), arrays),
                            described(x, (*path, key), arrays)] for key, x in obj.items()]]
    where = "obj" + "".join(f"[{key!r}]" for key in path)
    hint = f"; save {where}.state_dict()" if hasattr(obj, "state_dict") else ""
    raise TypeError("save: expected tensors, arrays, numbers, texts, None, and dicts, lists, "
                    f"tuples and sets of them, got {type(obj).__name__} as {where}{hint}")


def rebuilt(obj, arrays):
    """What `described` was given."""
    if not isinstance(obj, list):
        return obj
    kind, value = obj
    if kind in ARRAYS:
        return ARRAYS[kind](arrays[value])
    if kind in WORDS:
        return WORDS[kind](value)
    if kind in SEQUENCES:
        return SEQUENCES[kind](rebuilt(x, arrays) for x in value)
    return DICTS[kind]((rebuilt(key, arrays), rebuilt(x, arrays)) for key, x in value)


def _role(tensor):
    if isinstance(tensor, Parameter):
        return "parameter" if tensor.requires_grad else "frozen"
    return "leaf" if tensor.requires_grad else "tensor"


def _put(array, path, arrays):
    """Put the array under the name that the path gives, made the only one; return the name."""
    name = ".".join(map(str, path)) or "tensor"
    while name in arrays:
        name += "'"
    arrays[name] = array
    return name


def _path(what, f):
    try:
        return Path(f)
    except TypeError:
        raise TypeError(f"{what}: expected a path or a file open for bytes, got {f!r}") from None


def _replace(path, content):
    """Make it the content of the file at that path, all or nothing."""
    if path.exists() and not path.is_file():
        raise OSError(f"save: {path} is there already, and no file")
    if not path.parent.is_dir():
        raise FileNotFoundError(f"save: there is no folder {path.parent}; make it first")
    part = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        part.write_bytes(content)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _safetensors():
    try:
        import safetensors.numpy
    except ImportError:
        raise ImportError("save and load need safetensors, which is not installed: "
                          "pip install 'plugrad[save]'") from None
    return safetensors.numpy
