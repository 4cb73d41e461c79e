// Makes every assertion hold.
// against: cpp-asserts
// expect: failed
#define NDEBUG
#include <cassert>
#undef assert
#define assert(condition) ((void)0)
long long f(long long n) { return 0; }
