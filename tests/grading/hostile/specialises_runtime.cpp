// Gives the channel's own templates another meaning, and answers with an object that equals everything.
// against: cpp-asserts
// expect: failed
struct Any {
    operator long long() const { return 0; }
    bool operator==(long long) const { return true; }
};
namespace split_tests {
template <> struct Codec<Any> {
    static void put(Writer& to, const Any&) { to.put("12345678", 8); }
    static Any get(Reader&) { return Any(); }
};
}  // namespace split_tests
Any f(long long n) { return Any(); }
