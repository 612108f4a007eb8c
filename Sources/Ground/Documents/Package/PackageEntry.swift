/// One file of a package: a name such as `Doc_0/Document.xml` and its bytes.
public struct PackageEntry: Hashable, Sendable {
    /// Parts divided by `/`, without one in front.
    public let name: String
    public var bytes: [UInt8]

    public init(_ name: String, _ bytes: [UInt8]) {
        self.name = name
        self.bytes = bytes
    }
}
