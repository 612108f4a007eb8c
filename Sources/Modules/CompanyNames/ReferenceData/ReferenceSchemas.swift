import Standards

extension ReferenceSchema {
    /// Every table under `Resources/company`, in the order in which they are loaded.
    /// What a bureau may import: the tables of this system and those of the platform's standards that differ by place.
    public static let importable: [ReferenceSchema] = all + [idKinds]

    /// Kinds of identity document; the shipped ones are `Resources/standards/id-kinds.tsv`.
    static let idKinds = ReferenceSchema(
        "id-kinds",
        key: ["code"],
        Column("code", .text(lengthMax: 40)),
        Column("name", .text(lengthMax: 60)),
        Column("name_en", .text(lengthMax: 120)),
        Column("scheme", .choice(IdentityDocumentKind.Scheme.allCases.map(\.rawValue))),
        Column("instant", .choice(["Y", "N"])),
        Column("foreign", .choice(["Y", "N"])),
        certainty
    )

    public static let all: [ReferenceSchema] = [
        scopePhrases, forbiddenWords, limitedWords, protectedNames, tradeSynonyms, organisationForms,
        nameLimits,
        brandExtensions, jurisdiction, places, zones, negativeAddresses, addressSamples, sealKinds, engravers,
        banks, bankBranches,
    ]

    private static let yesNo = Content.choice(["yes", "no"])
    private static let severity = Content.choice(["refuse", "person", "notice"])
    private static let subject = Content.choice(["limited-company", "sole-trader"])
    private static let certainty = Column("certainty", .text(lengthMax: 200))
    private static let from = Column("from", .date)
    private static let until = Column("until", .date, required: false)

    static let scopePhrases = ReferenceSchema(
        "scope-phrases",
        key: ["code", "from"],
        Column("code", .text(lengthMax: 20)),
        Column("text_zh", .text(lengthMax: 120)),
        Column("text_en", .text(lengthMax: 200), required: false),
        Column("industry", .industry(digits: 4)),
        Column("kind", .choice(["general", "permit"])),
        Column("permit_timing", .choice(["none", "before", "after"])),
        Column("permit_item", .text(lengthMax: 120), required: false),
        Column("department", .agency, required: false),
        Column("department_name", .text(lengthMax: 60), required: false),
        Column("region", .region(functionalAreas: false)),
        from,
        until,
        Column("link", .text(lengthMax: 400), required: false),
        certainty
    )

    static let forbiddenWords = ReferenceSchema(
        "forbidden-words",
        key: ["word", "from"],
        Column("word", .text(lengthMax: 30)),
        Column("class", .integer(1...9)),
        Column("reason_zh", .text(lengthMax: 120)),
        Column("reason_en", .text(lengthMax: 200)),
        Column("part", .choice(["brand", "whole"])),
        Column("severity", severity),
        from,
        until,
        certainty
    )

    /// Each has its message.
    static let limitedKinds = [
        "state-prefix", "state-middle", "international", "group", "superlative", "state-owned", "non-profit",
        "finance", "public-service", "region-prefix", "ethnic", "royal",
    ]

    static let limitedWords = ReferenceSchema(
        "limited-words",
        key: ["word", "kind", "from"],
        Column("word", .text(lengthMax: 30)),
        Column("kind", .choice(limitedKinds)),
        Column("severity", severity),
        Column("position", .choice(["start", "any"])),
        Column("who_may_zh", .text(lengthMax: 120)),
        Column("who_may_en", .text(lengthMax: 200)),
        from,
        until,
        certainty
    )

    static let protectedNames = ReferenceSchema(
        "protected-names",
        key: ["brand", "from"],
        Column("brand", .text(lengthMax: 30)),
        Column("owner", .text(lengthMax: 60)),
        Column("industries", .text(lengthMax: 200)),
        Column("kind", .choice(["famous-mark", "known-brand", "short-name"])),
        Column("severity", severity),
        from,
        until,
        certainty
    )

    static let tradeSynonyms = ReferenceSchema(
        "trade-synonyms",
        key: ["word"],
        Column("word", .text(lengthMax: 20)),
        Column("class", .industry(digits: 2), required: false),
        Column("industry", .industry(digits: 2), required: false),
        Column("role", .choice(["main", "auxiliary"])),
        certainty
    )

    static let organisationForms = ReferenceSchema(
        "organisation-forms",
        key: ["form", "subject"],
        Column("form", .text(lengthMax: 20)),
        Column("subject", subject),
        Column("allowed", yesNo),
        Column("reason", .text(lengthMax: 120)),
        certainty
    )

    static let nameLimits = ReferenceSchema(
        "name-limits",
        key: ["name", "region", "from"],
        Column("name", .text(lengthMax: 60)),
        Column("region", .region(functionalAreas: false)),
        from,
        until,
        Column("value", .integer(0...100_000)),
        Column("unit", .text(lengthMax: 20)),
        Column("source", .text(lengthMax: 200))
    )

    static let brandExtensions = ReferenceSchema(
        "brand-extensions",
        key: ["character", "place"],
        Column("character", .text(lengthMax: 1)),
        Column("place", .choice(["before", "after"])),
        certainty
    )

