"""Primitives of campaign theme 3: advanced data structures (sets, maps, heaps, queues, prefix sums, run lengths)."""

from workflow_scripts.problems.generated.primitive import Primitive

_TOPIC = "advanced_data_structures"

# Three lines each: signature and Python, phrases, C++.
# fmt: off
PRIMITIVES = (
    Primitive(
        _TOPIC, "unique_numbers", "ints", "ints", "list(dict.fromkeys(x))",
        "remove duplicate numbers", "entferne doppelte Zahlen",
        "vector<int> r; set<int> s; for (int v : x) if (s.insert(v).second) r.push_back(v); return r;",
    ),
    Primitive(
        _TOPIC, "unique_words", "strs", "strs", "list(dict.fromkeys(x))",
        "remove duplicate words", "entferne doppelte Wörter",
        "vector<string> r; set<string> s; for (string w : x) if (s.insert(w).second) r.push_back(w); return r;",
    ),
    Primitive(
        _TOPIC, "prefix_sums", "ints", "ints", "[sum(x[:i + 1]) for i in range(len(x))]",
        "take the prefix sums", "bilde die Präfixsummen",
        "long long s = 0; for (int& v : x) v = s += v; return x;",
    ),
    Primitive(
        _TOPIC, "suffix_sums", "ints", "ints", "[sum(x[i:]) for i in range(len(x))]",
        "take the suffix sums", "bilde die Suffixsummen",
        "long long s = 0; for (size_t i = x.size(); i-- > 0;) x[i] = s += x[i]; return x;",
    ),
    Primitive(
        _TOPIC, "running_maximum", "ints", "ints", "[max(x[:i + 1]) for i in range(len(x))]",
        "take the running maximum", "bilde das laufende Maximum",
        "for (size_t i = 1; i < x.size(); i++) x[i] = max(x[i], x[i - 1]); return x;",
    ),
    Primitive(
        _TOPIC, "differences", "ints", "ints", "[b - a for a, b in zip(x, x[1:])]",
        "subtract each number from the next", "ziehe jede Zahl von der nächsten ab",
        "vector<int> r; for (size_t i = 1; i < x.size(); i++) r.push_back(x[i] - x[i - 1]); return r;",
    ),
    Primitive(
        _TOPIC, "adjacent_sums", "ints", "ints", "[a + b for a, b in zip(x, x[1:])]",
        "add adjacent numbers", "addiere benachbarte Zahlen",
        "vector<int> r; for (size_t i = 1; i < x.size(); i++) r.push_back(x[i] + x[i - 1]); return r;",
    ),
    Primitive(
        _TOPIC, "collapse_numbers", "ints", "ints", "[v for i, v in enumerate(x) if x[i - 1:i] != [v]]",
        "collapse runs of equal numbers", "fasse Folgen gleicher Zahlen zusammen",
        "x.erase(unique(x.begin(), x.end()), x.end()); return x;",
    ),
    Primitive(
        _TOPIC, "collapse_characters", "str", "str", '"".join(c for i, c in enumerate(x) if x[i - 1:i] != c)',
        "collapse runs of equal characters", "fasse Folgen gleicher Zeichen zusammen",
        "x.erase(unique(x.begin(), x.end()), x.end()); return x;",
    ),
    Primitive(
        _TOPIC, "count_each", "ints", "ints", "[x.count(v) for v in x]",
        "replace numbers by their counts", "ersetze Zahlen durch ihre Häufigkeit",
        "map<int, int> m; for (int v : x) m[v]++; for (int& v : x) v = m[v]; return x;",
    ),
    Primitive(
        _TOPIC, "two_largest", "ints", "ints", "sorted(x)[-2:]",
        "keep the two largest, ascending", "behalte die zwei größten, aufsteigend",
        "sort(x.begin(), x.end()); if (x.size() > 2) x.erase(x.begin(), x.end() - 2); return x;",
    ),
    Primitive(
        _TOPIC, "three_smallest", "ints", "ints", "sorted(x)[:3]",
        "keep the three smallest, ascending", "behalte die drei kleinsten, aufsteigend",
        "sort(x.begin(), x.end()); if (x.size() > 3) x.resize(3); return x;",
    ),
    Primitive(
        _TOPIC, "rotate_list", "ints", "ints", "x[1:] + x[:1]",
        "move the first number last", "verschiebe die erste Zahl ans Ende",
        "if (!x.empty()) rotate(x.begin(), x.begin() + 1, x.end()); return x;",
    ),
    Primitive(
        _TOPIC, "count_distinct", "ints", "int", "len(set(x))",
        "count the distinct numbers", "zähle die verschiedenen Zahlen",
        "return set<int>(x.begin(), x.end()).size();",
    ),
    Primitive(
        _TOPIC, "distinct_characters", "str", "int", "len(set(x))",
        "count the distinct characters", "zähle die verschiedenen Zeichen",
        "return set<char>(x.begin(), x.end()).size();",
    ),
    Primitive(
        _TOPIC, "sort_distinct_characters", "str", "str", '"".join(sorted(set(x)))',
        "sort the distinct characters", "sortiere die verschiedenen Zeichen",
        "set<char> s(x.begin(), x.end()); return string(s.begin(), s.end());",
    ),
    Primitive(
        _TOPIC, "distinct_letters_per_word", "strs", "ints", "[len(set(w)) for w in x]",
        "count distinct letters per word", "zähle verschiedene Buchstaben je Wort",
        "vector<int> r; for (string w : x) r.push_back(set<char>(w.begin(), w.end()).size()); return r;",
    ),
    Primitive(
        _TOPIC, "ranks", "ints", "ints", "[sorted(x).index(v) for v in x]",
        "replace numbers by their sorted positions", "ersetze Zahlen durch ihre Sortierpositionen",
        "auto s = x; sort(s.begin(), s.end()); "
        "for (int& v : x) v = lower_bound(s.begin(), s.end(), v) - s.begin(); return x;",
    ),
    Primitive(
        _TOPIC, "adjacent_words", "strs", "strs", "[a + b for a, b in zip(x, x[1:])]",
        "join adjacent words", "verbinde benachbarte Wörter",
        "vector<string> r; for (size_t i = 1; i < x.size(); i++) r.push_back(x[i - 1] + x[i]); return r;",
    ),
)
# fmt: on
