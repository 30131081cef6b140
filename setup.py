"""Builds the Cython core; everything else about the package is declared in pyproject.toml."""

import copy
import multiprocessing
import os
import platform
import runpy
import shutil
import tempfile
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, find_packages, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, LinkError

DEBUG = os.environ.get("PLUGRAD_DEBUG") == "1"
ANNOTATE = os.environ.get("PLUGRAD_ANNOTATE") == "1"
BUILD = Path("build", "debug" if DEBUG else "release")   # the two never share an object file
CIMPORT = Path("build", "cimport")
HOUSE = {"plugrad": "core", "plugrad.plugins": "plugins"}

DIRECTIVES = {
    "language_level": "3",
    "binding": True,
    "embedsignature": True,
    "cdivision": True,
    "freethreading_compatible": False,
    "auto_pickle": False,           # Tensor says itself how it is saved; nothing else is to be
    # None where a Tensor is expected is a TypeError at the door, never a null pointer inside.
    "allow_none_for_extension_args": False,
    "boundscheck": True,            # of tuples and lists; kernels go by pointers, checked at doors
    "wraparound": True,
    "initializedcheck": DEBUG,
    "nonecheck": DEBUG,
    "overflowcheck": False,
}


# The folder decides.  The loops of core/kernels and of all plugins are compiled once more for each
# instruction set beyond the baseline, and core/kernels/__init__.py takes the best that the machine
# has; base/ has no loops, nor has a door that only picks one.  In matmul/ and conv/ results stay in
# registers, and squares of vectors are turned around there: -O3 must unroll what runs over them.
def has_loops(package, name):
    kernels = package.startswith("plugrad.kernels.") and name != "door"
    return package.startswith("plugrad.plugins.") or (kernels and not package.endswith(".base"))


UNROLLED = ("plugrad.kernels.matmul.", "plugrad.kernels.conv.")
INTEL = {"AMD64", "x86_64"}
INSTRUCTION_SETS = {} if platform.machine() not in INTEL else {
    "avx2": ["/arch:AVX2"],
    "avx512": ["/arch:AVX512"],
} if os.name == "nt" else {
    "avx2": ["-mavx2", "-mfma"],
    "avx512": ["-mavx512f", "-mavx512bw", "-mavx512dq", "-mavx512vl", "-mfma"],
}

# What compilers call OpenMP: (flags to compile, flags to link); Apple's has it beside itself.
OPENMP = [(["/openmp"], [])] if os.name == "nt" else [
    (["-fopenmp"], ["-fopenmp"]),
    (["-Xpreprocessor", "-fopenmp"], ["-lomp"]),
]


def sources(pattern):
    """(file, import name without suffix) for every file of the house that matches."""
    for package, folder in HOUSE.items():
        for path in sorted(Path(folder).rglob(pattern)):
            yield path, ".".join([package, *path.relative_to(folder).with_suffix("").parts])


def update(path, twin):
    """Copy a file; one that has not changed keeps its time stamp: nothing is built without need."""
    if not twin.exists() or twin.read_bytes() != Path(path).read_bytes():
        twin.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, twin)


def mirror_headers():
    """Lay .pxd and .h files out as the package `plugrad`, so that Cython and C find them by that
    name."""
    for pattern in ("*.pxd", "*.h"):
        for path, name in sources(pattern):
            update(path, CIMPORT.joinpath(*name.split(".")).with_suffix(path.suffix))
    for package in [CIMPORT / "plugrad", *(CIMPORT / "plugrad").rglob("*")]:
        if package.is_dir() and not (package / "__init__.pxd").exists():
            (package / "__init__.pxd").touch()


def extension(path, name):
    if os.name == "nt":
        flags = ["/Od", "/Zi"] if DEBUG else ["/O2"]
    else:
        level = "-O3" if name.startswith(UNROLLED) else "-O2"
        release = [level, "-g0", "-ftree-vectorize", "-fvect-cost-model=dynamic", "-fpeel-loops",
                   "-fno-math-errno", "-fno-trapping-math"]
        flags = ["-O0", "-g"] if DEBUG else release
        flags += ["-Wno-unused-function", "-Wno-unreachable-code"]
    return Extension(
        name,
        [str(path)],
        include_dirs=[numpy.get_include(), str(CIMPORT), str(CIMPORT / "plugrad")],
        extra_compile_args=flags,
        define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"),
                       ("NPY_TARGET_VERSION", "NPY_2_0_API_VERSION")],
    )


def variants(extension):
    """The same C file once more per instruction set, as a module of the same name in a folder that
    is called after the set."""
    package, _, name = extension.name.rpartition(".")
    if not has_loops(package, name):
        return
    for isa, flags in INSTRUCTION_SETS.items():
        variant = copy.copy(extension)
        variant.name = f"{package}.{isa}.{name}"
        variant.extra_compile_args = [*extension.extra_compile_args, *flags]
        variant.sources = [str(BUILD / "c" / isa / f"{extension.name}.c")]   # its own object file
        update(extension.sources[0], Path(variant.sources[0]))
        yield variant


def openmp(compiler):
    """The flags of OPENMP that work with this compiler; none where there is no OpenMP."""
    program = "#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n"
    for compile_flags, link_flags in OPENMP:
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "openmp.c")
            source.write_text(program)
            try:
                objects = compiler.compile([str(source)], folder, extra_postargs=compile_flags)
                compiler.link_executable(objects, "openmp", folder, extra_postargs=link_flags)
            except (CompileError, LinkError):
                continue
            return compile_flags, link_flags
    return [], []


class ParallelBuild(build_ext):
    """build_ext on every core."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self):
        compile_flags, link_flags = openmp(self.compiler)
        for extension in self.extensions:
            if extension.name == "plugrad.kernels.base.threads":     # all others go through it
                extension.extra_compile_args += compile_flags
                extension.extra_link_args += link_flags
        super().build_extensions()

    def copy_extensions_to_source(self):
        """An editable install holds what was built last: an older release over a newer debug."""
        folder_of = self.get_finalized_command("build_py").get_package_dir
        for extension in self.extensions:
            Path(folder_of(extension.name.rpartition(".")[0])).mkdir(exist_ok=True)
        before, self.force = self.force, True
        super().copy_extensions_to_source()
        self.force = before


mirror_headers()
runpy.run_path("core/plugin/index.py")["write"](HOUSE["plugrad.plugins"])
runpy.run_path("core/tools/stubs.py")["write"](*HOUSE.values())
can_fork = multiprocessing.get_start_method() == "fork"
extensions = cythonize(
    [extension(path, name) for path, name in sources("*.pyx")],
    build_dir=str(BUILD / "c"),
    include_path=[str(CIMPORT)],
    compiler_directives=DIRECTIVES,
    annotate=ANNOTATE,
    nthreads=os.cpu_count() if can_fork else 0,
)
extensions += [variant for extension in extensions for variant in variants(extension)]
packages = [name for package, folder in HOUSE.items()
            for name in [package, *(f"{package}.{p}" for p in find_packages(folder))]]

setup(
    packages=packages,
    package_dir=HOUSE,
    package_data={"": ["*.pxd", "*.h", "*.pyi", "index.json", "py.typed", "*.npz", "*.csv.gz",
                       "*LICENSE*"]},
    exclude_package_data={"": ["*.c", "*.pyx"]},
    ext_modules=extensions,
    cmdclass={"build_ext": ParallelBuild},
    options={"build": {"build_base": str(BUILD)}},
    zip_safe=False,
)
