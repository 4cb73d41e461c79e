"""Primitives of campaign theme 4: algorithm design (sorting, searching, greedy scans, number theory)."""

from workflow_scripts.problems.generated.primitive import Primitive

_TOPIC = "algorithm_design"

# Three lines each: signature and Python, phrases, C++.
# fmt: off
PRIMITIVES = (
    Primitive(
        _TOPIC, "sort_ascending", "ints", "ints", "sorted(x)",
        "sort the numbers ascending", "sortiere die Zahlen aufsteigend",
        "sort(x.begin(), x.end()); return x;",
    ),
    Primitive(
        _TOPIC, "sort_descending", "ints", "ints", "sorted(x)[::-1]",
        "sort the numbers descending", "sortiere die Zahlen absteigend",
        "sort(x.rbegin(), x.rend()); return x;",
    ),
    Primitive(
        _TOPIC, "sort_words", "strs", "strs", "sorted(x)",
        "sort the words by character code", "sortiere die Wörter nach Zeichencode",
        "sort(x.begin(), x.end()); return x;",
    ),
    Primitive(
        _TOPIC, "sort_by_length", "strs", "strs", "sorted(x, key=len)",
        "sort the words by length", "sortiere die Wörter nach Länge",
        "stable_sort(x.begin(), x.end(), [](auto& a, auto& b) { return a.size() < b.size(); }); return x;",
    ),
    Primitive(
        _TOPIC, "sort_characters", "str", "str", '"".join(sorted(x))',
        "sort the characters", "sortiere die Zeichen",
        "sort(x.begin(), x.end()); return x;",
    ),
    Primitive(
        _TOPIC, "longest_word", "strs", "str", 'max(x, key=len, default="")',
        "find the first longest word", "finde das erste längste Wort",
        "string r; for (string w : x) if (w.size() > r.size()) r = w; return r;",
    ),
    Primitive(
        _TOPIC, "shortest_word", "strs", "str", 'min(x, key=len, default="")',
        "find the first shortest word", "finde das erste kürzeste Wort",
        'string r = x.empty() ? "" : x[0]; for (string w : x) if (w.size() < r.size()) r = w; return r;',
    ),
    Primitive(
        _TOPIC, "digit_sum", "int", "int", "sum(int(c) for c in str(abs(x)))",
        "sum the decimal digits", "summiere die Dezimalziffern",
        "int n = 0; for (char c : to_string(abs(x))) n += c - '0'; return n;",
    ),
    Primitive(
        _TOPIC, "reverse_digits", "int", "int", "int(str(abs(x))[::-1])",
        "reverse the decimal digits", "kehre die Dezimalziffern um",
        "string s = to_string(abs(x)); return stoll(string(s.rbegin(), s.rend()));",
    ),
    Primitive(
        _TOPIC, "divisors", "int", "ints", "[d for d in range(1, 20) if x % d == 0]",
        "list the divisors below twenty", "liste die Teiler unter zwanzig auf",
        "vector<int> r; for (int d = 1; d < 20; d++) if (x % d == 0) r.push_back(d); return r;",
    ),
    Primitive(
        _TOPIC, "largest_divisor", "int", "int", "max(d for d in range(1, 20) if x % d == 0)",
        "find the largest divisor below twenty", "finde den größten Teiler unter zwanzig",
        "int r = 1; for (int d = 1; d < 20; d++) if (x % d == 0) r = d; return r;",
    ),
    Primitive(
        _TOPIC, "collatz_step", "int", "int", "x // 2 if x % 2 == 0 else x * 3 + 1",
        "apply one Collatz step", "wende einen Collatz-Schritt an",
        "return x % 2 == 0 ? x / 2 : x * 3 + 1;",
    ),
    Primitive(
        _TOPIC, "square", "int", "int", "x * x",
        "square the number", "quadriere die Zahl",
        "return x * x;",
    ),
    Primitive(
        _TOPIC, "triangular_number", "int", "int", "x * (x + 1) // 2",
        "take the triangular number", "bilde die Dreieckszahl",
        "return (long long)x * (x + 1) / 2;",
    ),
    Primitive(
        _TOPIC, "five_multiples", "int", "ints", "[x * i for i in range(1, 6)]",
        "list the first five multiples", "liste die ersten fünf Vielfachen auf",
        "vector<int> r; for (int i = 1; i < 6; i++) r.push_back(x * i); return r;",
    ),
    Primitive(
        _TOPIC, "above_mean", "ints", "ints", "[v for v in x if v * len(x) > sum(x)]",
        "keep numbers above the mean", "behalte Zahlen über dem Mittelwert",
        "long long n = x.size(), s = accumulate(x.begin(), x.end(), 0LL); "
        "vector<int> r; for (int v : x) if (v * n > s) r.push_back(v); return r;",
    ),
    Primitive(
        _TOPIC, "running_records", "ints", "ints", "[v for i, v in enumerate(x) if v == max(x[:i + 1])]",
        "keep numbers no earlier one exceeds", "behalte Zahlen ohne größere davor",
        "vector<int> r; for (int v : x) if (r.empty() || v >= r.back()) r.push_back(v); return r;",
    ),
    Primitive(
        _TOPIC, "weighted_sum", "ints", "int", "sum(i * v for i, v in enumerate(x))",
        "sum each number times its index", "summiere jede Zahl mal ihren Index",
        "long long s = 0; for (size_t i = 0; i < x.size(); i++) s += (long long)i * x[i]; return s;",
    ),
    Primitive(
        _TOPIC, "sum_squares", "ints", "int", "sum(v * v for v in x)",
        "sum the squares", "summiere die Quadrate",
        "long long s = 0; for (int v : x) s += (long long)v * v; return s;",
    ),
)
# fmt: on
