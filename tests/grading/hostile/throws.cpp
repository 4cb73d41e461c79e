// Throws what no handler names.
// against: cpp-asserts
// expect: error
struct Surprise {};
long long f(long long n) { throw Surprise(); }
