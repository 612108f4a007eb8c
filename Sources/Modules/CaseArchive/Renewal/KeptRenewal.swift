import ArchivePackages
public import Kernel

/// A further time stamp over an archive, as the platform keeps it. Rows are added and never changed.
public struct KeptRenewal: Sendable {
    public let archive: ID<Archive>
    /// From 1.
    public let number: Int
    public let stampedAt: Instant
    /// From here on it proves nothing by itself.
    public let ends: Instant
    /// Who stamped, by key and issuer, and with which algorithm.
    public let maker: String
    let renewal: ArchiveRenewal
    /// The log's entry of the renewal.
    public let entry: String
}
