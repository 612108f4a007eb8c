import ElectronicSeals
public import Kernel
public import Storage

/// What the register says of seals to those who check documents.
public enum SealRegistry {
    /// Where the seal with an esID stood at a moment; nil for a code that this register never gave, or that was not made
    /// yet.
    public static func state(_ code: String, at moment: Instant, in reader: any Reader) throws -> SealState? {
        guard let seal = try SealStore.find(code: code, in: reader), let made = seal.made, made.at <= moment
        else {
            return nil
        }
        return try Seals.state(of: seal, at: moment, in: reader)
    }

    /// The same for a seal as it lies in a file: another one under the same code is not of this register.
    static func standing(of seal: ElectronicSeal, at moment: Instant, in reader: any Reader) throws -> (
        seal: Seal, state: SealState
    )? {
        guard let kept = try SealStore.find(code: seal.content.code, in: reader), let made = kept.made,
            made.bytes == seal.bytes,
            let state = try Seals.state(of: kept, at: max(moment, made.at), in: reader)
        else { return nil }
        return (kept, state)
    }
}

extension FileVerdict {
    /// Adds what the register knows of the file's seals at the moments when they were put to it. Where that is only claimed,
    /// also at the moment asked about: whoever may not use a seal any more claims a day on which he could.
    public func withSealStates(in reader: any Reader) throws -> FileVerdict {
        var problems: [VerdictLine] = []
        var proven: [VerdictLine] = []
        var claimed: [VerdictLine] = []
        var known = 0
        for sealed in seals {
            let (seal, asked) = (sealed.seal, sealed.asked)
            let moments = [sealed.at] + (asked.map { [$0] } ?? [])
            let states = try moments.compactMap {
                try SealRegistry.standing(of: seal, at: $0, in: reader)?.state
            }
            guard states.count == moments.count else { continue }
            known += 1
            if let state = states.first(where: { $0 != .active }) {
                let words = "\(seal.content.code) \(state.rawValue)"
                problems.append(VerdictLine(.init(.sealRevoked, words)))
                continue
            }
            let lines = moments.map { moment in
                VerdictLine(
                    "seal.in-force",
                    [
                        "code": seal.content.code, "name": seal.content.name, "time": moment.minuteText,
                        "state": SealState.active.rawValue,
                    ]
                )
            }
            if asked != nil { claimed += lines.prefix(1) }
            proven += lines.suffix(1)
        }
        return adding(
            problems: problems,
            proven: proven,
            claimed: claimed,
            withoutClaims: known == seals.count && known > 0 ? ["seal.state-unknown"] : []
        )
    }
}
