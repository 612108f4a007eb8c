public import ElectronicSeals

extension OFDDocument {
    /// A page as Document.xml names it; millimetres.
    public struct Page: Hashable, Sendable {
        public let id: String
        public let width: Double
        public let height: Double
    }

    /// Millimetres; plans are drawn on sheets of some metres.
    private static let sideMax = 20_000.0

    /// The last page of the first body: where seals stand by habit.
    public func lastPage() throws(VerificationProblem) -> Page? {
        guard let body = bodies.first, let entry = package.entry(body.root) else { return nil }
        let tree = try XMLTree(reading: entry.bytes, name: body.root)
        guard let id = tree.first("Pages")?.all("Page").last?.attributes["ID"] else { return nil }
        let box = tree.first("CommonData")?.first("PageArea")?.text("PhysicalBox")?.split(separator: " ")
            .compactMap { Double($0) }
        guard let box, box.count == 4, box[2] > 0, box[3] > 0, max(box[2], box[3]) <= Self.sideMax else {
            return nil
        }
        return Page(id: id, width: box[2], height: box[3])
    }
}
