public import Kernel
public import Storage

/// Names that enterprises bear already, taken over together: nobody else may bear one of them, or nothing is written.
public struct NameRows: Sendable {
    private let rules: NameRules
    private var entries = Rows(
        """
        INSERT INTO company_name_entry (id, scope, brand, industry_class, kin, full_text, parts, subject, region,
            state, live, blocks, enterprise, since, term_months, provisional, findings, sound, other_sounds, version)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)
        """
    )
    private var keys = Rows(NameStore.keyInsert)

    public init(under rules: NameRules) { self.rules = rules }

    public var all: [Rows] { [entries, keys] }

    public mutating func add(_ name: NameLibrary.Borne, id: ID<NameEntry>, since: Instant) {
        let parts = rules.normalise(name.parts)
        let key = rules.key(parts, subject: name.subject, scope: name.scope, industry: name.industry)
        let sounds = rules.language.sounds(of: key.brand)
        let others = Array(sounds.dropFirst())
        entries.add(
            id,
            key.scope,
            key.brand,
            key.industryClass,
            "",
            parts.text,
            parts.json,
            name.subject.rawValue,
            name.region,
            NameState.registered.rawValue,
            NameState.registered.isLive,
            NameState.registered.blocks,
            name.enterprise,
            since,
            0,
            false,
            "[]",
            sounds.first ?? "",
            others.joined(separator: " "),
            1
        )
        for stored in NameKeys.stored(brand: key.brand, otherSounds: others) {
            keys.add(stored, key.industryClass, id)
        }
    }
}
