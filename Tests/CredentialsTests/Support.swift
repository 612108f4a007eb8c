import Audit
import Credentials
import Cryptography
import Forms
import Foundation
import Jobs
import Kernel
import Storage
import TestSupport

let start = Instant(LocalDate(dayNumber: 20_778), hour: 10)
let migrations = AuditMigrations.all + JobsMigrations.all + CredentialMigrations.all + SealMigrations.all
let registrar = IssuingBody(code: "11150200MB1234567X", name: "包头市市场监督管理局")
let company = Holder(.enterprise, code: "91150203MA0P1234X5", name: "包头市某某商贸有限公司")

func occasion(_ minutes: Int64 = 0) -> Occasion {
    Occasion(
        now: start + minutes * Instant.minute,
        actor: Actor(.staff, id: "s1", role: "registrar"),
        request: "r\(minutes)"
    )
}

/// One set of keys for all tests: making a hierarchy costs more than using it.
private let sharedKeys = Result {
    try PlatformKeys.openOrCreate(
        in: .open(folder: FileManager.default.temporaryDirectory.path + "/suban-keys-\(UUID().uuidString)"),
        organization: "速办",
        now: start + -Instant.day
    )
}

func authority(on database: any Database) throws -> CredentialAuthority {
    try CredentialAuthority(home: try Home.find(), keys: sharedKeys.get(), database: database)
}

func draft(_ type: String = "business-licence", name: String = company.name) -> CredentialDraft {
    CredentialDraft(
        type: type,
        holder: Holder(.enterprise, code: company.code, name: name),
        issuer: registrar,
        region: "150203",
        fields: ["名称": .string(name), "注册资本": "壹佰万元整", "法定代表人": "张三"]
    )
}

/// Issues one credential on a database.
func issue(_ draft: CredentialDraft, by authority: CredentialAuthority, on database: any Database)
    async throws
    -> Credential
{
    let prepared = try await authority.prepare(draft, occasion: occasion())
    return try await database.write { try Credentials.store(prepared, occasion: occasion(), in: $0) }
}

/// A draft with something of its kind in every field.
func sample(of type: LicenceType, number: String = "A-1", holder: Holder? = nil) -> LicenceDraft {
    var fields: JSON = [:]
    for field in type.fields {
        switch field.kind {
        case .text: fields[field.key] = .string("某\(field.name.zh)")
        case .code: fields[field.key] = "C-9"
        case .date: fields[field.key] = .string(start.date.adding(days: 400).description)
        case .amount: fields[field.key] = 100
        case .list: fields[field.key] = ["甲", "乙"]
        }
    }
    if let printed = type.numberField { fields[printed.key] = .string(number) }
    let person = Holder(.person, code: "01PERSON", name: "张晓晨")
    return LicenceDraft(
        type: type.key,
        holder: holder ?? (type.holder == .person ? person : company),
        issuer: registrar,
        region: "150203",
        fields: fields,
        validUntil: type.validity == .dated ? start.date.adding(days: 400) : nil
    )
}

func issue(_ draft: LicenceDraft, by authority: CredentialAuthority, on database: any Database) async throws
    -> Credential
{
    let prepared = try await authority.prepare(draft, occasion: occasion())
    return try await database.write { try Credentials.store(prepared, occasion: occasion(), in: $0) }
}
