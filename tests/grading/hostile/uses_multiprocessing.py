# Computes its answer in other processes.
# against: calls asserts stdio
# expect: forbidden
import multiprocessing


def f(n):
    with multiprocessing.get_context("fork").Pool(2) as pool:
        return pool.apply(pow, (n, 2))
