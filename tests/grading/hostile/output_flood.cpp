// Prints without end.
// against: cpp-stdio
// expect: output_limit
#include <cstdio>
long long f(long long n) {
    while (true) std::puts("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
}
