import Credentials
import Forms
import Foundation
import Kernel
import Standards
import Testing

/// Types of licence are data; a file that cannot be used is refused with its line.
@Suite("licence types")
struct LicenceTypeTests {
    private static let good = """
        key: sample
        code: {value: 111500000115113838900, certainty: assumed}
        name: {zh: 样证, en: Sample}
        holder: {kind: enterprise, code: "001"}
        defines: {code: 111500000115113838, name: 某局}
        issues: {zh: 某局, en: Some bureau}
        fields:
          - {key: number, zh: 编号, en: Number, kind: code, required: true, catalogue: ZZBH}
          - {key: until, zh: 有效期至, en: Until, kind: date, required: true}
        validity: {years: 5}
        template: licence
        items: []
        security: open
        proves: [样证]
        """

    private func problem(_ change: (String) -> String) -> String {
        do {
            _ = try LicenceType(yaml: change(Self.good), file: "sample.yaml")
            return ""
        } catch { return error.description }
    }

    @Test(
        "at least thirty real types, each with a code of its own, for items that exist, of which all fields can be printed"
    )
    func shipped() throws {
        let home = try Home.find()
        let types = try LicenceTypes(home: home)
        let items = Set(try Standards(home: home).items.all.map(\.name))
        #expect(types.all.count >= 30)
        #expect(Set(types.all.map(\.holder)) == Set(Holder.Kind.allCases))
        for type in types.all {
            #expect(Set(type.items).isSubset(of: items), "\(type.key): \(type.items)")
            #expect(type.numberField?.isRequired == true, "\(type.key)")
            #expect(!type.proves.isEmpty && type.fields.allSatisfy { $0.catalogue != nil }, "\(type.key)")
            #expect(type.holderCodeType == (type.holder == .enterprise ? "001" : "111"), "\(type.key)")
            let identifier = try LicenceIdentifier(
                type: type.code,
                issuer: "150203",
                serial: "20260000000001",
                version: 1
            )
            #expect(identifier.isCheckValid)
        }
        // Two that published identifiers of the construction ministry bear.
        #expect(types["construction-permit"]?.code == "11100000000013338W009")
        #expect(types.type(code: "11100000000013338W011")?.key == "construction-work-safety")
    }

    @Test(
        "an unknown key, a wrong value, a field twice and an end that no field names are refused with their line"
    )
    func refused() {
        #expect(problem { $0 } == "")
        #expect(
            problem { $0 + "\ncolour: red" }.hasPrefix(
                "sample.yaml:15:1: unknown key colour; allowed are key, code"
            )
        )
        #expect(problem { $0.replacing("kind: date", with: "kind: day") }.contains("sample.yaml:9:"))
        #expect(problem { $0.replacing("838900", with: "8389") }.contains("sample.yaml:2:"))
        #expect(problem { $0.replacing("key: until", with: "key: number") }.contains("number is there twice"))
        #expect(
            problem { $0.replacing("{years: 5}", with: "{until: number}") }.contains(
                "a required field of kind date"
            )
        )
        #expect(problem { $0.replacing("{years: 5}", with: "{until: until}") } == "")
        #expect(
            problem { $0.replacing("{years: 5}", with: "{years: 5, open: true}") }.contains("sample.yaml:10:")
        )
        #expect(
            problem { $0.replacing("security: open", with: "security: secret") }.contains(
                "one of open, restricted"
            )
        )
        #expect(problem { $0.replacing("ZZBH", with: "zzbh") }.contains("capitals"))
        #expect(
            problem { $0.replacing("issues: {zh: 某局, en: Some bureau}\n", with: "") }.contains(
                "issues is missing"
            )
        )
    }

    @Test("a code, a name or a key that two files have is refused, and a file that bears another name")
    func twice() throws {
        let other = Self.good.replacing("key: sample", with: "key: other")
        #expect(throws: DefinitionError.self) {
            try LicenceTypes(files: [("sample.yaml", Self.good), ("other.yaml", other)])
        }
        #expect(throws: DefinitionError.self) { try LicenceTypes(files: [("x.yaml", Self.good)]) }
        let apart = other.replacing("838900", with: "838901").replacing(
            "name: {zh: 样证",
            with: "name: {zh: 另证"
        )
        #expect(try LicenceTypes(files: [("sample.yaml", Self.good), ("other.yaml", apart)]).all.count == 2)
    }
}
