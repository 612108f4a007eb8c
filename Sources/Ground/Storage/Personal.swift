public import Kernel

/// A text that must not rest in clear: an identity number, a telephone, a form that holds them, the secret of a
/// link. A `SealedDatabase` seals it on its way into the row and opens it on its way out; a bare one, as the tests
/// of a single engine have, keeps it as it is.
///
/// Sealed texts differ each time, so that nothing can be looked up by one: a `LookupKey` stands beside it where rows
/// are found by their value.
public struct PersonalText: Bindable {
    public static var columnKind: ColumnKind? { .text }
    let text: String?

    public init(_ text: String?) { self.text = text }

    public init(_ json: JSON) { text = json.canonical }

    /// An object without members, as details mostly are, tells nothing.
    private static let nothing = "{}"

    public var bound: ColumnValue { text.map { .text($0) } ?? .null }
    public var secrecy: Secrecy { text.flatMap { $0 == Self.nothing ? nil : .text($0) } ?? .none }
}

/// Bytes that must not rest in clear, such as a message as it travelled.
public struct PersonalBytes: Bindable {
    public static var columnKind: ColumnKind? { .blob }
    let bytes: [UInt8]

    public init(_ bytes: [UInt8]) { self.bytes = bytes }

    public var bound: ColumnValue { .blob(bytes) }
    public var secrecy: Secrecy { bytes.isEmpty ? .none : .bytes(bytes) }
}

/// Finds rows by a personal value without keeping it: a keyed digest in a `SealedDatabase`, so that nobody without
/// the installation's secret can try numbers.
public struct LookupKey: Bindable {
    public static var columnKind: ColumnKind? { .text }
    let use: String
    let text: String

    /// - Parameter use: keeps the keys of different columns apart.
    public init(_ use: String, _ text: String) {
        self.use = use
        self.text = text
    }

    public var bound: ColumnValue { .text("\(use):\(text)") }
    public var secrecy: Secrecy { .lookup(use: use, text: text) }
}

/// The secrets of an installation, as a `SealedDatabase` uses them.
public protocol ColumnSeal: Sendable {
    func seal(_ bytes: [UInt8]) throws -> [UInt8]
    /// - Throws: when the bytes were not sealed by this installation, or were changed since.
    func open(_ bytes: [UInt8]) throws -> [UInt8]
    /// Equal inputs give equal keys.
    func lookup(_ use: String, _ text: String) -> String
}
