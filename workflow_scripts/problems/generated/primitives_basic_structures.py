"""Primitives of campaign theme 2: basic data structures, here lists of numbers and of words."""

from workflow_scripts.problems.generated.primitive import Primitive

_TOPIC = "basic_data_structures"

# Three lines each: signature and Python, phrases, C++.
# fmt: off
PRIMITIVES = (
    Primitive(
        _TOPIC, "reverse_list", "ints", "ints", "x[::-1]",
        "reverse the list", "kehre die Liste um",
        "reverse(x.begin(), x.end()); return x;",
    ),
    Primitive(
        _TOPIC, "first_three", "ints", "ints", "x[:3]",
        "keep the first three numbers", "behalte die ersten drei Zahlen",
        "if (x.size() > 3) x.resize(3); return x;",
    ),
    Primitive(
        _TOPIC, "drop_first", "ints", "ints", "x[1:]",
        "drop the first number", "entferne die erste Zahl",
        "if (!x.empty()) x.erase(x.begin()); return x;",
    ),
    Primitive(
        _TOPIC, "even_positions", "ints", "ints", "x[::2]",
        "keep numbers at even positions", "behalte Zahlen an geraden Positionen",
        "vector<int> r; for (size_t i = 0; i < x.size(); i += 2) r.push_back(x[i]); return r;",
    ),
    Primitive(
        _TOPIC, "sum_numbers", "ints", "int", "sum(x)",
        "sum the numbers", "summiere die Zahlen",
        "return accumulate(x.begin(), x.end(), 0LL);",
    ),
    Primitive(
        _TOPIC, "maximum", "ints", "int", "max(x, default=0)",
        "find the largest number", "finde die größte Zahl",
        "return x.empty() ? 0 : *max_element(x.begin(), x.end());",
    ),
    Primitive(
        _TOPIC, "minimum", "ints", "int", "min(x, default=0)",
        "find the smallest number", "finde die kleinste Zahl",
        "return x.empty() ? 0 : *min_element(x.begin(), x.end());",
    ),
    Primitive(
        _TOPIC, "count_numbers", "ints", "int", "len(x)",
        "count the numbers", "zähle die Zahlen",
        "return x.size();",
    ),
    Primitive(
        _TOPIC, "keep_even", "ints", "ints", "[v for v in x if v % 2 == 0]",
        "keep the even numbers", "behalte die geraden Zahlen",
        "vector<int> r; for (int v : x) if (v % 2 == 0) r.push_back(v); return r;",
    ),
    Primitive(
        _TOPIC, "keep_odd", "ints", "ints", "[v for v in x if v % 2 == 1]",
        "keep the odd numbers", "behalte die ungeraden Zahlen",
        "vector<int> r; for (int v : x) if (v % 2 != 0) r.push_back(v); return r;",
    ),
    Primitive(
        _TOPIC, "keep_positive", "ints", "ints", "[v for v in x if v > 0]",
        "keep the positive numbers", "behalte die positiven Zahlen",
        "vector<int> r; for (int v : x) if (v > 0) r.push_back(v); return r;",
    ),
    Primitive(
        _TOPIC, "double_numbers", "ints", "ints", "[v * 2 for v in x]",
        "double each number", "verdopple jede Zahl",
        "for (int& v : x) v *= 2; return x;",
    ),
    Primitive(
        _TOPIC, "increment_numbers", "ints", "ints", "[v + 1 for v in x]",
        "add one to each number", "addiere eins zu jeder Zahl",
        "for (int& v : x) v += 1; return x;",
    ),
    Primitive(
        _TOPIC, "negate_numbers", "ints", "ints", "[-v for v in x]",
        "negate each number", "negiere jede Zahl",
        "for (int& v : x) v = -v; return x;",
    ),
    Primitive(
        _TOPIC, "square_numbers", "ints", "ints", "[v * v for v in x]",
        "square each number", "quadriere jede Zahl",
        "for (int& v : x) v *= v; return x;",
    ),
    Primitive(
        _TOPIC, "word_lengths", "strs", "ints", "[len(w) for w in x]",
        "list the word lengths", "liste die Wortlängen auf",
        "vector<int> r; for (string w : x) r.push_back(w.size()); return r;",
    ),
    Primitive(
        _TOPIC, "keep_long_words", "strs", "strs", "[w for w in x if len(w) > 3]",
        "keep words longer than three letters", "behalte Wörter mit über drei Buchstaben",
        "vector<string> r; for (string w : x) if (w.size() > 3) r.push_back(w); return r;",
    ),
    Primitive(
        _TOPIC, "reverse_word_order", "strs", "strs", "x[::-1]",
        "reverse the word order", "kehre die Wortreihenfolge um",
        "reverse(x.begin(), x.end()); return x;",
    ),
)
# fmt: on
