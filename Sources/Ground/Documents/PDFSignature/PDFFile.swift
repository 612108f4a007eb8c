/// How large a PDF file may be that somebody brings.
public struct PDFLimits: Sendable {
    public let bytes: Int
    /// Values that are read of one file, of one object, and entries of its cross-reference tables.
    public let objects: Int
    /// Parts that were appended one after the other.
    public let revisions: Int
    public let attachments: Int
    /// All attached files together, expanded.
    public let attachmentBytes: Int
    /// How much larger a stream may become.
    public let ratio: Int

    public init(
        bytes: Int,
        objects: Int,
        revisions: Int,
        attachments: Int,
        attachmentBytes: Int,
        ratio: Int
    ) {
        self.bytes = bytes
        self.attachments = attachments
        self.objects = objects
        self.revisions = revisions
        self.attachmentBytes = attachmentBytes
        self.ratio = ratio
    }
}

/// Why a file cannot be read.
enum PDFFault: Error {
    /// It is no PDF file of the kind that is read here; the text says where.
    case format(String)
    /// Larger than is allowed.
    case limit

    /// For messages.
    var words: String {
        switch self {
        case .format(let place): place
        case .limit: "limit"
        }
    }
}

/// A PDF file with classic cross-reference tables (ISO 32000-1, section 7.5), as it stood at one of its ends.
///
/// Read here are the tables and what is asked for, nothing else. Encrypted files, cross-reference streams and hybrids are
/// refused: two readers would see two documents in some of them.
struct PDFFile {
    let bytes: [UInt8]
    /// The end of this revision; what comes behind is not looked at.
    let end: Int
    let trailer: [String: PDFObject]
    /// Where its newest table begins.
    let startOfTable: Int
    /// How many parts were appended, the first included.
    let revisions: Int
    /// The offsets of the objects that are in use.
    let offsets: [Int: (offset: Int, generation: Int)]
    let limits: PDFLimits
    private let budget: Budget

    /// How many bytes may still be read as objects. Whatever refers to what how often, the work stays in proportion to the
    /// size of the file.
    private final class Budget {
        private var left: Int

        init(_ left: Int) { self.left = left }

        func spend(_ count: Int) throws(PDFFault) {
            left -= count
            if left < 0 { throw .limit }
        }
    }

    /// A document is read a few times over: its pages, its form, its attachments, what was changed.
    private static let readings = 16

    init(_ bytes: [UInt8], end: Int? = nil, limits: PDFLimits) throws(PDFFault) {
        let end = end ?? bytes.count
        guard bytes.count <= limits.bytes else { throw .limit }
        guard end <= bytes.count, bytes.starts(with: Array("%PDF-1.".utf8)) else { throw .format("header") }
        self.bytes = bytes
        self.end = end
        self.limits = limits
        budget = Budget(bytes.count * Self.readings + 65_536)
        startOfTable = try Self.startOfTable(bytes, end: end)
        var offsets: [Int: (offset: Int, generation: Int)] = [:]
        var free: Set<Int> = []
        var newest: [String: PDFObject]?
        var next: Int? = startOfTable
        var revisions = 0
        var above = end
        while let start = next {
            revisions += 1
            guard revisions <= limits.revisions else { throw .limit }
            // Each table stands before the one that names it: no circles.
            guard start < above else { throw .format("xref") }
            let section = try Self.section(bytes, at: start, end: end, limits: limits)
            for (number, entry) in section.entries where offsets[number] == nil && !free.contains(number) {
                guard let entry else {
                    free.insert(number)
                    continue
                }
                // An object of a part lies in that part or before it.
                guard entry.offset < start else { throw .format("object \(number)") }
                offsets[number] = entry
            }
            guard offsets.count + free.count <= limits.objects else { throw .limit }
            if newest == nil { newest = section.trailer }
            above = start
            switch section.trailer["Prev"] {
            case nil: next = nil
            case .integer(let previous)?: next = previous
            default: throw .format("Prev")
            }
        }
        guard let newest, newest["Encrypt"] == nil else { throw .format("Encrypt") }
        trailer = newest
        self.offsets = offsets
        self.revisions = revisions
    }

    /// The number behind the last `startxref`, which must be the last thing but `%%EOF`.
    private static func startOfTable(_ bytes: [UInt8], end: Int) throws(PDFFault) -> Int {
        let word = Array("startxref".utf8)
        let first = max(0, end - 64)
        guard end - first > word.count,
            let start = (first...(end - word.count)).last(where: {
                bytes[$0..<$0 + word.count].elementsEqual(word)
            })
        else { throw .format("startxref") }
        var parser = PDFParser(bytes, at: start + word.count, end: end, objectsMax: 8)
        guard parser.takeLineEnd(), let number = parser.takeNumber(), parser.takeLineEnd() else {
            throw .format("startxref")
        }
        let rest = bytes[parser.position..<end]
        guard ["%%EOF", "%%EOF\n", "%%EOF\r\n"].contains(where: { rest.elementsEqual($0.utf8) }) else {
            throw .format("%%EOF")
        }
        return number
    }

