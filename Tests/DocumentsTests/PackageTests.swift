import Testing

@testable import Documents

@Suite("packages")
struct PackageTests {
    @Test("an entry keeps its name")
    func entry() { #expect(PackageEntry("OFD.xml", []).name == "OFD.xml") }
}
