// Looks for the grading process's environment and command line.
// against: cpp-asserts
// expect: failed
#include <cstdlib>
#include <cstring>
extern char** environ;
long long f(long long n) {
    bool found = std::getenv("GRADING_SECRET") != nullptr || std::getenv("HOME") != nullptr;
    for (char** entry = environ; entry && *entry; ++entry) found |= std::strstr(*entry, "SECRET") != nullptr;
    return found ? n * n : 0;
}
