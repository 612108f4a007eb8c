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
    /// Adds what the register knows of the file's seals at the moments when they were put to it.
    public func withSealStates(in reader: any Reader) throws -> FileVerdict {
        var problems: [VerdictLine] = []
        var proven: [VerdictLine] = []
        var known = 0
        for sealed in seals {
            let (seal, moment) = (sealed.seal, sealed.at)
            guard let standing = try SealRegistry.standing(of: seal, at: moment, in: reader) else { continue }
            known += 1
            let words = [
                "code": seal.content.code, "name": seal.content.name, "time": moment.minuteText,
                "state": standing.state.rawValue,
            ]
            if standing.state == .active {
                proven.append(VerdictLine("seal.in-force", words))
            } else {
                problems.append(
                    VerdictLine(.init(.sealRevoked, "\(seal.content.code) \(standing.state.rawValue)"))
                )
            }
        }
        return adding(
            problems: problems,
            proven: proven,
            withoutClaims: known == seals.count && known > 0 ? ["seal.state-unknown"] : []
        )
    }
}