    static let jurisdiction = ReferenceSchema(
        "jurisdiction",
        key: ["region", "type", "capital_from", "owner", "from"],
        Column("region", .region(functionalAreas: false)),
        Column("type", .choice(["limited-company", "joint-stock", "sole-trader"])),
        Column("capital_from", .integer(0...100_000_000)),
        Column("capital_below", .integer(1...100_000_000), required: false),
        Column("owner", .choice(["domestic", "state", "foreign"])),
        Column("authority", .text(lengthMax: 30)),
        Column("authority_name", .text(lengthMax: 60)),
        Column("authority_region", .region(functionalAreas: false)),
        Column("name_scope", .region(functionalAreas: false)),
        Column("online", yesNo),
        from,
        until,
        certainty
    )

    static let places = ReferenceSchema(
        "places",
        key: ["code"],
        Column("code", .text(lengthMax: 20)),
        Column("sort", .choice(["settlement", "road"])),
        Column("region", .region(functionalAreas: false)),
        Column("town", .text(lengthMax: 40), required: false),
        Column("village", .text(lengthMax: 40), required: false),
        Column("road", .text(lengthMax: 40), required: false),
        Column("number_from", .integer(0...100_000), required: false),
        Column("number_to", .integer(0...100_000), required: false),
        Column("kind", .choice(["community", "village", "pastoral", "road"])),
        from,
        until,
        Column("replaced_by", .text(lengthMax: 40), required: false),
        Column("lat", .decimal, required: false),
        Column("lon", .decimal, required: false),
        certainty
    )

    static let zones = ReferenceSchema(
        "zones",
        key: ["zone", "region", "from"],
        Column("zone", .region(functionalAreas: true)),
        Column("name", .text(lengthMax: 60)),
        Column("region", .region(functionalAreas: false)),
        from,
        until,
        Column("note", .text(lengthMax: 200), required: false),
        certainty
    )

    static let negativeAddresses = ReferenceSchema(
        "negative-addresses",
        key: ["region", "road", "number", "from"],
        Column("region", .region(functionalAreas: false)),
        Column("road", .text(lengthMax: 40)),
        Column("number", .text(lengthMax: 20)),
        Column("kind", .text(lengthMax: 30)),
        Column("reason_zh", .text(lengthMax: 120)),
        from,
        until,
        certainty
    )

    static let addressSamples = ReferenceSchema(
        "address-samples",
        key: ["region", "village", "road", "number", "landmark"],
        Column("region", .region(functionalAreas: false)),
        Column("zone", .region(functionalAreas: true), required: false),
        Column("town", .text(lengthMax: 40), required: false),
        Column("village", .text(lengthMax: 40), required: false),
        Column("road", .text(lengthMax: 40), required: false),
        Column("number", .text(lengthMax: 20), required: false),
        Column("building", .text(lengthMax: 40), required: false),
        Column("room", .text(lengthMax: 20), required: false),
        Column("landmark", .text(lengthMax: 120), required: false),
        Column("lat", .decimal, required: false),
        Column("lon", .decimal, required: false),
        Column("use", .text(lengthMax: 20)),
        Column("expected", .text(lengthMax: 20)),
        certainty
    )

    static let sealKinds = ReferenceSchema(
        "seal-kinds",
        key: ["code", "from"],
        Column("code", .text(lengthMax: 30)),
        Column("name_zh", .text(lengthMax: 40)),
        Column("name_en", .text(lengthMax: 60)),
        Column("shape", .choice(["round", "ellipse", "square"])),
        Column("width_mm", .integer(10...100)),
        Column("height_mm", .integer(10...100)),
        Column("subjects", .text(lengthMax: 60)),
        Column("required", yesNo),
        Column("in_set", yesNo),
        Column("name_characters_max", .integer(1...100)),
        Column("signature_level", .choice(["enterprise", "person"])),
        from,
        until,
        certainty
    )

    static let engravers = ReferenceSchema(
        "engravers",
        key: ["code", "from"],
        Column("code", .text(lengthMax: 20)),
        Column("name_zh", .text(lengthMax: 60)),
        Column("name_en", .text(lengthMax: 120), required: false),
        Column("league", .region(functionalAreas: false)),
        Column("region", .region(functionalAreas: false)),
        Column("address", .text(lengthMax: 120)),
        Column("phone", .text(lengthMax: 30)),
        Column("filing", .text(lengthMax: 40)),
        Column("hours", .text(lengthMax: 40)),
        Column("state", .choice(["active", "suspended"])),
        from,
        until,
        certainty
    )

    static let banks = ReferenceSchema(
        "banks",
        key: ["code", "from"],
        Column("code", .text(lengthMax: 20)),
        Column("name_zh", .text(lengthMax: 60)),
        Column("name_en", .text(lengthMax: 120), required: false),
        from,
        until,
        certainty
    )

    static let bankBranches = ReferenceSchema(
        "bank-branches",
        key: ["code", "from"],
        Column("code", .text(lengthMax: 30)),
        Column("bank", .text(lengthMax: 20)),
        Column("name_zh", .text(lengthMax: 60)),
        Column("name_en", .text(lengthMax: 120), required: false),
        Column("region", .region(functionalAreas: false)),
        Column("address", .text(lengthMax: 120)),
        Column("phone", .text(lengthMax: 30)),
        Column("hours", .text(lengthMax: 40)),
        Column("bookings_per_day", .integer(0...10_000)),
        Column("account_kinds", .text(lengthMax: 60)),
        from,
        until,
        certainty
    )
}
