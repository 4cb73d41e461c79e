// Takes memory until there is none.
// against: cpp-stdio
// expect: memory_limit
#include <vector>
long long f(long long n) {
    std::vector<std::vector<char>> held;
    while (true) held.emplace_back(1 << 20, 'x');
}
