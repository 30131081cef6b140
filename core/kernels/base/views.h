/* Makes a NumPy view of any shape and strides: the C API asks for types that Cython does not name. */
#ifndef PLUGRAD_VIEWS_H
#define PLUGRAD_VIEWS_H
#include <Python.h>
#include <numpy/arrayobject.h>

static inline PyObject *plugrad_strided(PyArrayObject *a, int ndim, npy_intp *shape,
                                        npy_intp *strides, npy_intp offset) {
    PyArray_Descr *descr = PyArray_DESCR(a);
    PyObject *view;
    Py_INCREF(descr); /* PyArray_NewFromDescr takes this reference over */
    view = PyArray_NewFromDescr(&PyArray_Type, descr, ndim, shape, strides,
                                PyArray_BYTES(a) + offset,
                                PyArray_FLAGS(a) & NPY_ARRAY_WRITEABLE, NULL);
    if (view == NULL) { /* NumPy counts bytes, although a view takes none */
        if (PyErr_ExceptionMatches(PyExc_ValueError))
            PyErr_SetString(PyExc_RuntimeError, "a view has too many elements: together they must "
                                                "be of less than 2**63 bytes; make it smaller");
        return NULL;
    }
    Py_INCREF(a); /* and PyArray_SetBaseObject this one */
    if (PyArray_SetBaseObject((PyArrayObject *)view, (PyObject *)a) < 0) {
        Py_DECREF(view);
        return NULL;
    }
    return view;
}
#endif
