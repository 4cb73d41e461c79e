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

# Which numbers of a list: name, English, German, condition in v.
_WHICH = [
    ("", "the numbers", "der Zahlen", ""),
    ("even", "the even numbers", "der geraden Zahlen", "v % 2 == 0"),
    ("odd", "the odd numbers", "der ungeraden Zahlen", "v % 2 == 1"),
    ("positive", "the positive numbers", "der positiven Zahlen", "v > 0"),
    ("negative", "the negative numbers", "der negativen Zahlen", "v < 0"),
    *((f"above_{k}", f"the numbers greater than {k}", f"der Zahlen größer als {k}", f"v > {k}") for k in (5, 10, 20)),
    *((f"below_{k}", f"the numbers less than {k}", f"der Zahlen kleiner als {k}", f"v < {k}") for k in (5, 10, 20)),
    *((f"multiples_of_{k}", f"the multiples of {k}", f"der Vielfachen von {k}", f"v % {k} == 0") for k in (3, 5)),
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
    ("reversed", "a reversed list of ", "eine umgekehrte Liste ", "ints", "{}[::-1]"),
    ("first", "the first of ", "das Erste ", "int", "{}[0]"),
    ("last", "the last of ", "das Letzte ", "int", "{}[-1]"),
]
# Of one number: name, English, German, type of the result, expression.
_NUMBER: list[tuple[str, str, str, ValueType, str]] = [
    ("square", "the square of the number", "das Quadrat der Zahl", "int", "number ** 2"),
    ("cube", "the cube of the number", "den Kubus der Zahl", "int", "number ** 3"),
    ("half", "half of the number, rounded down", "die abgerundete Hälfte der Zahl", "int", "number // 2"),
    ("negate", "the negative of the number", "die negierte Zahl", "int", "-number"),
    ("sum_digits", "the sum of the digits of the number", "die Quersumme", "int", "sum(int(c) for c in str(number))"),
    ("count_digits", "the number of digits of the number", "die Anzahl der Ziffern", "int", "len(str(number))"),
    ("reverse_digits", "the number with its digits reversed", "die Zahl rückwärts", "int", "int(str(number)[::-1])"),
    ("last_digit", "the last digit of the number", "die letzte Ziffer der Zahl", "int", "number % 10"),
    ("first_digit", "the first digit of the number", "die erste Ziffer der Zahl", "int", "int(str(number)[0])"),
    ("digits", "a list of the digits of the number", "eine Liste der Ziffern", "ints", "[int(c) for c in str(number)]"),
    ("to_binary", "the number in binary as a string", "die Zahl binär als Text", "str", "bin(number)[2:]"),
    ("to_hexadecimal", "the number in hexadecimal as a string", "die Zahl hexadezimal", "str", "hex(number)[2:]"),
    ("to_string", "the number as a string", "die Zahl als Text", "str", "str(number)"),
    (
        "sum_up_to",
        "the sum of the numbers from 1 to number",
        "die Summe von 1 bis number",
        "int",
        "sum(range(number + 1))",
    ),
    (
        "divisors",
        "a list of the divisors of the number",
        "eine Liste der Teiler der Zahl",
        "ints",
        "[d for d in range(1, number + 1) if number % d == 0]",
    ),
    (
        "count_divisors",
        "how many divisors the number has",
        "die Anzahl der Teiler",
        "int",
        "sum(number % d == 0 for d in range(1, number + 1))",
    ),
    *((f"add_{k}", f"the number plus {k}", f"die Zahl plus {k}", "int", f"number + {k}") for k in (3, 7, 10, 25)),
    *((f"subtract_{k}", f"the number minus {k}", f"die Zahl minus {k}", "int", f"number - {k}") for k in (1, 4, 12)),
    *((f"times_{k}", f"the number times {k}", f"die Zahl mal {k}", "int", f"number * {k}") for k in (3, 5, 9, 100)),
    *(
        (
            f"remainder_by_{k}",
            f"the remainder of the number divided by {k}",
            f"den Rest durch {k}",
            "int",
            f"number % {k}",
        )
        for k in (3, 5, 7, 9)
    ),
    *(
        (
            f"divide_by_{k}",
            f"the integer division of the number by {k}",
            f"die Zahl ganzzahlig durch {k}",
            "int",
            f"number // {k}",
        )
        for k in (3, 4, 10)
    ),
    *(
        (
            f"first_{k}_multiples",
            f"a list of the first {k} multiples of the number",
            f"die ersten {k} Vielfachen",
            "ints",
            f"[number * i for i in range(1, {k + 1})]",
        )
        for k in (3, 4, 5)
    ),
]
# Of a text: name, English and German of what is done to it, expression of the text {}.
_TEXT = [
    ("uppercase", "in uppercase", "in Großbuchstaben", "{}.upper()"),
    ("lowercase", "in lowercase", "in Kleinbuchstaben", "{}.lower()"),
    ("reversed", "reversed", "umgekehrt", "{}[::-1]"),
    ("swapped_case", "with the case swapped", "mit vertauschter Groß- und Kleinschreibung", "{}.swapcase()"),
    ("without_spaces", "without spaces", "ohne Leerzeichen", '{}.replace(" ", "")'),
    (
        "with_underscores",
        "with spaces replaced by underscores",
        "mit Unterstrichen statt Leerzeichen",
        '{}.replace(" ", "_")',
    ),
    ("with_dashes", "with spaces replaced by dashes", "mit Strichen statt Leerzeichen", '{}.replace(" ", "-")'),
    ("without_first_character", "without its first character", "ohne das erste Zeichen", "{}[1:]"),
    ("without_last_character", "without its last character", "ohne das letzte Zeichen", "{}[:-1]"),
    ("twice", "repeated twice", "zweimal hintereinander", "{} * 2"),
    ("three_times", "repeated three times", "dreimal hintereinander", "{} * 3"),
    *(
        (f"without_{c}", f"without the letter {c}", f"ohne den Buchstaben {c}", f'{{}}.replace("{c}", "")')
        for c in "aeio"
    ),
    *(
        (f"first_{k}", f"cut to its first {k} characters", f"gekürzt auf {k} Zeichen", f"{{}}[:{k}]")
        for k in (2, 3, 4, 5)
    ),
    *(
        (f"last_{k}", f"cut to its last {k} characters", f"gekürzt auf die letzten {k} Zeichen", f"{{}}[-{k}:]")
        for k in (2, 3, 4)
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
    *((f"letter_{c}", f"occurrences of the letter {c}", f"Buchstaben {c}", f'text.count("{c}")') for c in "aeiou"),
]
# Which of a list of words: name, English, German, condition in w.
_WORDS = [
    ("", "the words", "der Wörter", ""),
    *(
        (
            f"longer_than_{k}",
            f"the words longer than {k} characters",
            f"der Wörter mit über {k} Zeichen",
            f"len(w) > {k}",
        )
        for k in (2, 3, 4)
    ),
    *(
        (
            f"shorter_than_{k}",
            f"the words shorter than {k} characters",
            f"der Wörter mit unter {k} Zeichen",
            f"len(w) < {k}",
        )
        for k in (3, 4)
    ),
    *(
        (f"with_{c}", f"the words that contain the letter {c}", f"der Wörter mit dem Buchstaben {c}", f'"{c}" in w')
        for c in "aeio"
    ),
]
# What becomes of them: name, English before, German before, type of the result, expression of the list {}.
_OF_WORDS: list[tuple[str, str, str, ValueType, str]] = [
    ("list", "a list of ", "eine Liste ", "strs", "{}"),
    ("count", "the count of ", "die Anzahl ", "int", "len({})"),
    ("joined", "a string that joins with spaces ", "einen Text mit Leerzeichen ", "str", '" ".join({})'),
    ("comma_joined", "a string that joins with commas ", "einen Text mit Kommas ", "str", '",".join({})'),
    ("lengths", "a list of the lengths of ", "eine Liste der Längen ", "ints", "[len(w) for w in {}]"),
    ("total_length", "the total length of ", "die Gesamtlänge ", "int", "sum(len(w) for w in {})"),
    ("uppercase", "a list in uppercase of ", "eine Liste in Großbuchstaben ", "strs", "[w.upper() for w in {}]"),
    ("sorted", "a sorted list of ", "eine sortierte Liste ", "strs", "sorted({})"),
    ("reversed", "a reversed list of ", "eine umgekehrte Liste ", "strs", "{}[::-1]"),
    ("first", "the first of ", "das erste ", "str", "{}[0]"),
    ("last", "the last of ", "das letzte ", "str", "{}[-1]"),
    ("longest", "the longest of ", "das längste ", "str", "max({}, key=len)"),
    ("initials", "a list of the first letters of ", "eine Liste der Anfangsbuchstaben ", "strs", "[w[0] for w in {}]"),
]


def all_tasks() -> Iterator[Task]:
    """Every task, in a fixed order."""
    for which, of, von, condition in _WHICH:
        for each, of_each, von_each, expression in _EACH:
            made = f" if {condition}" if condition else ""
            values = f"[{expression} for v in numbers{made}]" if each or which else "numbers"
            for name, before, davor, result, whole in _ALL:
                parts = [part for part in (name, each, which) if part]
                yield Task(
                    "_".join([*parts, "numbers"] if which[:9] != "multiples" and (which or not each) else parts),
                    _LISTS, "ints", result, f"Return {before}{of_each}{of}.", f"Gib {davor}{von_each}{von} zurück.",
                    whole.format(values), len(parts),
                )  # fmt: skip
    for name, english, german, result, python in _NUMBER:
        yield Task(name, _ALGORITHMS, "int", result, f"Return {english}.", f"Gib {german} zurück.", python, 1)
    for name, english, german, python in _TEXT:
        said, gesagt = f"Return the text {english}.", f"Gib den Text {german} zurück."
        yield Task(f"text_{name}", _STRINGS, "str", "str", said, gesagt, python.format("text"), 1)
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
