// A constant that the compiler computes for ever.
// against: cpp-stdio
// expect: time_limit
constexpr long long count(long long n) { return n < 2 ? 1 : count(n - 1) + count(n - 2); }
template <long long n> struct Constant {
    static constexpr long long value = count(n) + Constant<n - 1>::value;
};
template <> struct Constant<0> {
    static constexpr long long value = 0;
};
long long f(long long n) { return Constant<400>::value; }
