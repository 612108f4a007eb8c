import Kernel
import Storage

/// Finds and scores names that are near: same brand or sound, one character apart, one inside the other, reversed.
struct NearSearch {
    let rules: NameRules
    let proposal: NameProposal
    let key: NameKey
    let now: Instant

    func nearest(in reader: any Reader) throws -> [NearName] {
        let candidates = try candidates(in: reader)
        let weights = try Weights(rules.limits, region: proposal.region, date: now.date)
        let shown = try rules.limits.value("near.shown", region: proposal.region, on: now.date)
        let sounds = Set(rules.language.sounds(of: key.brand))
        var best: [NearName] = []
        var seen: Set<String> = []
        for candidate in candidates where seen.insert(candidate.id).inserted {
            if let until = candidate.until, until <= now, candidate.state != .held { continue }
            guard let reason = reason(candidate.brand, sounds: sounds) else { continue }
            let score = weights.score(reason, candidate: candidate, key: key)
            guard score >= weights.scoreMin else { continue }
            let near = NearName(
                text: candidate.text,
                scope: candidate.scope,
                industryClass: candidate.industryClass,
                state: candidate.state,
                reason: reason,
                score: score
            )
            best.append(near)
        }
        let sorted = best.sorted { left, right in
            if left.score != right.score { return left.score > right.score }
            return (left.text, left.scope) < (right.text, right.scope)
        }
        return Array(sorted.prefix(shown))
    }

    /// Why two brands are near, the strongest reason.
    func reason(_ other: String, sounds: Set<String>) -> NearName.Reason? {
        if other == key.brand { return .sameBrand }
        if !sounds.isDisjoint(with: rules.language.sounds(of: other)) { return .sameSound }
        let mine = Array(key.brand)
        let theirs = Array(other)
        if mine.elementsEqual(theirs.reversed()) { return .reversed }
        if Self.isOneApart(mine, theirs) { return .oneApart }
        if mine.position(of: other) != nil { return .contains }
        if theirs.position(of: key.brand) != nil { return .contained }
        return nil
    }

    /// One character replaced, or one inner character more or less. At the ends that is containment.
    static func isOneApart(_ left: [Character], _ right: [Character]) -> Bool {
        if left.count == right.count {
            return zip(left, right).count { $0 != $1 } == 1
        }
        let (short, long) = left.count < right.count ? (left, right) : (right, left)
        guard long.count == short.count + 1 else { return false }
        var front = 0
        while front < short.count && short[front] == long[front] { front += 1 }
        return front > 0 && front < short.count && short[front...].elementsEqual(long[(front + 1)...])
    }

    /// Everything that the indexes bring for this brand; some of it is not near.
    func candidates(in reader: any Reader) throws -> [NameStore.Candidate] {
        let limit = try rules.limits.value("near.candidates", region: proposal.region, on: now.date)
        let text = Array(key.brand)
        let trade = key.industryClass
        var found = try NameStore.brand(key.brand, scope: key.scope, limit: limit, in: reader)
        func exact(_ brand: String, anyTrade: Bool) throws {
            found += try NameStore.brand(
                brand,
                industryClass: trade,
                anyTrade: anyTrade,
                limit: limit,
                in: reader
            )
        }
        try exact(key.brand, anyTrade: true)
        for sound in rules.language.sounds(of: key.brand) {
            found += try NameStore.sound(
                sound,
                industryClass: trade,
                scope: key.scope,
                limit: limit,
                in: reader
            )
            found += try NameStore.key(
                NameKeys.sound(sound),
                industryClass: trade,
                limit: limit,
                in: reader
            )
        }
        guard text.count >= 2 else { return found }
        try exact(String(text.reversed()), anyTrade: true)
        for part in Self.parts(text) { try exact(part, anyTrade: false) }
        for asked in NameKeys.asked(text) {
            found += try NameStore.key(asked, industryClass: trade, limit: limit, in: reader)
        }
        return found
    }

    /// Every part of at least two characters, and the text without one inner character.
    static func parts(_ text: [Character]) -> Set<String> {
        var parts: Set<String> = []
        let text = Array(text.prefix(8))
        for start in text.indices {
            for end in stride(from: start + 2, through: text.count, by: 1) where end - start < text.count {
                parts.insert(String(text[start..<end]))
            }
        }
        if text.count >= 3 {
            for place in 1..<text.count - 1 { parts.insert(String(text[..<place] + text[(place + 1)...])) }
        }
        return parts
    }
}

/// How much each kind of nearness weighs, 0...100 (`name-limits.tsv`).
private struct Weights {
    let reasons: [NearName.Reason: Int]
    let sameClass: Int
    let sameScope: Int
    let otherClass: Int
    let scoreMin: Int

    init(_ limits: NameLimits, region: String, date: LocalDate) throws(NameError) {
        var reasons: [NearName.Reason: Int] = [:]
        for reason in NearName.Reason.allCases {
            reasons[reason] = try limits.value("near.weight.\(reason.rawValue)", region: region, on: date)
        }
        self.reasons = reasons
        sameClass = try limits.value("near.bonus.same-class", region: region, on: date)
        sameScope = try limits.value("near.bonus.same-scope", region: region, on: date)
        otherClass = try limits.value("near.malus.other-class", region: region, on: date)
        scoreMin = try limits.value("near.score-min", region: region, on: date)
    }

    func score(_ reason: NearName.Reason, candidate: NameStore.Candidate, key: NameKey) -> Int {
        var score = reasons[reason] ?? 0
        if candidate.industryClass == key.industryClass {
            score += sameClass
        } else if !candidate.industryClass.isEmpty && !key.industryClass.isEmpty {
            score -= otherClass
        }
        if candidate.scope == key.scope { score += sameScope }
        return min(100, max(0, score))
    }
}
