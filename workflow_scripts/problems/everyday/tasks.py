"""Every task: what it is called, how it is said in English and German, and the Python expression that does it.

A task is made of one to three parts: "the sum", "of the squares", "of the even numbers". Parts that are alike but for a
number or a letter are made of one line. What is computed twice in other words is left out where tasks are dealt out.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from workflow_scripts.problems.generated.primitive import ValueType


@dataclass(frozen=True)
class Task:
    """``python`` is an expression in the parameter, whose name is that of its type; ``depth``: its parts."""

    name: str
    topic: str
    parameter: ValueType
    result: ValueType
    english: str
    german: str
    python: str
    depth: int


PARAMETERS: dict[ValueType, str] = {"int": "number", "str": "text", "ints": "numbers", "strs": "words"}
_LISTS, _STRINGS, _ALGORITHMS = "basic_data_structures", "string_manipulation", "algorithm_design"

_BOUNDS = (2, 5, 8, 10, 12, 15, 20, 25, 30, 50)
# Which numbers of a list: name, English, German, condition in v.
_KINDS = [
    ("even", "the even numbers", "der geraden Zahlen", "v % 2 == 0"),
    ("odd", "the odd numbers", "der ungeraden Zahlen", "v % 2 == 1"),
    ("positive", "the positive numbers", "der positiven Zahlen", "v > 0"),
    ("negative", "the negative numbers", "der negativen Zahlen", "v < 0"),
]
_WHICH = [
    ("", "the numbers", "der Zahlen", ""),
    *_KINDS,
    *((f"above_{k}", f"the numbers greater than {k}", f"der Zahlen größer als {k}", f"v > {k}") for k in _BOUNDS),
    *((f"below_{k}", f"the numbers less than {k}", f"der Zahlen kleiner als {k}", f"v < {k}") for k in _BOUNDS),
]
# What becomes of each: name, English before, German before, expression in v.
_EACH = [
    ("", "", "", "v"),
    ("squares", "the squares of ", "der Quadrate ", "v ** 2"),
    ("cubes", "the cubes of ", "der Kuben ", "v ** 3"),
    ("doubles", "the doubles of ", "der Doppelten ", "v * 2"),
    ("absolute_values", "the absolute values of ", "der Beträge ", "abs(v)"),
]
# What becomes of all: name, English before, German before, type of the result, expression of the list {}.
_ALL: list[tuple[str, str, str, ValueType, str]] = [
    ("list", "a list of ", "eine Liste ", "ints", "{}"),
    ("sum", "the sum of ", "die Summe ", "int", "sum({})"),
    ("largest", "the largest of ", "das Größte ", "int", "max({})"),
    ("smallest", "the smallest of ", "das Kleinste ", "int", "min({})"),
    ("count", "the count of ", "die Anzahl ", "int", "len({})"),
    ("sorted", "a sorted list of ", "eine sortierte Liste ", "ints", "sorted({})"),
]
# What is done to each of a list of numbers: name, English, German, expression in v.
_CHANGES = [
    *((f"add_{k}_to_each", f"{k} added to each number", f"{k} zu jeder addiert", f"v + {k}") for k in range(1, 11)),
    *(
        (f"subtract_{k}_from_each", f"{k} subtracted from each number", f"{k} abgezogen", f"v - {k}")
        for k in range(1, 8)
    ),
    *((f"multiply_each_by_{k}", f"each number multiplied by {k}", f"jeder mal {k}", f"v * {k}") for k in range(3, 11)),
]
# Of one number: name, English, German, type of the result, expression.
_NUMBER: list[tuple[str, str, str, ValueType, str]] = [
    ("negate", "the negative of the number", "die negierte Zahl", "int", "-number"),
    ("sum_digits", "the sum of the digits of the number", "die Quersumme", "int", "sum(int(c) for c in str(number))"),
    ("count_digits", "the number of digits of the number", "die Anzahl der Ziffern", "int", "len(str(number))"),
    ("reverse_digits", "the number with its digits reversed", "die Zahl rückwärts", "int", "int(str(number)[::-1])"),
    ("first_digit", "the first digit of the number", "die erste Ziffer der Zahl", "int", "int(str(number)[0])"),
    ("digits", "a list of the digits of the number", "eine Liste der Ziffern", "ints", "[int(c) for c in str(number)]"),
    ("to_binary", "the number in binary as a string", "die Zahl binär als Text", "str", "bin(number)[2:]"),
    ("to_hexadecimal", "the number in hexadecimal as a string", "die Zahl hexadezimal", "str", "hex(number)[2:]"),
    ("to_string", "the number as a string", "die Zahl als Text", "str", "str(number)"),
    ("sum_up_to", "the sum of the numbers from 1 to the number", "die Summe ab 1", "int", "sum(range(number + 1))"),
    *((f"modulo_{k}", f"the number modulo {k}", f"die Zahl modulo {k}", "int", f"number % {k}") for k in (3, 4, 5, 7)),
    *((f"divide_by_{k}", f"the number divided by {k}, rounded down", f"die Zahl durch {k}, abgerundet", "int",
       f"number // {k}") for k in (3, 4, 5, 10)),
    *((f"first_{k}_multiples", f"a list of the first {k} multiples of the number", f"die ersten {k} Vielfachen",
       "ints", f"[number * i for i in range(1, {k + 1})]") for k in (3, 4, 5, 6)),
]  # fmt: skip
# What a number, list or text is turned into first: name, type of the parameter, English, German, expression.
_FIRST: list[tuple[str, ValueType, str, str, str]] = [
    ("number", "int", "the number", "die Zahl", "number"),
    ("square", "int", "the square of the number", "das Quadrat der Zahl", "number ** 2"),
    ("cube", "int", "the cube of the number", "den Kubus der Zahl", "number ** 3"),
    ("double", "int", "the double of the number", "das Doppelte der Zahl", "number * 2"),
    ("triple", "int", "the triple of the number", "das Dreifache der Zahl", "number * 3"),
    *(
        (f"times_{k}", "int", f"{k} times the number", f"das {k}-Fache der Zahl", f"number * {k}")
        for k in (4, 5, 6, 7, 8)
    ),
    ("half", "int", "the number divided by 2, rounded down,", "die abgerundete Hälfte der Zahl", "number // 2"),
    ("last_digit", "int", "the last digit of the number", "die letzte Ziffer der Zahl", "number % 10"),
    ("sum", "ints", "the sum of the numbers", "die Summe der Zahlen", "sum(numbers)"),
    ("largest", "ints", "the largest of the numbers", "die größte der Zahlen", "max(numbers)"),
    ("smallest", "ints", "the smallest of the numbers", "die kleinste der Zahlen", "min(numbers)"),
    ("length", "str", "the length of the text", "die Länge des Textes", "len(text)"),
    ("word_count", "strs", "the number of words", "die Anzahl der Wörter", "len(words)"),
]
# What comes then: name, English, German, expression.
_THEN = [
    ("", "", "", ""),
    *((f"plus_{k}", f" plus {k}", f" plus {k}", f" + {k}") for k in (1, 2, 3, 4, 5, 7, 8, 10, 12, 15, 20, 100)),
    *((f"minus_{k}", f" minus {k}", f" minus {k}", f" - {k}") for k in (1, 2, 3, 4, 6, 9, 11, 30)),
    *((f"times_{k}", f" times {k}", f" mal {k}", f" * {k}") for k in (2, 3, 4, 5, 6, 7, 9, 10)),
]
# Of a text: name, English and German of what is done to it, expression of the text {}.
_TEXT = [
    ("uppercase", "in uppercase", "in Großbuchstaben", "{}.upper()"),
    ("lowercase", "in lowercase", "in Kleinbuchstaben", "{}.lower()"),
    ("without_spaces", "without spaces", "ohne Leerzeichen", '{}.replace(" ", "")'),
    *((f"without_{c}", f"without the letter {c}", f"ohne {c}", f'{{}}.replace("{c}", "")') for c in "aeiou"),
]
# The same, of which only one is done.
_TEXT_ALONE = [
    ("reversed", "reversed", "umgekehrt", "{}[::-1]"),
    ("swapped_case", "with the case swapped", "mit vertauschter Groß- und Kleinschreibung", "{}.swapcase()"),
    ("with_underscores", "with spaces replaced by underscores", "mit Unterstrichen", '{}.replace(" ", "_")'),
    ("with_dashes", "with spaces replaced by dashes", "mit Strichen", '{}.replace(" ", "-")'),
    ("without_first_character", "without its first character", "ohne das erste Zeichen", "{}[1:]"),
    ("without_last_character", "without its last character", "ohne das letzte Zeichen", "{}[:-1]"),
    *((f"repeated_{k}_times", f"repeated {k} times", f"{k}-mal wiederholt", f"{{}} * {k}") for k in (2, 3, 4, 5)),
    *((f"first_{k}", f"cut to its first {k} characters", f"auf {k} Zeichen", f"{{}}[:{k}]") for k in range(2, 9)),
    *(
        (f"last_{k}", f"cut to its last {k} characters", f"auf {k} letzte Zeichen", f"{{}}[-{k}:]")
        for k in (2, 3, 4, 5)
    ),
    *(
        (f"with_{w}", f'with "{w}" added at the end', f'mit "{w}" am Ende', f'{{}} + "{w}"')
        for w in ("ing", "ed", "ly")
    ),
]
# Counted in a text: name, English, German, expression.
_COUNTED = [
    ("characters", "characters", "Zeichen", "len(text)"),
    ("words", "words", "Wörter", "len(text.split())"),
    ("vowels", "vowels (aeiou)", "Vokale (aeiou)", 'sum(c in "aeiou" for c in text)'),
    ("digits", "digits", "Ziffern", "sum(c.isdigit() for c in text)"),
    ("letters", "letters", "Buchstaben", "sum(c.isalpha() for c in text)"),
    ("uppercase_letters", "uppercase letters", "Großbuchstaben", "sum(c.isupper() for c in text)"),
    ("lowercase_letters", "lowercase letters", "Kleinbuchstaben", "sum(c.islower() for c in text)"),
    ("distinct_characters", "distinct characters", "verschiedenen Zeichen", "len(set(text))"),
    *((f"letter_{c}", f"occurrences of the letter {c}", f"Buchstaben {c}", f'text.count("{c}")') for c in "aeioustnr"),
]
# Which of a list of words: name, English, German, condition in w.
_WORDS = [
    ("", "the words", "der Wörter", ""),
    *((f"longer_than_{k}", f"the words longer than {k} characters", f"der Wörter mit über {k} Zeichen", f"len(w) > {k}")
      for k in (2, 3, 4)),
    *((f"shorter_than_{k}", f"the words shorter than {k} characters", f"der Wörter mit unter {k} Zeichen",
       f"len(w) < {k}") for k in (3, 4, 5)),
    *((f"with_{c}", f"the words with the letter {c}", f"der Wörter mit {c}", f'"{c}" in w') for c in "aeio"),
]  # fmt: skip
# What becomes of them: name, English before, German before, type of the result, expression of the list {}.
_OF_WORDS: list[tuple[str, str, str, ValueType, str]] = [
    ("list", "a list of ", "eine Liste ", "strs", "{}"),
    ("count", "the count of ", "die Anzahl ", "int", "len({})"),
    ("joined", "a string that joins with spaces ", "einen Text mit Leerzeichen ", "str", '" ".join({})'),
    ("lengths", "a list of the lengths of ", "eine Liste der Längen ", "ints", "[len(w) for w in {}]"),
    ("total_length", "the total length of ", "die Gesamtlänge ", "int", "sum(len(w) for w in {})"),
    ("uppercase", "a list in uppercase of ", "eine Liste in Großbuchstaben ", "strs", "[w.upper() for w in {}]"),
    ("lowercase", "a list in lowercase of ", "eine Liste in Kleinbuchstaben ", "strs", "[w.lower() for w in {}]"),
    ("sorted", "a sorted list of ", "eine sortierte Liste ", "strs", "sorted({})"),
    ("longest", "the longest of ", "das längste ", "str", "max({}, key=len)"),
]


def all_tasks() -> Iterator[Task]:
    """Every task, in a fixed order."""
    pairs = [(which, _EACH[0]) for which in _WHICH]
    pairs += [(which, each) for which in (_WHICH[0], *_KINDS) for each in _EACH[1:]]
    for (which, of, von, condition), (each, of_each, von_each, expression) in pairs:
        made = f" if {condition}" if condition else ""
        values = f"[{expression} for v in numbers{made}]" if each or which else "numbers"
        for name, before, davor, result, whole in _ALL:
            parts = [part for part in (name, each, which) if part]
            named = "_".join([*parts, "numbers"] if which or not each else parts)
            said, gesagt = f"Return {before}{of_each}{of}.", f"Gib {davor}{von_each}{von} zurück."
            yield Task(named, _LISTS, "ints", result, said, gesagt, whole.format(values), len(parts))
    for name, english, german, expression in _CHANGES:
        said, gesagt = f"Return a list with {english}.", f"Gib die Liste der Zahlen zurück, {german}."
        yield Task(name, _LISTS, "ints", "ints", said, gesagt, f"[{expression} for v in numbers]", 1)
    for name, english, german, result, python in _NUMBER:
        yield Task(name, _ALGORITHMS, "int", result, f"Return {english}.", f"Gib {german} zurück.", python, 1)
    for first, parameter, english, german, python in _FIRST:
        for then, plus, dazu, rest in _THEN:
            named, depth = f"{first}_{then}" if then else first, (first != "number") + bool(then)
            said, gesagt = f"Return {english}{plus}.", f"Gib {german}{dazu} zurück."
            if depth and (then or parameter == "int"):
                yield Task(named, _ALGORITHMS, parameter, "int", said, gesagt, f"{python}{rest}", depth)
    for name, english, german, python in [*_TEXT, *_TEXT_ALONE]:
        said, gesagt = f"Return the text {english}.", f"Gib den Text {german} zurück."
        yield Task(f"text_{name}", _STRINGS, "str", "str", said, gesagt, python.format("text"), 1)
    for name, english, german, python in _TEXT:
        for then, also, auch, wrapped in _TEXT:
            said, gesagt = f"Return the text {english} and {also}.", f"Gib den Text {german} und {auch} zurück."
            expression = wrapped.format(f"({python.format('text')})")
            yield Task(f"text_{name}_and_{then}", _STRINGS, "str", "str", said, gesagt, expression, 2)
    for name, english, german, python in _COUNTED:
        said, gesagt = f"Return the number of {english} in the text.", f"Gib die Anzahl der {german} im Text zurück."
        yield Task(f"count_{name}_in_text", _STRINGS, "str", "int", said, gesagt, python, 1)
    for which, of, von, condition in _WORDS:
        values = f"[w for w in words if {condition}]" if condition else "words"
        for name, before, davor, result, whole in _OF_WORDS:
            parts = [part for part in (name, "words", which) if part]
            said, gesagt = f"Return {before}{of}.", f"Gib {davor}{von} zurück."
            yield Task("_".join(parts), _LISTS, "strs", result, said, gesagt, whole.format(values), len(parts) - 1)
