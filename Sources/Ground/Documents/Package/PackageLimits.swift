/// How much of a package from outside is read. One more of anything is a refusal, so that no file costs more than this.
public struct PackageLimits: Hashable, Sendable {
    /// Of the packed file.
    public let sizeBytesMax: Int
    /// Of all entries unpacked.
    public let unpackedBytesMax: Int
    public let entriesMax: Int
    public let nameBytesMax: Int
    /// How many times larger than packed an entry of more than 65,536 bytes may be.
    public let ratioMax: Int
    /// Signatures in one document.
    public let signaturesMax: Int

    public init(
        sizeBytesMax: Int,
        unpackedBytesMax: Int,
        entriesMax: Int,
        nameBytesMax: Int,
        ratioMax: Int,
        signaturesMax: Int
    ) {
        self.sizeBytesMax = sizeBytesMax
        self.unpackedBytesMax = unpackedBytesMax
        self.entriesMax = entriesMax
        self.nameBytesMax = nameBytesMax
        self.ratioMax = ratioMax
        self.signaturesMax = signaturesMax
    }
}
