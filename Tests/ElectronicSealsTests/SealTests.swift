import Testing

@testable import ElectronicSeals

@Suite("electronic seals")
struct SealTests {
    @Test("the algorithms have the numbers of GB/T 33560")
    func objects() { #expect(SealObject.sm3 == "1.2.156.10197.1.401") }
}
