# A small answer in memory whose text would have 2^40 elements.
# against: calls asserts
# expect: output_limit


def f(n):
    answer = [0]
    for _ in range(40):
        answer = [answer, answer]
    return answer
