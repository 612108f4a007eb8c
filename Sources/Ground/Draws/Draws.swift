import Audit
public import Cryptography
public import Kernel
public import Storage

/// Provable draws (design rule 9): commit to a seed, draw by it, publish the seed; anyone recomputes.
public enum Draws {
    /// Fixes a seed for a purpose and logs its commitment, which is to be published before anything is drawn by it. The
    /// same purpose always has the same seed.
    /// - Parameter box: seals the seed until it is published.
    @discardableResult
    public static func commit(
        _ purpose: String,
        box: SealedBox,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Draw {
        let id = occasion.newID(Draw.self)
        let seed = occasion.entropy.bytes(32)
        let sealed = try box.seal(seed, label: "draw:\(purpose)", entropy: occasion.entropy)
        let isNew = try DrawStore.insert(
            id,
            purpose: purpose,
            commitment: DrawRule.commitment(of: seed),
            sealed: sealed,
            at: occasion.now,
            in: tx
        )
        guard let draw = try DrawStore.find(purpose: purpose, in: tx)?.draw else { throw DrawError.unknown }
        if isNew { try log("draw.committed", draw, occasion: occasion, in: tx) }
        return draw
    }

    /// Whether one thing falls into the sample of a purpose, such as the control of a granted case (R18). It is decided
    /// with `keep`.
    /// - Parameters:
    ///   - item: fixed before the decision, such as the number of a case.
    ///   - rate: parts of a million.
    /// - Returns: nil when the purpose has no seed yet.
    /// - Throws: `badRate`; `published` when the seed of this purpose is public, so that it decides nothing more.
    public static func sample(
        _ item: String,
        rate: Int,
        purpose: String,
        box: SealedBox,
        at moment: Instant,
        in reader: any Reader
    ) throws -> Sampled? {
        guard (0...DrawRule.rateMax).contains(rate) else { throw DrawError.badRate }
        guard let seed = try DrawStore.find(purpose: purpose, in: reader) else { return nil }
        guard seed.draw.seed == nil else { throw DrawError.published }
        let isDrawn = DrawRule.isSampled(item, rate: rate, seed: try open(seed, box))
        return Sampled(
            draw: seed.draw,
            result: SampleResult(item: item, rate: rate, isDrawn: isDrawn, at: moment)
        )
    }

    /// Keeps what `sample` answered, in the transaction of the decision that goes by it. Keeping it again changes nothing.
    /// - Throws: `published` when the seed has become public meanwhile; `keptOtherwise` when the draw says something else
    ///   of the item already.
    public static func keep(_ result: SampleResult, of id: ID<Draw>, in tx: any Transaction) throws {
        if try DrawStore.insert(result, of: id, in: tx) { return }
        guard let kept = try DrawStore.sample(result.item, of: id, in: tx) else { throw DrawError.published }
        guard kept == result else { throw DrawError.keptOtherwise }
    }

    /// What was kept about an item under a purpose of `family`, or nil.
    public static func kept(_ item: String, family: String, in reader: any Reader) throws -> Sampled? {
        try DrawStore.deciding(item, in: reader).filter { $0.draw.purpose.hasPrefix(family) }
            .min { $0.result.at < $1.result.at }
    }

    /// Makes the seed public, with the digest of all samples, and logs it; nothing more can be drawn by it. A seed that
    /// nothing was drawn by is published like the others, when its time is over.
    @discardableResult
    public static func publish(
        _ id: ID<Draw>,
        box: SealedBox,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Draw {
        guard let kept = try DrawStore.locked(id, in: tx) else { throw DrawError.unknown }
        if kept.draw.seed != nil { return kept.draw }
        let samples = try all(of: id, in: tx)
        try DrawStore.publish(
            id,
            seed: Hex.encode(try open(kept, box)),
            count: samples.count,
            digest: DrawRule.digest(of: samples),
            at: occasion.now,
            in: tx
        )
        guard let published = try DrawStore.find(id, in: tx)?.draw else { throw DrawError.unknown }
        try log("draw.published", published, occasion: occasion, in: tx)
        return published
    }

    private static func all(of id: ID<Draw>, in reader: any Reader) throws -> [SampleResult] {
        var all: [SampleResult] = []
        while true {
            let page = try samples(of: id, after: all.last?.item ?? "", in: reader)
            if page.isEmpty { return all }
            all += page
        }
    }

    private static func log(_ act: String, _ draw: Draw, occasion: Occasion, in tx: any Transaction) throws {
        try AuditLog.append(
            act,
            object: "draw:\(draw.id)",
            after: draw.logged,
            occasion: occasion,
            in: tx
        )
    }

    /// Compares all seeds with the log: what was committed to, and what was published.
    /// - Returns: how many were compared, and at most `max` that are not as they were logged.
    public static func compareWithLog(in database: any Database, max: Int) async throws -> (
        count: Int, altered: [String]
    ) {
        try await AuditLog.compare("draw", in: database, max: max) { id, reader in
            try find(ID(id), in: reader)
        }
    }

    /// Draws whose purposes begin with `family`, the last purpose first.
    /// - Parameter end: only purposes that come before this one; nil for the latest.
    public static func latest(
        of family: String,
        below end: String? = nil,
        countMax: Int,
        in reader: any Reader
    ) throws -> [Draw] {
        let span = DrawStore.Span(from: family, through: family + "\u{7F}", below: end)
        return try DrawStore.seeds(span, countMax: countMax, in: reader).map(\.draw)
    }

    /// Draws from purpose `first` on and before `end` whose seeds are secret still, the first purpose first.
    public static func secret(
        from first: String,
        below end: String,
        countMax: Int,
        in reader: any Reader
    ) throws -> [Draw] {
        let span = DrawStore.Span(from: first, through: end, below: end, isSecret: true, isRising: true)
        return try DrawStore.seeds(span, countMax: countMax, in: reader).map(\.draw)
    }

    /// How many things were decided by a seed one by one.
    public static func sampleCount(of id: ID<Draw>, in reader: any Reader) throws -> Int {
        try DrawStore.count(of: id, in: reader)
    }

    public static func find(_ id: ID<Draw>, in reader: any Reader) throws -> Draw? {
        try DrawStore.find(id, in: reader)?.draw
    }

    public static func find(purpose: String, in reader: any Reader) throws -> Draw? {
        try DrawStore.find(purpose: purpose, in: reader)?.draw
    }

    /// Which samples there are, a page at a time, each once.
    public static func sampleKeys(after key: SampleKey?, limit: Int, in reader: any Reader) throws
        -> [SampleKey]
    { try DrawStore.keys(after: key, limit: limit, in: reader) }

    public static func sample(_ key: SampleKey, in reader: any Reader) throws -> SampleResult? {
        try DrawStore.sample(key.item, of: key.draw, in: reader)
    }

    /// Sampling decisions by item, a page at a time.
    public static func samples(
        of id: ID<Draw>,
        after item: String = "",
        countMax: Int = 1_000,
        in reader: any Reader
    ) throws -> [SampleResult] { try DrawStore.samples(of: id, after: item, countMax: countMax, in: reader) }

    private static func open(_ kept: DrawStore.Kept, _ box: SealedBox) throws(CryptographyError) -> [UInt8] {
        try box.open(kept.sealed, label: "draw:\(kept.draw.purpose)")
    }
}
