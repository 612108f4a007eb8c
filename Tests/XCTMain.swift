// The entry of all tests. Its name is the package manager's: where it stands, the package manager does not search an
// index of the sources for classes of XCTest, and `make` need not write one (Docs/decisions/0004). There are none.

import Testing

@main
struct AllTests {
    static func main() async {
        await Testing.__swiftPMEntryPoint() as Never
    }
}
