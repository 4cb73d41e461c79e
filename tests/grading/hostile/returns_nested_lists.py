# An answer nested deeper than a decoder can follow.
# against: calls asserts
# expect: error


def f(n):
    answer = []
    for _ in range(20_000):
        answer = [answer]
    return answer
