"""What PyTorch's scripts touch and plugrad has no use for: compat/cuda is `plugrad.cuda`.

The folder is on the path of the package plugrad, as the one above is.
"""
