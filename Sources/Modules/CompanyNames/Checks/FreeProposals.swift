import Kernel
import Storage

/// Names that are free and close to the one that is taken: a character before or after the brand.
struct FreeProposals {
    let rules: NameRules
    let proposal: NameProposal
    let now: Instant
    /// So many candidates are tried at most.
    private static let triesMax = 24

    func names(in reader: any Reader) throws -> [NameParts] {
        let count = try rules.limits.value("proposals.count", region: proposal.region, on: now.date)
        let lengthMax = try rules.limits.value("brand.length-max", region: proposal.region, on: now.date)
        var found: [NameParts] = []
        for row in rules.extensions.prefix(Self.triesMax) where found.count < count {
            var parts = proposal.parts
            let brand = parts.brand
            parts.brand = row["place"] == "before" ? row["character"] + brand : brand + row["character"]
            guard parts.brand.count <= lengthMax else { continue }
            if try isFree(parts, in: reader) { found.append(parts) }
        }
        return found
    }

    private func isFree(_ parts: NameParts, in reader: any Reader) throws -> Bool {
        var tried = proposal
        tried.parts = parts
        let words = WordCheck(rules: rules, proposal: tried, parts: parts, date: now.date)
        guard words.forbidden().isEmpty, words.limited().allSatisfy({ $0.severity == .notice }) else {
            return false
        }
        let key = rules.key(
            parts,
            subject: proposal.subject,
            scope: proposal.scope,
            industry: proposal.industry
        )
        let entries = try NameStore.blocking(scope: key.scope, brand: key.brand, in: reader).map(\.entry)
        let check = SameCheck(key: key, applicant: "", kin: [], now: now)
        return check.answer(among: entries) == .free
    }
}
