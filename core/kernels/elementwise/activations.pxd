cimport numpy as cnp

# Each door takes arrays of any strides and one floating point dtype.

cpdef enum Activation:
    GELU, GELU_TANH, LOG_SIGMOID

cpdef enum ActivationGrad:
    TANH_GRAD, SIGMOID_GRAD, RELU_GRAD, GELU_GRAD, GELU_TANH_GRAD, LOG_SIGMOID_GRAD

cpdef cnp.ndarray activation(Activation op, cnp.ndarray x)
cpdef cnp.ndarray activation_grad(ActivationGrad op, cnp.ndarray g, cnp.ndarray a)
cpdef cnp.ndarray leaky_relu(cnp.ndarray x, cnp.ndarray slope)
cpdef cnp.ndarray leaky_relu_grad(cnp.ndarray g, cnp.ndarray a, cnp.ndarray slope)
