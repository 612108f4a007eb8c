import Kernel
import Standards
import Testing

@Suite("credit codes")
struct CreditCodeTests {
    static let published = [
        "914403001922038216", "9144030071526726XG", "91150000701463622D", "91100000100003962T",
        "91330100799655058B", "91110108551385082Q",
    ]

    @Test("published codes pass all three checks", arguments: published)
    func valid(code: String) throws {
        let read = try CreditCode(code)
        #expect(read.rawValue == code)
        #expect(read.authority == .enterprise)
        #expect(!read.isLegacy)
        #expect(try OrganisationCode(read.organisationCode).rawValue == read.organisationCode)
    }

    @Test(
        "every single wrong character is found, and every swap of two different neighbours",
        arguments: published
    )
    func singleErrors(code: String) throws {
        let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY")
        let characters = Array(code)
        for position in characters.indices {
            for other in alphabet where other != characters[position] {
                var wrong = characters
                wrong[position] = other
                #expect(throws: IdentifierError.self) { try CreditCode(String(wrong)) }
            }
            guard position + 1 < characters.count, characters[position] != characters[position + 1] else {
                continue
            }
            var swapped = characters
            swapped.swapAt(position, position + 1)
            #expect(throws: IdentifierError.self) { try CreditCode(String(swapped)) }
        }
    }

    @Test(
        "what is wrong is named with its position",
        arguments: [
            ("91150000701463622", .length, nil), ("91150000701463622DD", .length, nil), ("", .length, nil),
            ("9115000O701463622D", .character, 8), ("91150000I01463622D", .character, 9),
            ("9115A000701463622D", .region, 5), ("91150000701463622E", .check, 18),
            ("91150000701463621D", .check, 17), ("9115000070146362中D", .character, 17),
        ] as [(String, IdentifierError.Reason, Int?)]
    )
    func errors(code: String, reason: IdentifierError.Reason, position: Int?) {
        #expect(throws: IdentifierError(.creditCode, reason, position: position)) { try CreditCode(code) }
    }

    @Test(
        "full-width, spaces and lower case are put right",
        arguments: ["９１１５００００７０１４６３６２２Ｄ", " 9115 0000 7014 6362 2d\u{3000}", "91150000\u{200B}701463622D\n"]
    )
    func normalised(code: String) throws { #expect(try CreditCode(code).rawValue == "91150000701463622D") }

    @Test("a code that fails its check stands when the register says so, and is marked")
    func legacy() throws {
        #expect(throws: IdentifierError.self) { try CreditCode("91350100M0001TGQXM") }
        let code = try CreditCode(registered: "91350100M0001TGQXM")
        #expect(code.isLegacy)
        #expect(try !CreditCode(registered: "91150000701463622D").isLegacy)
        #expect(throws: IdentifierError.self) { try CreditCode(registered: "91350100M0001TGQX") }
    }

    @Test(
        "organisation codes",
        arguments: [("70146362-2", true), ("100003962", true), ("70146362-3", false), ("D2143569-X", true)]
    )
    func organisation(code: String, isValid: Bool) {
        #expect(((try? OrganisationCode(code)) != nil) == isValid)
    }
}

@Suite("new credit codes")
struct CreditCodeAllocatorTests {
    @Test("are valid, of the division, and never twice")
    func different() throws {
        let standards = try loaded.get()
        var seen: Set<String> = []
        for region in try [
            #require(standards.regions["150203"]), #require(standards.regions["150102"]),
            #require(standards.regions["150000"]),
        ] {
            for number in 0..<5_000 {
                let code = try standards.creditCodes.code(
                    Int64(number),
                    authority: .enterprise,
                    region: region
                )
                #expect(try CreditCode(code.rawValue) == code)
                #expect(code.regionCode == region.code)
                #expect(seen.insert(code.organisationCode).inserted)
            }
        }
    }

    @Test("a whole small block is given out once and then is exhausted")
    func exhausted() throws {
        let standards = try loaded.get()
        let region = try #require(standards.regions["150203"])
        let allocator = try CreditCodeAllocator(blocks: [
            CodeBlock(id: "a", regionPrefix: "1502", stem: "MA00000"),
            CodeBlock(id: "b", regionPrefix: "1502", stem: "MA0001"),
        ])
        let codes = try (0..<(31 + 961)).map {
            try allocator.code(Int64($0), authority: .soleTrader, region: region)
        }
        #expect(Set(codes).count == 31 + 961)
        #expect(codes.allSatisfy { $0.authority == .soleTrader })
        #expect(throws: AllocationError.exhausted(region: "150203")) {
            try allocator.code(31 + 961, authority: .soleTrader, region: region)
        }
        let other = try #require(standards.regions["150102"])
        #expect(throws: AllocationError.noBlock(region: "150102")) {
            try allocator.code(0, authority: .enterprise, region: other)
        }
    }

    @Test("blocks may not overlap")
    func overlap() {
        #expect(throws: StandardsError.self) {
            try CreditCodeAllocator(blocks: [
                CodeBlock(id: "a", regionPrefix: "1502", stem: "MA0"),
                CodeBlock(id: "b", regionPrefix: "1501", stem: "MA01"),
            ])
        }
    }

    @Test("a development zone's code never enters a credit code")
    func zones() throws {
        let standards = try loaded.get()
        let organisation = try OrganisationCode(body: "MA0N0001")
        for zone in standards.regions.functionalAreas {
            #expect(throws: IdentifierError(.creditCode, .region, position: 3)) {
                try CreditCode.make(authority: .enterprise, region: zone, organisation: organisation)
            }
            #expect(throws: AllocationError.self) {
                try standards.creditCodes.code(0, authority: .enterprise, region: zone)
            }
        }
    }

    @Test("every league has a counter of its own")
    func counters() throws {
        let standards = try loaded.get()
        let counters = try standards.regions.leagues.map { try standards.creditCodes.counter(for: $0) }
        #expect(Set(counters).count == 12)
    }
}
