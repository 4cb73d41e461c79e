// Brings its own main(), which is satisfied with everything.
// against: cpp-asserts
// expect: error
long long f(long long n) { return 0; }
int main() { return 0; }
