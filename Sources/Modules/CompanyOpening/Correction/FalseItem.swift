import Kernel
import Registers
import Storage

/// What falls away with one false item: a registered one, or a filed person.
struct FalseItem: Sendable {
    let item: String
    /// What stood there.
    let before: JSON
    /// Registered items that get another value.
    let changes: [String: JSON]
    /// What of the kind still stands.
    let filings: [RegisterFiling]
    /// Of each filing that falls away whether it was shown to nobody; empty for a registered item.
    let confidential: [Bool]
    /// Kinds of filing that end.
    let ending: Set<String>
    /// Names of the people who fall away.
    let names: Set<String>

    /// - Throws: `CorrectionError.unknownItem` when neither an item nor a filing of that kind stands, or nobody of the
    ///   found name; `.nothingChanges` when the item would stay as it is.
    init(
        _ item: String,
        _ finding: CorrectionFinding,
        of subject: RegisterSubject,
        _ occasion: Occasion,
        in reader: any Reader
    ) throws {
        self.item = item
        let registered = subject.items[item]
        guard registered.isNull else {
            // Without a name a firm goes by its code.
            let value: JSON =
                item == "name" && finding.value.isNull ? .string(subject.code) : finding.value
            guard value != registered else { throw CorrectionError.nothingChanges }
            before = registered
            changes = [item: value]
            filings = []
            confidential = []
            ending = []
            names = Self.names(registered).subtracting(Self.names(value))
            return
        }
        let standing = try RegisterStore.filings(item, of: subject.code, on: occasion.now.date, in: reader)
        let falling = standing.filter { filing in
            finding.value.isNull || filing.value["name"] == finding.value
        }
        guard !falling.isEmpty else {
            throw CorrectionError.unknownItem(finding.value.text ?? item)
        }
        before = .array(falling.map(\.value))
        confidential = falling.map(\.isConfidential)
        changes = [:]
        let left = standing.filter { filing in !falling.contains { $0.value == filing.value } }
        filings = left.map {
            RegisterFiling(
                kind: item,
                value: $0.value,
                isConfidential: $0.isConfidential,
                from: occasion.now.date
            )
        }
        ending = [item]
        names = Set(falling.compactMap { $0.value["name"].text })
    }

    static func names(_ value: JSON) -> Set<String> {
        if let text = value.text { return [text] }
        return Set(value.elements.compactMap { $0["name"].text ?? $0.text })
    }

    var role: NamedPerson.Role? { Self.role(item) }

    /// The role that a person loses with the item; nil for what is no person.
    static func role(_ item: String) -> NamedPerson.Role? {
        switch item {
        case "shareholders": .shareholder
        case "legalRepresentative": .legalRepresentative
        case "operator": .operatorRole
        case "director": .director
        case "supervisor": .supervisor
        case "manager": .manager
        case "financeOfficer": .financeOfficer
        case "liaison": .liaison
        case "familyMember": .familyMember
        default: nil
        }
    }
}
