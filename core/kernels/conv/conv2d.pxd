"""conv2d and its two gradients, on NCHW arrays."""
cimport numpy as cnp

cpdef cnp.ndarray conv2d_forward(cnp.ndarray x, cnp.ndarray w, stride, padding, dilation,
                                 Py_ssize_t groups, cnp.ndarray bias=*)
cpdef cnp.ndarray conv2d_grad_input(cnp.ndarray g, cnp.ndarray w, input_shape, stride, padding,
                                    dilation, Py_ssize_t groups)
cpdef cnp.ndarray conv2d_grad_weight(cnp.ndarray x, cnp.ndarray g, weight_shape, stride, padding,
                                     dilation, Py_ssize_t groups)
