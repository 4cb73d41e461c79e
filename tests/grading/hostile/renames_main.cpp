// Brings its own main() and gives the one that follows another name.
// against: cpp-asserts
// expect: error
long long f(long long n) { return 0; }
int main() { return 0; }
#define main another_main
