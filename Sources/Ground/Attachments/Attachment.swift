import Cryptography
public import Kernel

/// A file that belongs to an object such as a case. Equal bytes are kept once, under their SM3 digest.
public struct Attachment: Hashable, Sendable {
    /// `sm3:` and 64 hexadecimal digits, as forms keep it.
    public let digest: String
    public let kind: FileKind
    public let sizeBytes: Int
    /// After what its sender called it, with the ending of its kind (`FileName`); for people only.
    public let name: String
    public let addedAt: Instant

    public init(digest: String, kind: FileKind, sizeBytes: Int, name: String, addedAt: Instant) {
        self.digest = digest
        self.kind = kind
        self.sizeBytes = sizeBytes
        self.name = FileName.of(name, kind: kind)
        self.addedAt = addedAt
    }

    public static func digest(of bytes: [UInt8]) -> String { "sm3:" + Hex.encode(SM3.digest(bytes)) }
}

/// What can be refused about a file.
public enum AttachmentError: Refusal, Equatable {
    case kindUnknown
    /// A picture that is cut off or contradicts itself.
    case pictureDamaged
    case tooMany(max: Int)
    /// All files of the object together.
    case tooLarge(megabytes: Int)
    case noSuchFile
    /// The bytes are no longer those that were handed in.
    case damaged

    public var code: String {
        switch self {
        case .kindUnknown: "file.kind-unknown"
        case .pictureDamaged: "file.picture-damaged"
        case .tooMany: "file.too-many"
        case .tooLarge: "file.too-large"
        case .noSuchFile: "file.none"
        case .damaged: "file.damaged"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .kindUnknown, .pictureDamaged, .noSuchFile, .damaged: [:]
        case .tooMany(let max): ["max": String(max)]
        case .tooLarge(let megabytes): ["max": String(megabytes)]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .kindUnknown, .pictureDamaged, .tooMany: .unacceptable
        case .tooLarge: .tooLarge
        case .noSuchFile: .notFound
        case .damaged: .unavailable
        }
    }
}
