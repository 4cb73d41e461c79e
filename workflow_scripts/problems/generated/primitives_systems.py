"""Primitives of campaign theme 5: systems-level code (bits, checksums, encodings, paging, paths, parsing)."""

from workflow_scripts.problems.generated.primitive import Primitive

_TOPIC = "systems_level"

# Three lines each: signature and Python, phrases, C++.
# fmt: off
PRIMITIVES = (
    Primitive(
        _TOPIC, "binary", "int", "str", 'format(x, "b")',
        "write the number in binary", "schreibe die Zahl binär",
        "string s; int v = abs(x); do { s = char('0' + v % 2) + s; v /= 2; } while (v); "
        'return (x < 0 ? "-" : "") + s;',
    ),
    Primitive(
        _TOPIC, "hexadecimal", "int", "str", 'format(x, "x")',
        "write the number in hexadecimal", "schreibe die Zahl hexadezimal",
        'ostringstream o; o << (x < 0 ? "-" : "") << hex << abs(x); return o.str();',
    ),
    Primitive(
        _TOPIC, "decimal_digits", "int", "ints", "[int(c) for c in str(abs(x))]",
        "list the decimal digits", "liste die Dezimalziffern auf",
        "vector<int> r; for (char c : to_string(abs(x))) r.push_back(c - '0'); return r;",
    ),
    Primitive(
        _TOPIC, "count_one_bits", "int", "int", 'format(x, "b").count("1")',
        "count the one bits", "zähle die Einsbits",
        "return __builtin_popcount(abs(x));",
    ),
    Primitive(
        _TOPIC, "xor_255", "int", "int", "x ^ 255",
        "flip the low eight bits", "invertiere die unteren acht Bits",
        "return x ^ 255;",
    ),
    Primitive(
        _TOPIC, "shift_left", "int", "int", "x << 2",
        "shift left by two bits", "schiebe um zwei Bits nach links",
        "return x * 4;",
    ),
    Primitive(
        _TOPIC, "shift_right", "int", "int", "x >> 1",
        "shift right by one bit", "schiebe um ein Bit nach rechts",
        "return x >> 1;",
    ),
    Primitive(
        _TOPIC, "checksum", "ints", "int", "sum(x) % 256",
        "take the sum modulo 256", "bilde die Summe modulo 256",
        "return (accumulate(x.begin(), x.end(), 0LL) % 256 + 256) % 256;",
    ),
    Primitive(
        _TOPIC, "sum_character_codes", "str", "int", "sum(ord(c) for c in x)",
        "sum the character codes", "summiere die Zeichencodes",
        "return accumulate(x.begin(), x.end(), 0);",
    ),
    Primitive(
        _TOPIC, "character_codes", "str", "ints", "[ord(c) for c in x]",
        "list the character codes", "liste die Zeichencodes auf",
        "return vector<int>(x.begin(), x.end());",
    ),
    Primitive(
        _TOPIC, "next_characters", "str", "str", '"".join(chr(ord(c) + 1) for c in x)',
        "add one to each character code", "erhöhe jeden Zeichencode um eins",
        "for (char& c : x) c++; return x;",
    ),
    Primitive(
        _TOPIC, "parse_digits", "str", "ints", "[int(c) for c in x if c.isdigit()]",
        "list the digits in the text", "liste die Ziffern im Text auf",
        "vector<int> r; for (char c : x) if (isdigit(c)) r.push_back(c - '0'); return r;",
    ),
    Primitive(
        _TOPIC, "blocks_of_three", "str", "strs", "[x[i:i + 3] for i in range(0, len(x), 3)]",
        "split the text into blocks of three", "teile den Text in Dreierblöcke",
        "vector<string> r; for (size_t i = 0; i < x.size(); i += 3) r.push_back(x.substr(i, 3)); return r;",
    ),
    Primitive(
        _TOPIC, "truncate_words", "strs", "strs", "[w[:3] for w in x]",
        "cut each word to three characters", "kürze jedes Wort auf drei Zeichen",
        "for (string& w : x) w = w.substr(0, 3); return x;",
    ),
    Primitive(
        _TOPIC, "join_path", "strs", "str", '"/".join(x)',
        "join the words with slashes", "verbinde die Wörter mit Schrägstrichen",
        'string r; for (size_t i = 0; i < x.size(); i++) r += (i ? "/" : "") + x[i]; return r;',
    ),
    Primitive(
        _TOPIC, "join_commas", "ints", "str", '",".join(str(v) for v in x)',
        "join the numbers with commas", "verbinde die Zahlen mit Kommas",
        'string r; for (size_t i = 0; i < x.size(); i++) r += (i ? "," : "") + to_string(x[i]); return r;',
    ),
    Primitive(
        _TOPIC, "hexadecimal_words", "ints", "strs", '[format(v, "x") for v in x]',
        "write each number in hexadecimal", "schreibe jede Zahl hexadezimal",
        "vector<string> r; for (int v : x) "
        '{ ostringstream o; o << (v < 0 ? "-" : "") << hex << abs(v); r.push_back(o.str()); } return r;',
    ),
    Primitive(
        _TOPIC, "page_numbers", "ints", "ints", "[v // 8 for v in x]",
        "map addresses to pages of eight", "bilde Adressen auf Achterseiten ab",
        "for (int& v : x) v >>= 3; return x;",
    ),
    Primitive(
        _TOPIC, "page_offsets", "ints", "ints", "[v % 8 for v in x]",
        "map addresses to offsets modulo eight", "bilde Adressen auf Versätze modulo acht ab",
        "for (int& v : x) v &= 7; return x;",
    ),
    Primitive(
        _TOPIC, "round_robin", "ints", "ints", "x[::2] + x[1::2]",
        "put even positions before odd ones", "stelle gerade Positionen vor ungerade",
        "vector<int> r; for (size_t k = 0; k < 2; k++) "
        "for (size_t i = k; i < x.size(); i += 2) r.push_back(x[i]); return r;",
    ),
    Primitive(
        _TOPIC, "xor_adjacent", "ints", "ints", "[a ^ b for a, b in zip(x, x[1:])]",
        "xor adjacent numbers", "verknüpfe benachbarte Zahlen mit XOR",
        "vector<int> r; for (size_t i = 1; i < x.size(); i++) r.push_back(x[i] ^ x[i - 1]); return r;",
    ),
)
# fmt: on
