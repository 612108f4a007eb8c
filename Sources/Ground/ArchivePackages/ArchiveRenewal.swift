import Cryptography
import Kernel

/// A further time stamp over an archive and all its stamps before (Docs/formats/archive.md, section 6). It is added to the
/// package and changes nothing that was sealed.
public struct ArchiveRenewal: Hashable, Sendable {
    /// What is stamped: canonical JSON of a `Statement`.
    public let text: [UInt8]
    /// RFC 3161, over the digest of the text.
    public let timestamp: [UInt8]
    /// A receipt of the log that the index was there while the stamps before still counted; nil where the last one does.
    public let proof: [UInt8]?

    public init(text: [UInt8], timestamp: [UInt8], proof: [UInt8]?) {
        self.text = text
        self.timestamp = timestamp
        self.proof = proof
    }

    /// What a renewal vouches for.
    struct Statement: Hashable, Sendable {
        static let format = "suban-archive-renewal-1"

        /// Of everything that is digested here, and of this text under the stamp.
        let algorithm: ImprintAlgorithm
        /// From 1.
        let number: Int
        let index: String
        let seal: String
        /// By path, where the algorithm is not the one of the index: then its digests may say nothing any more.
        let files: [String: String]?
        /// Of the renewals before.
        let before: [String]

        var text: [UInt8] {
            JSON.object([
                "before": .array(before.map(JSON.string)),
                "files": files.map { .object($0.mapValues(JSON.string)) } ?? .null,
                "format": .string(Self.format), "hash": .string(algorithm.name), "index": .string(index),
                "number": JSON(number), "seal": .string(seal),
            ]).canonicalBytes
        }

        /// Reads a statement; nil unless the bytes are exactly what `text` would write.
        init?(text bytes: [UInt8]) {
            guard let json = try? JSON.read(bytes, depthMax: 2, sizeBytesMax: 4_194_304),
                json["format"].text == Self.format,
                let algorithm = json["hash"].text.flatMap(ImprintAlgorithm.init(name:)),
                let number = json["number"].int.flatMap(Int.init(exactly:)),
                let index = json["index"].text, let seal = json["seal"].text
            else { return nil }
            self.algorithm = algorithm
            self.number = number
            self.index = index
            self.seal = seal
            files = json["files"].isNull ? nil : json["files"].members.compactMapValues(\.text)
            before = json["before"].elements.compactMap(\.text)
            guard text == bytes else { return nil }
        }

        /// - Parameter files: the files of the whole package; nil where the index's own digests go on to count.
        init(
            over index: ArchiveIndex,
            _ seal: ArchiveSeal,
            _ before: [ArchiveRenewal],
            files: [PathContent]?,
            by algorithm: ImprintAlgorithm
        ) {
            func digest(_ bytes: [UInt8]) -> String { Hex.encode(algorithm.digest(bytes)) }
            self.algorithm = algorithm
            number = before.count + 1
            self.index = digest(index.bytes)
            self.seal = digest(seal.bytes)
            self.files = files.map { files in
                Dictionary(files.map { ($0.path, digest($0.bytes)) }) { first, _ in first }
            }
            self.before = before.map { digest($0.bytes) }
        }
    }

    /// A file of a package.
    struct PathContent: Hashable, Sendable {
        let path: String
        let bytes: [UInt8]
    }

    var json: JSON {
        [
            "proof": proof.map { .string(String(decoding: $0, as: UTF8.self)) } ?? .null,
            "text": .string(String(decoding: text, as: UTF8.self)),
            "timestamp": .string(Base64.encode(timestamp)),
        ]
    }

    /// As it is kept, and digested by the renewals that follow.
    public var bytes: [UInt8] { json.canonicalBytes }

    init?(_ json: JSON) {
        guard let text = json["text"].text, let timestamp = json["timestamp"].text.flatMap(Base64.decode)
        else { return nil }
        self.init(
            text: Array(text.utf8),
            timestamp: timestamp,
            proof: json["proof"].text.map { Array($0.utf8) }
        )
        guard self.json == json else { return nil }
    }

    /// Reads one as it was kept; nil unless the bytes are exactly what `bytes` would write.
    public init?(bytes: [UInt8]) {
        guard let json = try? JSON.read(bytes, depthMax: 2, sizeBytesMax: 8_388_608) else { return nil }
        self.init(json)
        guard self.bytes == bytes else { return nil }
    }
}

/// The file of a package in which its renewals lie, the first first.
enum ArchiveRenewals {
    static let name = "archive.renewals"
    static let format = "suban-archive-renewals-1"

    static func bytes(_ renewals: [ArchiveRenewal]) -> [UInt8] {
        JSON.object(["format": .string(format), "renewals": .array(renewals.map(\.json))]).canonicalBytes
    }

    /// Nil unless there is at least one and the bytes are exactly what `bytes(_:)` would write.
    static func read(_ bytes: [UInt8]) -> [ArchiveRenewal]? {
        guard let json = try? JSON.read(bytes, depthMax: 3, sizeBytesMax: 16_777_216),
            json["format"].text == format
        else { return nil }
        let renewals = json["renewals"].elements.compactMap(ArchiveRenewal.init)
        guard !renewals.isEmpty, self.bytes(renewals) == bytes else { return nil }
        return renewals
    }
}
