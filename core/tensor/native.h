/* What Cython cannot say: a thread-local flag, and where the running Python line is. */
#ifndef PLUGRAD_NATIVE_H
#define PLUGRAD_NATIVE_H
#include <Python.h>
#include <frameobject.h>

#if defined(_MSC_VER)
#define PLUGRAD_THREAD_LOCAL __declspec(thread)
#else
#define PLUGRAD_THREAD_LOCAL _Thread_local
#endif

/* Whether this thread records operations.  Owned by tensor.pyx. */
static PLUGRAD_THREAD_LOCAL int plugrad_grad_enabled = 1;

/* The code object of the running Python frame (new reference, NULL outside Python) and the
 * position in it.  Turning the position into a line number waits until somebody asks. */
static inline PyObject *plugrad_where(int *position) {
    PyFrameObject *frame = PyEval_GetFrame();
    if (frame == NULL) {
        *position = 0;
        return NULL;
    }
#if PY_VERSION_HEX >= 0x030B0000
    *position = PyFrame_GetLasti(frame);
#else
    *position = frame->f_lasti * 2;
#endif
    return (PyObject *)PyFrame_GetCode(frame);
}

static inline int plugrad_line(PyObject *code, int position) {
    return PyCode_Addr2Line((PyCodeObject *)code, position);
}

/* Put a name into the namespace of an extension type, which Python itself will not write to. */
static inline int plugrad_attach(PyObject *type, PyObject *name, PyObject *value) {
    if (PyDict_SetItem(((PyTypeObject *)type)->tp_dict, name, value) < 0)
        return -1;
    PyType_Modified((PyTypeObject *)type);
    return 0;
}

/* The address by which users know an extension type, wherever its code is: "plugrad.Tensor". */
static inline void plugrad_known_as(PyObject *type, const char *address) {
    ((PyTypeObject *)type)->tp_name = address;
}

/* Whether the object's class was written in Python. */
static inline int plugrad_of_python_class(PyObject *object) {
    return PyType_HasFeature(Py_TYPE(object), Py_TPFLAGS_HEAPTYPE);
}
#endif