    private typealias Entries = [Int: (offset: Int, generation: Int)?]

    /// One table with its trailer.
    private static func section(
        _ bytes: [UInt8],
        at start: Int,
        end: Int,
        limits: PDFLimits
    ) throws(PDFFault) -> (entries: Entries, trailer: [String: PDFObject]) {
        var parser = PDFParser(bytes, at: start, end: end, objectsMax: limits.objects)
        guard parser.take("xref") else { throw .format("xref") }
        var entries: Entries = [:]
        parser.skipSpace()
        while !parser.take("trailer") {
            guard let first = parser.takeNumber() else { throw .format("xref") }
            parser.skipSpace()
            guard let count = parser.takeNumber() else { throw .format("xref") }
            guard entries.count + count <= limits.objects else { throw .limit }
            for number in first..<first + count {
                parser.skipSpace()
                guard let offset = parser.takeNumber() else { throw .format("xref") }
                parser.skipSpace()
                guard let generation = parser.takeNumber(), entries[number] == nil else {
                    throw .format("xref")
                }
                parser.skipSpace()
                if parser.take("n") {
                    entries[number] = .some((offset, generation))
                } else if parser.take("f") {
                    entries[number] = .some(nil)
                } else {
                    throw .format("xref")
                }
            }
            parser.skipSpace()
        }
        guard let trailer = parser.object()?.dictionary, trailer["XRefStm"] == nil else {
            throw .format("trailer")
        }
        return (entries, trailer)
    }

    /// What a value stands for: itself, or the object that it refers to, once.
    func resolved(_ value: PDFObject?) throws(PDFFault) -> PDFObject {
        guard case .reference(let place) = value else { return value ?? .null }
        let found = try object(place)
        if case .reference = found { throw .format("object \(place.number)") }
        return found
    }

    /// The object at `place`; null when there is none (ISO 32000-1, section 7.3.10).
    func object(_ place: PDFReference) throws(PDFFault) -> PDFObject {
        guard var parser = try parser(at: place) else { return .null }
        let start = parser.position
        let read = parser.object()
        try budget.spend(parser.position - start + 16)
        guard let value = read else { throw .format("object \(place.number)") }
        parser.skipSpace()
        guard parser.take("endobj") || parser.take("stream") else { throw .format("object \(place.number)") }
        return value
    }

    /// The dictionary at `place`, with where the value of `key` stands in the file.
    func dictionary(
        _ place: PDFReference,
        placing key: String
    ) throws(PDFFault) -> (entries: [String: PDFObject], place: Range<Int>?) {
        guard var parser = try parser(at: place) else { throw .format("object \(place.number)") }
        let start = parser.position
        let read = parser.dictionary(placing: key)
        try budget.spend(parser.position - start + 16)
        guard let found = read else { throw .format("object \(place.number)") }
        parser.skipSpace()
        guard parser.take("endobj") else { throw .format("object \(place.number)") }
        return found
    }

    /// The dictionary and the stored bytes of a stream.
    func stream(_ place: PDFReference) throws(PDFFault) -> (
        dictionary: [String: PDFObject], bytes: ArraySlice<UInt8>
    ) {
        guard var parser = try parser(at: place) else { throw .format("object \(place.number)") }
        let first = parser.position
        let read = parser.object()
        try budget.spend(parser.position - first + 16)
        guard let entries = read?.dictionary else { throw .format("object \(place.number)") }
        parser.skipSpace()
        guard parser.take("stream"), parser.takeLineEnd(),
            let count = try resolved(entries["Length"]).integer, count >= 0, count <= end - parser.position
        else { throw .format("stream \(place.number)") }
        let start = parser.position
        var behind = PDFParser(bytes, at: start + count, end: end, objectsMax: 1)
        behind.skipSpace()
        guard behind.take("endstream") else { throw .format("stream \(place.number)") }
        return (entries, bytes[start..<start + count])
    }

    private func parser(at place: PDFReference) throws(PDFFault) -> PDFParser? {
        guard let entry = offsets[place.number], entry.generation == place.generation else { return nil }
        var parser = PDFParser(bytes, at: entry.offset, end: end, objectsMax: limits.objects)
        guard parser.takeNumber() == place.number else { throw .format("object \(place.number)") }
        parser.skipSpace()
        guard parser.takeNumber() == place.generation else { throw .format("object \(place.number)") }
        parser.skipSpace()
        guard parser.take("obj") else { throw .format("object \(place.number)") }
        return parser
    }
}
