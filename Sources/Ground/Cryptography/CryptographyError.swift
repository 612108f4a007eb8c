public import Kernel

/// What can go wrong with keys, certificates and sealed secrets.
public enum CryptographyError: Refusal, Equatable {
    /// The text is no SM2 key, or its password is wrong.
    case badKey
    /// The bytes are no X.509 certificate in DER with an SM2 key.
    case badCertificate
    /// The bytes are no revocation list in DER, or a larger one than is allowed.
    case badList
    /// The secret was sealed under another master key, or was changed since.
    case badSeal
    /// The stored password record is damaged, or asks for more memory than is allowed.
    case badPasswordRecord
    /// Too many passwords are being checked at once.
    case busy
    /// The key folder cannot be read or written; the text says which file and why.
    case keyFolder(String)
    /// OpenSSL refused; the text is the name of its step, for the log only.
    case engine(String)

    public var code: String {
        switch self {
        case .badKey: "cryptography.bad-key"
        case .badCertificate: "cryptography.bad-certificate"
        case .badList: "cryptography.bad-list"
        case .badSeal: "cryptography.bad-seal"
        case .badPasswordRecord: "cryptography.bad-password-record"
        case .busy: "cryptography.busy"
        case .keyFolder: "cryptography.key-folder"
        case .engine: "cryptography.engine"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .keyFolder(let detail): ["detail": detail]
        case .engine(let step): ["step": step]
        case .badKey, .badCertificate, .badList, .badSeal, .badPasswordRecord, .busy: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .badKey, .badCertificate, .badList: .malformed
        case .busy: .tooMany
        case .badSeal, .badPasswordRecord, .keyFolder, .engine: .unavailable
        }
    }
}
