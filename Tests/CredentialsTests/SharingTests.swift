import Audit
import Credentials
import Cryptography
import Documents
import Forms
import Kernel
import Standards
import Storage
import TestSupport
import Testing

/// The library's calls: five elements, a grant for the day, one line for the holder each time.
@Suite("sharing licences")
struct SharingTests {
    private static let day = start.date
    private static let table = """
        organisation\ttype\titem_code\tfrom\tuntil\tbasis
        SCJG\tfood-operation\t001\t\(day.adding(days: -9))\t\(day)\ttest
        SCJG\tdrug-retail\t001\t\(day.adding(days: 1))\t\ttest
        GAJ\t*\t002\t\(day)\t\ttest
        """

    private static func call(
        _ organisation: String = "SCJG",
        item: String = "001",
        case number: String? = "办〔1〕"
    )
        throws(SharingError) -> SharingCall
    {
        try SharingCall(
            organisation: organisation,
            organisationName: "某市场监管局",
            operatorName: "王五",
            itemName: "食品经营许可",
            itemCode: item,
            caseNumber: number,
            purpose: "核验许可",
            reason: "申请人变更地址"
        )
    }

    private func each(_ body: @Sendable (any Database, LicenceSharing, Credential) async throws -> Void)
        async throws
    {
        try await forEachEngine(migrations) { database in
            let authority = try authority(on: database)
            let type = try #require(authority.types.licences["food-operation"])
            let issued = try await issue(sample(of: type, number: "JY-1"), by: authority, on: database)
            let press = try LicenceFileTests.press(authority, on: database)
            let files = CopyFiles(
                draw: { try await press.copy($0, as: $1, occasion: occasion()) },
                daysMax: { _ in 30 }
            )
            let sharing = LicenceSharing(
                types: authority.types.licences,
                grants: try SharingGrants(text: Self.table, types: authority.types.licences),
                files: files,
                database: database
            )
            try await body(database, sharing, issued)
        }
    }

