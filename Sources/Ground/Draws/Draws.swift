public import Cryptography
public import Kernel
public import Storage

/// Provable draws (design rule 9): commit to a seed, draw from one list, publish the seed; anyone recomputes.
public enum Draws {
    /// Fixes a seed for a purpose; its commitment is to be published before the list is known. The same purpose
    /// always has the same seed.
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
        _ = try DrawStore.insert(
            id,
            purpose: purpose,
            commitment: DrawRule.commitment(of: seed),
            sealed: sealed,
            at: occasion.now,
            in: tx
        )
        guard let kept = try DrawStore.find(purpose: purpose, in: tx) else { throw DrawError.unknown }
        return kept.draw
    }

    /// Draws `count` items from a list, once for a seed.
    /// - Parameters:
    ///   - list: different items, at least `count`.
    ///   - beacon: public bytes that nobody knew at the commitment.
    /// - Throws: `alreadyDrawn`, `published`, `duplicate`, `tooFew`.
    public static func draw(
        _ count: Int,
        from list: [String],
        by id: ID<Draw>,
        beacon: [UInt8] = [],
        box: SealedBox,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> DrawResult {
        guard let kept = try DrawStore.locked(id, in: tx) else { throw DrawError.unknown }
        guard kept.draw.seed == nil else { throw DrawError.published }
        var seen: Set<String> = []
        for item in list where !seen.insert(item).inserted { throw DrawError.duplicate(item: item) }
        guard count >= 0, count <= list.count else { throw DrawError.tooFew(count: count, list: list.count) }
        let seed = try open(kept, box)
        let result = DrawResult(
            listDigest: Hex.encode(DrawRule.digest(of: list)),
            listCount: list.count,
            beacon: Hex.encode(beacon),
            drawn: DrawRule.draw(count, from: list, seed: seed, beacon: beacon),
            at: occasion.now
        )
        guard try DrawStore.insert(result, list: list, of: id, in: tx) else { throw DrawError.alreadyDrawn }
        return result
    }

    /// Decides whether one thing falls into the sample of a purpose, such as the control of a granted case (R18).
    /// Asking again gives the first answer.
    /// - Parameters:
    ///   - item: `case:01J…`, fixed before the decision.
    ///   - rate: parts of a million.
    /// - Throws: `badRate`; `published` when the seed of this purpose is public, so that it decides nothing more.
    public static func sample(
        _ item: String,
        rate: Int,
        purpose: String,
        box: SealedBox,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> SampleResult {
        guard (0...1_000_000).contains(rate) else { throw DrawError.badRate }
        let draw = try commit(purpose, box: box, occasion: occasion, in: tx)
        if let earlier = try DrawStore.sample(item, of: draw.id, in: tx) { return earlier }
        guard let kept = try DrawStore.find(draw.id, in: tx), kept.draw.seed == nil else {
            throw DrawError.published
        }
        let seed = try open(kept, box)
        let sample = SampleResult(
            item: item,
            rate: rate,
            isDrawn: DrawRule.isSampled(item, rate: rate, seed: seed),
            at: occasion.now
        )
        try DrawStore.insert(sample, of: draw.id, in: tx)
        // Another asker may have been first; both get the same answer.
        return try DrawStore.sample(item, of: draw.id, in: tx) ?? sample
    }

    /// Makes the seed public; nothing more can be drawn by it.
    /// - Throws: `notDrawn` for a seed that nothing was drawn by.
    @discardableResult
    public static func publish(
        _ id: ID<Draw>,
        box: SealedBox,
        occasion: Occasion,
        in tx: any Transaction
    ) throws -> Draw {
        guard let kept = try DrawStore.locked(id, in: tx) else { throw DrawError.unknown }
        if kept.draw.seed != nil { return kept.draw }
        let isUsed =
            try DrawStore.result(of: id, in: tx) != nil
            || !DrawStore.samples(of: id, after: "", countMax: 1, in: tx).isEmpty
        guard isUsed else { throw DrawError.notDrawn }
        try DrawStore.publish(id, seed: Hex.encode(try open(kept, box)), at: occasion.now, in: tx)
        guard let published = try DrawStore.find(id, in: tx) else { throw DrawError.unknown }
        return published.draw
    }

    public static func find(_ id: ID<Draw>, in reader: any Reader) throws -> Draw? {
        try DrawStore.find(id, in: reader)?.draw
    }

    public static func find(purpose: String, in reader: any Reader) throws -> Draw? {
        try DrawStore.find(purpose: purpose, in: reader)?.draw
    }

    /// What was drawn, with the list, so that anybody can check it.
    public static func result(
        of id: ID<Draw>,
        in reader: any Reader
    ) throws -> (result: DrawResult, list: [String])? { try DrawStore.result(of: id, in: reader) }

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
