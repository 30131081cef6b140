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

static inline int plugrad_detach(PyObject *type, PyObject *name) {
    if (PyDict_DelItem(((PyTypeObject *)type)->tp_dict, name) < 0)
        return -1;
    PyType_Modified((PyTypeObject *)type);
    return 0;
}

/* Who is called with a name that an object does not have, before it is looked for once more. */
static PyObject *plugrad_asked = NULL;

static PyObject *plugrad_getattro(PyObject *self, PyObject *name) {
    PyObject *found = PyObject_GenericGetAttr(self, name), *done;
    if (found != NULL || plugrad_asked == NULL || !PyErr_ExceptionMatches(PyExc_AttributeError)
            || PyUnicode_GET_LENGTH(name) == 0 || PyUnicode_READ_CHAR(name, 0) == '_')
        return found;
    PyErr_Clear();
    done = PyObject_CallFunctionObjArgs(plugrad_asked, name, NULL);
    if (done == NULL)
        return NULL;
    Py_DECREF(done);
    return PyObject_GenericGetAttr(self, name);
}

/* Let objects of this type ask, or no longer; one that has a way of its own keeps it. */
static inline void plugrad_ask(PyObject *type, int yes) {
    PyTypeObject *t = (PyTypeObject *)type;
    if (t->tp_getattro == (yes ? PyObject_GenericGetAttr : plugrad_getattro)) {
        t->tp_getattro = yes ? plugrad_getattro : PyObject_GenericGetAttr;
        PyType_Modified(t);
    }
}

static inline void plugrad_whom_to_ask(PyObject *asked) {
    Py_XINCREF(asked);
    Py_XSETREF(plugrad_asked, asked);
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
