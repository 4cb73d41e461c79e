// A constant that the compiler computes for ever.
// against: cpp-stdio
// expect: time_limit
constexpr long long spin(long long n) {
    for (int i = 0; i < 200000; ++i) n = (n * 31 + i) % 1000003;
    return n;
}
template <long long n> struct Constant {
    static constexpr long long value = spin(n) + Constant<n - 1>::value;
};
template <> struct Constant<0> {
    static constexpr long long value = 0;
};
long long f(long long n) { return Constant<400>::value; }
