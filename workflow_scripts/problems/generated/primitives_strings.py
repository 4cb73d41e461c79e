"""Primitives of campaign theme 1: string manipulation."""

from workflow_scripts.problems.generated.primitive import Primitive

_TOPIC = "string_manipulation"

# Three lines each: signature and Python, phrases, C++.
# fmt: off
PRIMITIVES = (
    Primitive(
        _TOPIC, "reverse_text", "str", "str", "x[::-1]",
        "reverse the text", "kehre den Text um",
        "reverse(x.begin(), x.end()); return x;",
    ),
    Primitive(
        _TOPIC, "uppercase_text", "str", "str", "x.upper()",
        "uppercase the text", "schreibe den Text groß",
        "for (char& c : x) c = toupper(c); return x;",
    ),
    Primitive(
        _TOPIC, "swap_case", "str", "str", "x.swapcase()",
        "swap the letter case", "vertausche Groß- und Kleinschreibung",
        "for (char& c : x) c = isupper(c) ? tolower(c) : toupper(c); return x;",
    ),
    Primitive(
        _TOPIC, "remove_spaces", "str", "str", 'x.replace(" ", "")',
        "remove the spaces", "entferne die Leerzeichen",
        "string r; for (char c : x) if (c != ' ') r += c; return r;",
    ),
    Primitive(
        _TOPIC, "remove_vowels", "str", "str", '"".join(c for c in x if c not in "aeiou")',
        "remove the lowercase vowels", "entferne die kleinen Vokale",
        'string r; for (char c : x) if (string("aeiou").find(c) == string::npos) r += c; return r;',
    ),
    Primitive(
        _TOPIC, "keep_letters", "str", "str", '"".join(c for c in x if c.isalpha())',
        "keep only the letters", "behalte nur die Buchstaben",
        "string r; for (char c : x) if (isalpha(c)) r += c; return r;",
    ),
    Primitive(
        _TOPIC, "double_characters", "str", "str", '"".join(c * 2 for c in x)',
        "double each character", "verdopple jedes Zeichen",
        "string r; for (char c : x) r += string(2, c); return r;",
    ),
    Primitive(
        _TOPIC, "mirror_text", "str", "str", "x + x[::-1]",
        "append the reversed text", "hänge den umgekehrten Text an",
        "return x + string(x.rbegin(), x.rend());",
    ),
    Primitive(
        _TOPIC, "first_half_text", "str", "str", "x[:len(x) // 2]",
        "keep the first half of the text", "behalte die erste Hälfte des Textes",
        "return x.substr(0, x.size() / 2);",
    ),
    Primitive(
        _TOPIC, "even_characters", "str", "str", "x[::2]",
        "keep characters at even positions", "behalte Zeichen an geraden Positionen",
        "string r; for (size_t i = 0; i < x.size(); i += 2) r += x[i]; return r;",
    ),
    Primitive(
        _TOPIC, "rotate_text", "str", "str", "x[1:] + x[:1]",
        "move the first character last", "verschiebe das erste Zeichen ans Ende",
        "if (!x.empty()) rotate(x.begin(), x.begin() + 1, x.end()); return x;",
    ),
    Primitive(
        _TOPIC, "count_vowels", "str", "int", 'sum(c in "aeiou" for c in x)',
        "count the lowercase vowels", "zähle die kleinen Vokale",
        'int n = 0; for (char c : x) n += string("aeiou").find(c) != string::npos; return n;',
    ),
    Primitive(
        _TOPIC, "text_length", "str", "int", "len(x)",
        "count the characters", "zähle die Zeichen",
        "return x.size();",
    ),
    Primitive(
        _TOPIC, "split_words", "str", "strs", "x.split()",
        "split the text into words", "teile den Text in Wörter",
        "istringstream in(x); vector<string> r; string w; while (in >> w) r.push_back(w); return r;",
    ),
    Primitive(
        _TOPIC, "join_words", "strs", "str", '" ".join(x)',
        "join the words with spaces", "verbinde die Wörter mit Leerzeichen",
        'string r; for (size_t i = 0; i < x.size(); i++) r += (i ? " " : "") + x[i]; return r;',
    ),
    Primitive(
        _TOPIC, "initials", "strs", "str", '"".join(w[:1] for w in x)',
        "join the first letters", "verbinde die Anfangsbuchstaben",
        "string r; for (string w : x) r += w.substr(0, 1); return r;",
    ),
    Primitive(
        _TOPIC, "uppercase_words", "strs", "strs", "[w.upper() for w in x]",
        "uppercase each word", "schreibe jedes Wort groß",
        "for (string& w : x) for (char& c : w) c = toupper(c); return x;",
    ),
    Primitive(
        _TOPIC, "reverse_each_word", "strs", "strs", "[w[::-1] for w in x]",
        "reverse each word", "kehre jedes Wort um",
        "for (string& w : x) reverse(w.begin(), w.end()); return x;",
    ),
)
# fmt: on
