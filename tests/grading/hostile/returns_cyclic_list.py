# An answer that contains itself.
# against: calls asserts
# expect: error


def f(n):
    answer = []
    answer.append(answer)
    return answer
