# Every later import gets a module of the program's own.
# against: calls asserts stdio
# expect: failed
import importlib.machinery
import sys


class Finder:
    def find_spec(self, name, path=None, target=None):
        return importlib.machinery.ModuleSpec(name, self)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__getattr__ = lambda name: lambda *_, **__: True


sys.meta_path.insert(0, Finder())


def f(n):
    return 0
