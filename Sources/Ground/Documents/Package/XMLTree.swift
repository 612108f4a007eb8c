import CXML
public import ElectronicSeals

/// An XML file as a tree of elements. Prefixes are dropped: OFD puts them on elements only, and all mean the same.
public struct XMLTree: Hashable, Sendable {
    public let name: String
    public private(set) var attributes: [String: String]
    public private(set) var children: [XMLTree]
    /// All text directly inside, trimmed.
    public private(set) var content: String
    /// What `content` was before it was trimmed; nil when nothing was.
    private var untrimmed: String?

    public func first(_ name: String) -> XMLTree? { children.first { $0.name == name } }
    public func all(_ name: String) -> [XMLTree] { children.filter { $0.name == name } }
    /// The text as it stands, with the spaces around it.
    var verbatim: String { untrimmed ?? content }
    /// The content of a child.
    public func text(_ name: String) -> String? { first(name)?.content }

    /// How long and how deep a file from outside may be, and how many elements it may have: a tree takes a few times the
    /// memory of its file.
    static let bytesMax = 4 << 20
    static let depthMax = 64
    static let elementsMax = 50_000
    /// The library compares each attribute of an element with all before it.
    static let attributesMax = 1_000

    /// Whether bytes begin as XML does, whatever they are called: with `<`, after spaces and a byte order mark, in any of the
    /// encodings of Unicode.
    static func isLikely(_ bytes: [UInt8]) -> Bool {
        let ignored: [UInt8] = [0x00, 0x09, 0x0A, 0x0D, 0x20, 0xBB, 0xBF, 0xEF, 0xFE, 0xFF]
        return bytes.first { !ignored.contains($0) } == UInt8(ascii: "<")
    }

    /// Reads UTF-8 without a document type: entities, outside files and everything that comes with them are refused.
    public init(reading bytes: [UInt8], name: String) throws(VerificationProblem) {
        guard bytes.count <= Self.bytesMax else { throw VerificationProblem(.packageLimit, name) }
        guard Self.isPlain(bytes), Self.mostAttributes(bytes) <= Self.attributesMax,
            let root = Self.root(of: bytes)
        else {
            throw VerificationProblem(.packageXML, name)
        }
        self = root
    }

    private init(_ reader: OpaquePointer) {
        name = Self.string(xmlTextReaderConstLocalName(reader))
        attributes = [:]
        children = []
        content = ""
        while xmlTextReaderMoveToNextAttribute(reader) == 1 {
            guard xmlTextReaderIsNamespaceDecl(reader) == 0 else { continue }
            attributes[Self.string(xmlTextReaderConstLocalName(reader))] =
                Self.string(xmlTextReaderConstValue(reader))
        }
        xmlTextReaderMoveToElement(reader)
    }

    /// UTF-8 without NUL that names no other encoding: what is read must be what was checked.
    private static func isPlain(_ bytes: [UInt8]) -> Bool {
        guard bytes.count <= Int(Int32.max), !bytes.contains(0),
            String(validating: bytes, as: UTF8.self) != nil
        else { return false }
        guard bytes.starts(with: Array("<?xml".utf8)), let end = bytes.firstIndex(of: UInt8(ascii: ">"))
        else {
            return true
        }
        let head = bytes[...end].map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 }
        return !holds(head, "encoding") || holds(head, "utf-8")
    }

    /// Whether ASCII words stand in bytes.
    private static func holds(_ bytes: [UInt8], _ words: StaticString) -> Bool {
        let count = words.utf8CodeUnitCount
        guard bytes.count >= count else { return false }
        return (0...bytes.count - count).contains { start in
            (0..<count).allSatisfy { bytes[start + $0] == words.utf8Start[$0] }
        }
    }

    /// At least as many as any element has: no `<` stands within a tag, and each value has its `=` and its quotation mark.
    private static func mostAttributes(_ bytes: [UInt8]) -> Int {
        var most = 0
        var count = 0
        var isAfterEquals = false
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "<"):
                count = 0
                isAfterEquals = false
            case UInt8(ascii: "="): isAfterEquals = true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if isAfterEquals {
                    count += 1
                    most = max(most, count)
                }
                isAfterEquals = false
            case 0x20, 0x09, 0x0A, 0x0D: break
            default: isAfterEquals = false
            }
        }
        return most
    }

    /// The tree, or nil where the file is not well-formed or has what is refused. Nodes are read one after the other, so
    /// that no file takes more memory than the elements that are allowed.
    private static func root(of bytes: [UInt8]) -> XMLTree? {
        let options = XML_PARSE_NONET.rawValue | XML_PARSE_NOERROR.rawValue | XML_PARSE_NOWARNING.rawValue
        return bytes.withUnsafeBufferPointer { buffer -> XMLTree? in
            guard
                let reader = buffer.withMemoryRebound(
                    to: CChar.self,
                    {
                        xmlReaderForMemory($0.baseAddress, Int32($0.count), nil, "UTF-8", Int32(options))
                    }
                )
            else { return nil }
            defer { xmlFreeTextReader(reader) }
            var open: [XMLTree] = []
            var root: XMLTree?
            var count = 0
            var more = xmlTextReaderRead(reader)
            while more == 1 {
                switch xmlTextReaderNodeType(reader) {
                case Int32(XML_READER_TYPE_ELEMENT.rawValue):
                    count += 1
                    guard count <= elementsMax, open.count < depthMax else { return nil }
                    let isEmpty = xmlTextReaderIsEmptyElement(reader) == 1
                    open.append(XMLTree(reader))
                    if isEmpty { close(&open, &root) }
                case Int32(XML_READER_TYPE_END_ELEMENT.rawValue): close(&open, &root)
                case Int32(XML_READER_TYPE_TEXT.rawValue), Int32(XML_READER_TYPE_CDATA.rawValue),
                    Int32(XML_READER_TYPE_SIGNIFICANT_WHITESPACE.rawValue):
                    if !open.isEmpty {
                        open[open.count - 1].content += string(xmlTextReaderConstValue(reader))
                    }
                case Int32(XML_READER_TYPE_DOCUMENT_TYPE.rawValue), Int32(XML_READER_TYPE_ENTITY.rawValue),
                    Int32(XML_READER_TYPE_ENTITY_REFERENCE.rawValue):
                    return nil
                default: break
                }
                more = xmlTextReaderRead(reader)
            }
            return more == 0 ? root : nil
        }
    }

    private static func close(_ open: inout [XMLTree], _ root: inout XMLTree?) {
        guard var done = open.popLast() else { return }
        let trimmed = done.content.trimmed
        if trimmed.utf8.count != done.content.utf8.count { done.untrimmed = done.content }
        done.content = trimmed
        if open.isEmpty { root = done } else { open[open.count - 1].children.append(done) }
    }

    private static func string(_ text: UnsafePointer<xmlChar>?) -> String {
        text.map { String(cString: $0) } ?? ""
    }
}

extension String {
    fileprivate var trimmed: String {
        // Mostly nothing is to be trimmed, and its ends are ASCII: that is seen without looking for characters.
        if let first = utf8.first, let last = utf8.last, (0x21...0x7E).contains(first),
            (0x21...0x7E).contains(last)
        {
            return self
        }
        guard let first = firstIndex(where: { !$0.isWhitespace }),
            let last = lastIndex(where: { !$0.isWhitespace })
        else { return "" }
        return String(self[first...last])
    }
}
