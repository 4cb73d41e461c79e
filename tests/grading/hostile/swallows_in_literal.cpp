// Opens a literal whose end never comes.
// against: cpp-asserts
// expect: error
long long f(long long n) { return 0; }
int main() { return 0; }
const char* rest = R"hostile(
