// Brings its own main() and opens a comment, so that nothing that follows is compiled.
// against: cpp-asserts
// expect: error
long long f(long long n) { return 0; }
int main() { return 0; }
/*