    @Test(
        "a call without one of the elements is refused by its name",
        arguments: SharingError.Element.allCases
    )
    func elements(missing: SharingError.Element) {
        func text(_ element: SharingError.Element) -> String? { element == missing ? " " : "x" }
        #expect(throws: SharingError.missing(missing)) {
            try SharingCall(
                organisation: text(.organisation) ?? "",
                organisationName: "x",
                operatorName: text(.operatorName),
                itemName: text(.itemName),
                itemCode: text(.itemCode),
                caseNumber: text(.caseNumber),
                purpose: text(.purpose),
                reason: text(.reason)
            )
        }
        #expect(throws: SharingError.long(.reason)) {
            try SharingCall(
                organisation: "x",
                organisationName: "x",
                operatorName: "x",
                itemName: "x",
                itemCode: "x",
                caseNumber: "x",
                purpose: "x",
                reason: String(repeating: "因", count: 201)
            )
        }
    }

    @Test("types, search, data by identifier and by holder: each is told what it may be and leaves a line")
    func calls() async throws {
        try await each { database, sharing, issued in
            let call = try Self.call()
            #expect(try await sharing.types(call, occasion: occasion()).map(\.key) == ["food-operation"])
            let found = try await sharing.search(
                holder: company.code,
                type: "food-operation",
                call,
                occasion: occasion(1)
            )
            #expect(found.count == 1 && found.first?.state == .valid)
            #expect(found.first?.values["KZ_JYXM"] == nil, "a search tells nothing of what is on it")
            let identifier = issued.record.identifier.description
            let data = try await sharing.data(identifier: identifier, call, occasion: occasion(2))
            #expect(data.values["KZ_JYXM"] == "甲；乙" && data.values["CZZTDM"] == company.code)
            let same = try await sharing.data(
                holder: company.code,
                type: "food-operation",
                number: "JY-1",
                call,
                occasion: occasion(3)
            )
            #expect(same.values == data.values && same.identifier == identifier)
            await #expect(throws: SharingError.unknown) {
                _ = try await sharing.data(
                    holder: company.code,
                    type: "food-operation",
                    number: "JY-2",
                    call,
                    occasion: occasion(4)
                )
            }
            let uses = try await database.read { try LicenceUses.of(holder: company.code, limit: 9, in: $0) }
            #expect(uses.map(\.way) == [.data, .data, .data, .search])
            #expect(
                uses.allSatisfy {
                    $0.caseNumber == "办〔1〕" && $0.operatorName == "王五" && $0.reason == "申请人变更地址"
                }
            )
            #expect(uses.first?.licence == "", "a call that found nothing is kept too")
        }
    }

    @Test(
        "without a grant for the type, the item and the day nothing is told, and nothing tells that it is there"
    )
    func withoutGrant() async throws {
        let types = try LicenceTypes(home: try Home.find())
        #expect(throws: SharingError.self) {
            try SharingGrants(text: Self.table.replacing("drug-retail", with: "colour"), types: types)
        }
        try await each { _, sharing, issued in
            let identifier = issued.record.identifier.description
            for call in [try Self.call("XX"), try Self.call(item: "002"), try Self.call("GAJ", item: "001")] {
                await #expect(throws: SharingError.notGranted(type: "食品经营许可证")) {
                    _ = try await sharing.search(
                        holder: company.code,
                        type: "food-operation",
                        call,
                        occasion: occasion()
                    )
                }
                await #expect(throws: SharingError.unknown) {
                    _ = try await sharing.data(identifier: identifier, call, occasion: occasion())
                }
                await #expect(throws: SharingError.unknown) {
                    _ = try await sharing.file(identifier: identifier, until: nil, call, occasion: occasion())
                }
            }
            let police = try Self.call("GAJ", item: "002")
            #expect(
                try await sharing.data(identifier: identifier, police, occasion: occasion()).state == .valid
            )
            // A day later the grant has run out, and another begins.
            let call = try Self.call()
            let tomorrow = occasion(24 * 60)
            #expect(try await sharing.types(call, occasion: tomorrow).map(\.key) == ["drug-retail"])
            await #expect(throws: SharingError.unknown) {
                _ = try await sharing.data(identifier: identifier, call, occasion: tomorrow)
            }
        }
    }

    @Test(
        "a file is an annotated copy: purpose, case and last day; checked by its bytes, with the original's state"
    )
    func copies() async throws {
        try await each { database, sharing, issued in
            let call = try Self.call()
            let identifier = issued.record.identifier.description
            let (copy, bytes) = try await sharing.file(
                identifier: identifier,
                until: Self.day.adding(days: 3),
                call,
                occasion: occasion()
            )
            #expect(copy.purpose == "核验许可" && copy.caseNumber == "办〔1〕" && copy.identifier == identifier)
            let authority = try authority(on: database)
            let verifier = FileVerifier(
                anchors: authority.trust,
                moment: start,
                limits: LicenceFileTests.limits
            )
            let verdict = verifier.verify(bytes)
            #expect(verdict.problems == [] && verdict.kind == .ofd)
            func value(_ name: String) -> String? { verdict.content.first { $0.name == name }?.value }
            #expect(value("JZJZZSY") == "核验许可" && value("ZZBS") == identifier)
            #expect(value("JZJYXQJZSJ") == Self.day.adding(days: 3).description)
            // Alone the file says so itself when its days are over.
            let late = FileVerifier(
                anchors: authority.trust,
                moment: start + 4 * Instant.day,
                limits: LicenceFileTests.limits
            )
            #expect(late.verify(bytes).problems.map(\.classCode) == ["COPY_EXPIRED"])
            let document = try OFDDocument(reading: bytes, limits: LicenceFileTests.limits.package)
            // What counts without purpose and end does not lie in it.
            #expect(try document.attachment("licence") == nil)
            let words = try JSON.read(try #require(try document.attachment("copy")))
            #expect(words["fields"].elements.contains { $0["name"].text == "JZJZZSY" })
            let records = CredentialVerifier(anchors: authority.anchors)
            #expect(
                document.package.entries.allSatisfy { records.verify($0.bytes, at: start).record == nil }
            )
            #expect(value("JZJZZZ") == "内蒙古自治区政务服务")
            func check(_ days: Int, _ file: [UInt8]) async throws -> CopyVerdict {
                try await database.read {
                    try LicenceCopies.verify(file, at: start + Int64(days) * Instant.day, in: $0)
                }
            }
            #expect(try await check(3, bytes).isValid)
            #expect(try await check(4, bytes).problems.map(\.rawValue) == ["COPY_EXPIRED"])
            #expect(try await check(0, bytes + [0x20]).problems.map(\.rawValue) == ["NOT_REGISTERED"])
            try await database.write { tx in
                try Credentials.apply(.cancel, to: issued.id, reason: "1号", occasion: occasion(9), in: tx)
            }
            let after = try await check(4, bytes)
            #expect(
                after.problems.map(\.rawValue) == ["COPY_EXPIRED", "LICENCE_STATE"]
                    && after.state == .cancelled
            )
            await #expect(throws: CopyError.state(.cancelled)) {
                _ = try await sharing.file(identifier: identifier, until: nil, call, occasion: occasion(10))
            }
            let uses = try await database.read { try LicenceUses.of(holder: company.code, limit: 9, in: $0) }
            #expect(uses.map(\.way) == [.copy])
        }
    }

    @Test("a copy's last day is neither past nor further than the rules allow")
    func lastDay() async throws {
        try await each { _, sharing, issued in
            let call = try Self.call()
            let identifier = issued.record.identifier.description
            func made(_ days: Int) async throws {
                _ = try await sharing.file(
                    identifier: identifier,
                    until: Self.day.adding(days: days),
                    call,
                    occasion: occasion()
                )
            }
            await #expect(throws: CopyError.past) { try await made(-1) }
            await #expect(throws: CopyError.tooLong(days: 30)) { try await made(31) }
            try await made(0)
            try await made(30)
        }
    }

    @Test("what another register issued is told with its source, and has no file of ours")
    func taken() async throws {
        try await each { database, sharing, _ in
            let licence = TakenLicence(
                id: ID("T1"),
                number: "纸-1",
                type: "food-operation",
                name: "食品经营许可证",
                holder: company,
                issuer: "原发证机关",
                region: "150203",
                state: .valid,
                validFrom: nil,
                validUntil: Self.day,
                source: "原系统",
                fields: ["scope": ["热食类"]]
            )
            try await database.write { _ = try TakenLicences.keep(licence, occasion: occasion(), in: $0) }
            #expect(try await TakenLicences.compareWithLog(in: database, max: 9).altered == [])
            #expect(try await database.read { try TakenLicences.find(licence.id, in: $0) } == licence)
            let call = try Self.call()
            let told = try await sharing.data(
                holder: company.code,
                type: "food-operation",
                number: "纸-1",
                call,
                occasion: occasion()
            )
            #expect(told.source == "原系统" && told.identifier == nil && told.values["KZ_JYXM"] == "热食类")
            await #expect(throws: SharingError.unknown) {
                _ = try await sharing.file(
                    holder: company.code,
                    type: "food-operation",
                    number: "纸-1",
                    until: nil,
                    call,
                    occasion: occasion()
                )
            }
        }
    }
}
