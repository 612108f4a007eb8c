import Cryptography
public import Kernel
public import Storage

/// The certificates that an owner is handed about a seal, as signed texts.
public enum SealPaper: String, Sendable, CaseIterable {
    /// 制作证明.
    case making
    /// 注销证明.
    case cancellation

    func text(
        of seal: Seal,
        name: String,
        type: Int,
        maker: IssuingBody,
        at moment: Instant,
        reason: String?
    ) -> JSON {
        [
            "paper": .string("seal-\(rawValue)"), "esID": JSON(seal.code), "name": .string(name),
            "type": JSON(type), "owner": .string(seal.owner.code),
            "ownerName": .string(seal.owner.name),
            "filing": JSON(seal.filing), "maker": .string(maker.name), "at": JSON(moment.milliseconds),
            "validUntil": seal.made.map { JSON($0.validUntil.milliseconds) } ?? .null,
            "certificate": JSON(seal.made?.certificate),
            "digest": seal.made.map { .string(Hex.encode(SM3.digest($0.bytes))) } ?? .null,
            "reason": JSON(reason),
        ]
    }
}

extension Seals {
    /// A certificate about a seal, as it is handed out; nil when there is none yet.
    public static func paper(_ paper: SealPaper, of id: ID<Seal>, in reader: any Reader) throws -> String? {
        try SealStore.paper(paper.rawValue, of: id, in: reader)
    }
}
