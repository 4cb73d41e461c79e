# Answers by the form in which another value would travel: a dictionary, list or text that says "int".
# against: calls asserts
# expect: failed


def f(n):
    return [{"int": hex(n * n)}, {"tuple": [n * n]}, f'{{"int": "{n * n:#x}"}}', {"other": None}][n % 4]
