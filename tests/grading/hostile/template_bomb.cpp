// A few lines that the compiler instantiates 2^40 times.
// against: cpp-asserts
// expect: memory_limit time_limit
template <int depth, long long path> struct Tree {
    static const long long value = Tree<depth - 1, 2 * path>::value + Tree<depth - 1, 2 * path + 1>::value;
};
template <long long path> struct Tree<0, path> {
    static const long long value = path;
};
long long f(long long n) { return Tree<40, 1>::value; }
