import Audit
import Credentials
import Forms
import Kernel
import Standards
import Storage
import TestSupport
import Testing

/// Licences of any type: checked against it, issued, changed, suspended, taken away, found.
@Suite("licences of every type")
struct LicenceTests {
    @Test(
        "a licence of each type is issued with fields of its kinds, and stands in the catalogue under its names"
    )
    func everyType() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            for type in authority.types.licences.all {
                let stored = try await issue(sample(of: type), by: authority, on: database)
                let record = stored.record
                #expect(record.identifier.type == type.code && record.name == type.name.zh)
                switch type.validity {
                case .open: #expect(record.validUntil == nil)
                case .years(let years):
                    #expect(record.validUntil == start.date.adding(months: 12 * years).adding(days: -1))
                case .until, .dated: #expect(record.validUntil == start.date.adding(days: 400))
                }
                let values = CatalogueValues(of: record, type: type)
                #expect(values["ZZMC"] == type.name.zh && values["ZZBS"] == record.identifier.description)
                #expect(values["ZZLXDM"] == type.code && values["ZZBFJG"] == registrar.name)
                #expect(values["ZZBH"] == "A-1" && values["ZZYXQQSRQ"] == start.date.description)
                #expect((values["CZZTDM"] == nil) == (type.holder == .person))
                #expect(values["ZZYXQJZRQ"] == record.validUntil?.description)
                let own = type.fields.filter { $0.catalogue?.hasPrefix("KZ_") == true }
                #expect(own.allSatisfy { values[$0.catalogue ?? ""] != nil }, "\(type.key)")
                #expect(values.all.map(\.name).filter { $0.hasPrefix("JZJ") } == [], "an original has none")
            }
        }
    }

    @Test("what does not fit the type is refused before a number is taken")
    func refused() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let type = try #require(authority.types.licences["food-operation"])
            let good = sample(of: type)
            func refusal(_ change: (inout JSON) -> Void) async -> String? {
                var fields = good.fields
                change(&fields)
                return await code(of: good.with(fields: fields), authority)
            }
            #expect(await refusal { $0["scope"] = .null } == "licence.field-missing")
            #expect(await refusal { $0["scope"] = "热食" } == "licence.field-list")
            #expect(await refusal { $0["scope"] = [] } == "licence.field-list")
            #expect(await refusal { $0["number"] = "JY 1" } == "licence.field-code")
            #expect(await refusal { $0["premises"] = "\u{1B}[2J" } == "licence.field-text")
            #expect(await refusal { $0["premises"] = "　 " } == "licence.field-text")
            #expect(
                await refusal { $0["premises"] = .string(String(repeating: "某", count: 2_001)) }
                    == "licence.field-long"
            )
            #expect(await refusal { $0["colour"] = "red" } == "licence.field-unknown")
            let person = Holder(.person, code: "p1", name: "张三")
            #expect(await code(of: good.with(holder: person), authority) == "licence.holder-kind")
            let ended = good.with(validUntil: start.date.adding(days: 9))
            #expect(await code(of: ended, authority) == "licence.end-given")
            let dated = try #require(authority.types.licences["water-abstraction"])
            #expect(
                await code(of: sample(of: dated).with(validUntil: nil), authority) == "licence.end-missing"
            )
            let over = sample(of: dated).with(validUntil: start.date.adding(days: -1))
            #expect(await code(of: over, authority) == "licence.ends-before-start")
            #expect(
                type.problems(of: ["colour": "red"]).map(\.what) == [
                    .missing, .missing, .missing, .missing, .missing, .unknown,
                ]
            )
            #expect(await code(of: good, authority) == nil)
        }
    }

    private func code(of draft: LicenceDraft, _ authority: CredentialAuthority) async -> String? {
        do {
            _ = try await authority.prepare(draft, occasion: occasion())
            return nil
        } catch { return (error as? any Refusal)?.code ?? "\(error)" }
    }

    @Test(
        "a decision keeps who, why, its number and from when; a change links both versions; final states stay"
    )
    func life() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let type = try #require(authority.types.licences["food-operation"])
            let old = try await issue(sample(of: type), by: authority, on: database)
            let taken = try LicenceDecision(number: "包市监扣〔2026〕1号", reason: "涉嫌违法经营")
            let back = try LicenceDecision(number: "包市监扣〔2026〕2号", reason: "调查终结")
            try await database.write { tx in
                try Credentials.carryOut(taken, .suspend, on: old.id, occasion: occasion(1), in: tx)
                try Credentials.carryOut(back, .resume, on: old.id, occasion: occasion(2), in: tx)
            }
            var fields = sample(of: type).fields
            fields["premises"] = "包头市昆都仑区新址"
            let resumed = try #require(try await database.read { try Credentials.find(old.id, in: $0) })
            let change = try await authority.prepareChange(
                of: resumed,
                to: sample(of: type).with(fields: fields),
                occasion: occasion(3)
            )
            let new = try await database.write {
                try Credentials.store(change, occasion: occasion(3), in: $0)
            }
            #expect(new.record.replaces == old.record.identifier.description)
            let revoked = try LicenceDecision(number: "包市监罚〔2026〕3号", reason: "许可条件丧失")
            try await database.write { tx in
                try Credentials.carryOut(revoked, .revoke, on: new.id, occasion: occasion(4), in: tx)
            }
            let (steps, last) = try await database.read {
                (try Credentials.history(of: old.id, in: $0), try Credentials.history(of: new.id, in: $0))
            }
            #expect(steps.map(\.state) == [.valid, .suspended, .valid, .replaced])
            #expect(steps.map(\.decision) == [nil, taken.number, back.number, nil])
            #expect(steps.map(\.by) == Array(repeating: "staff s1", count: 4))
            #expect(last.last?.decision == revoked.number && last.last?.state.code == "07")
            await #expect(throws: CredentialError.notAllowed(event: "resume", state: .revoked)) {
                _ = try await database.write {
                    try Credentials.carryOut(back, .resume, on: new.id, occasion: occasion(5), in: $0)
                }
            }
            #expect(throws: LicenceError.decision) { try LicenceDecision(number: "", reason: "x") }
            #expect(throws: CredentialError.reason) {
                try LicenceDecision(number: "1", reason: String(repeating: "因", count: 201))
            }
            #expect(try await Credentials.compareWithLog(in: database, max: 9).altered == [])
        }
    }

    @Test("a list holds what its asker's region has: by number, identifier, holder and state, page by page")
    func lists() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let type = try #require(authority.types.licences["food-operation"])
            var issued: [Credential] = []
            for number in 1...3 {
                issued.append(
                    try await issue(sample(of: type, number: "JY\(number)"), by: authority, on: database)
                )
            }
            let licences = issued
            try await database.write { tx in
                for licence in licences.dropFirst() {
                    try Credentials.apply(
                        .suspend,
                        to: licence.id,
                        reason: "1号",
                        occasion: occasion(1),
                        in: tx
                    )
                }
            }
            func find(_ words: String, from low: String = "150000", to high: String = "160000") async throws
                -> [LicenceLine]
            {
                try await database.read {
                    try LicenceLibrary.find(
                        words,
                        reach: LibraryReach(from: low, upTo: high),
                        limit: 9,
                        on: start.date,
                        in: $0
                    )
                }
            }
            #expect(try await find("JY2").map(\.state) == [.suspended])
            #expect(try await find(licences[0].record.identifier.description).map(\.number) == ["JY1"])
            #expect(try await find(company.code).compactMap(\.number).sorted() == ["JY1", "JY2", "JY3"])
            for words in ["JY2", company.code, licences[0].record.identifier.description] {
                #expect(try await find(words, from: "150100", to: "150200") == [], "of another league")
            }
            func suspended(after mark: LicenceLine.Mark?) async throws -> [LicenceLine] {
                try await database.read {
                    try LicenceLibrary.inState(
                        .suspended,
                        reach: LibraryReach(from: "150203", upTo: "150204"),
                        after: mark,
                        limit: 1,
                        on: start.date,
                        in: $0
                    )
                }
            }
            let first = try await suspended(after: nil)
            let second = try await suspended(after: first.first?.mark)
            #expect((first + second).compactMap(\.number).sorted() == ["JY2", "JY3"])
            #expect(try await suspended(after: second.first?.mark) == [])
        }
    }

    @Test("a decision whose number was changed afterwards is not as it was logged")
    func altered() async throws {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let type = try #require(authority.types.licences["food-operation"])
            let issued = try await issue(sample(of: type), by: authority, on: database)
            let decision = try LicenceDecision(number: "1号", reason: "原因")
            try await database.write { tx in
                try Credentials.carryOut(decision, .suspend, on: issued.id, occasion: occasion(1), in: tx)
            }
            #expect(try await Credentials.compareWithLog(in: database, max: 9).altered == [])
            try await database.write { tx in
                try tx.execute("UPDATE credential_step SET decision = '2号' WHERE decision = '1号'")
            }
            #expect(try await Credentials.compareWithLog(in: database, max: 9).altered.count == 1)
        }
    }
}

extension LicenceDraft {
    func with(fields: JSON? = nil, holder: Holder? = nil) -> LicenceDraft {
        with(fields: fields, holder: holder, validUntil: validUntil)
    }

    func with(fields: JSON? = nil, holder: Holder? = nil, validUntil: LocalDate?) -> LicenceDraft {
        LicenceDraft(
            type: type,
            holder: holder ?? self.holder,
            issuer: issuer,
            region: region,
            fields: fields ?? self.fields,
            validFrom: validFrom,
            validUntil: validUntil
        )
    }
}
