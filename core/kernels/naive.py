"""The obvious twin of each fast kernel: plain loops straight from the formula, for tests."""

import numpy as np


def gemm(a, b):
    """y[i, j] = sum over p of a[i, p] * b[p, j]"""
    y = np.zeros((a.shape[0], b.shape[1]), a.dtype)
    for p in range(a.shape[1]):
        y += a[:, p, None] * b[p]
    return y


def windows(C, image, kernel, stride, padding, dilation):
    """Every use of a pixel, as (c, i, j), (oh, ow), (h, w): tap (i, j) of the window at (oh, ow)
    lies on pixel (h, w) of plane c.  Taps on padding are left out."""
    OH, OW = positions(image, kernel, stride, padding, dilation)
    for c, i, j, oh, ow in np.ndindex(C, *kernel, OH, OW):
        h = oh * stride[0] - padding[0] + i * dilation[0]
        w = ow * stride[1] - padding[1] + j * dilation[1]
        if 0 <= h < image[0] and 0 <= w < image[1]:
            yield (c, i, j), (oh, ow), (h, w)


def positions(image, kernel, stride, padding, dilation):
    """(OH, OW)"""
    return tuple((n + 2 * p - d * (k - 1) - 1) // s + 1
                 for n, k, s, p, d in zip(image, kernel, stride, padding, dilation))


def unfold(x, kernel, dilation, padding, stride):
    """cols[n, (c, i, j), (oh, ow)] = x[n, c, h, w]"""
    N, C, *image = x.shape
    places = positions(image, kernel, stride, padding, dilation)
    cols = np.zeros((N, C, *kernel, *places), x.dtype)
    for tap, place, pixel in windows(C, image, kernel, stride, padding, dilation):
        cols[(slice(None), *tap, *place)] = x[(slice(None), tap[0], *pixel)]
    return cols.reshape(N, C * kernel[0] * kernel[1], places[0] * places[1])


def fold(cols, output_size, kernel, dilation, padding, stride):
    """x[n, c, h, w] = sum of cols[n, (c, i, j), (oh, ow)] over all uses of that pixel"""
    N, C = len(cols), cols.shape[1] // (kernel[0] * kernel[1])
    cols = cols.reshape(N, C, *kernel, *positions(output_size, kernel, stride, padding, dilation))
    x = np.zeros((N, C, *output_size), cols.dtype)
    for tap, place, pixel in windows(C, output_size, kernel, stride, padding, dilation):
        x[(slice(None), tap[0], *pixel)] += cols[(slice(None), *tap, *place)]
    return x


def products(x, w, stride, padding, dilation, groups):
    """Every product of a convolution, as the indices of its y, w and x (for all images), from the
    shapes of x and w."""
    O, C, *kernel = w
    for o in range(O):
        for tap, place, pixel in windows(C, x[2:], kernel, stride, padding, dilation):
            plane = o // (O // groups) * C + tap[0]
            yield (slice(None), o, *place), (o, *tap), (slice(None), plane, *pixel)


def conv2d_forward(x, w, stride, padding, dilation, groups):
    """y = sum of w * x"""
    y = np.zeros((len(x), len(w), *positions(x.shape[2:], w.shape[2:], stride, padding, dilation)),
                 x.dtype)
    for at_y, at_w, at_x in products(x.shape, w.shape, stride, padding, dilation, groups):
        y[at_y] += w[at_w] * x[at_x]
    return y


def conv2d_grad_input(g, w, input_shape, stride, padding, dilation, groups):
    """dx = sum of w * g"""
    dx = np.zeros(input_shape, g.dtype)
    for at_y, at_w, at_x in products(input_shape, w.shape, stride, padding, dilation, groups):
        dx[at_x] += w[at_w] * g[at_y]
    return dx


def conv2d_grad_weight(x, g, weight_shape, stride, padding, dilation, groups):
    """dw = sum of x * g, over all images too"""
    dw = np.zeros(weight_shape, x.dtype)
    for at_y, at_w, at_x in products(x.shape, weight_shape, stride, padding, dilation, groups):
        dw[at_w] += (x[at_x] * g[at_y]).sum()
    return dw
