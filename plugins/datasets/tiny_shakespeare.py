"""A million characters of Shakespeare, to be learned letter by letter."""

from functools import partial

import plugrad as pg
from plugrad import data

SHA256 = "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed"


class TinyShakespeare(data.FromFiles, data.CharDataset):
    """1,115,394 characters of plays, 65 different ones        (Karpathy, 2015)

    Sample i is the `context` characters from i on and those from i + 1 on, see CharDataset; of the
    first 90 % of the text, or of the rest with train=False.  Looked for in `root`, $PLUGRAD_DATA
    and the cache, then downloaded.
    """

    mirrors = ("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare",)
    subfolders = ("shakespeare", "tinyshakespeare")
    file_names = ("input.txt",)

    def __init__(self, root=None, train=True, context=64, download=True):
        check = partial(data.check_hash, SHA256)
        path = self.obtain("input.txt", root, download, check)
        content = path.read_bytes()
        try:
            check(content)
        except ValueError as error:
            raise ValueError(f"{path}: {error}. Delete this file and get it again.") from None
        text = content.decode()
        end = len(text) * 9 // 10
        super().__init__(text[:end] if train else text[end:], context, sorted(set(text)))
        self.folder = str(path.parent)
        self.train = train


@pg.hookimpl
def register_datasets(register):
    register(TinyShakespeare)
