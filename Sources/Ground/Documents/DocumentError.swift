public import Kernel

/// Why a document cannot be made.
public enum DocumentError: Refusal, Equatable {
    /// A typeface is not installed, or lies where it cannot be read; the text says which.
    case typeface(String)
    /// A sheet's definition cannot be read or does not fit its page; the text says where and why.
    case sheet(String)
    /// The file to be signed is none that this program wrote, or is locked; the text says why.
    case notSignable(String)
    /// As many documents wait to be made as may.
    case busy
    /// A library refused; the text is the name of its step, for the log only.
    case engine(String)

    public var code: String {
        switch self {
        case .typeface: "document.typeface"
        case .sheet: "document.sheet"
        case .notSignable: "document.not-signable"
        case .busy: "document.busy"
        case .engine: "document.engine"
        }
    }

    public var arguments: [String: String] {
        switch self {
        case .typeface(let detail), .sheet(let detail), .notSignable(let detail), .engine(let detail):
            ["detail": detail]
        case .busy: [:]
        }
    }

    public var status: RefusalStatus {
        switch self {
        case .notSignable: .unacceptable
        case .busy: .tooMany
        case .typeface, .sheet, .engine: .unavailable
        }
    }
}
