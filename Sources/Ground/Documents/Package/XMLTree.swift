public import ElectronicSeals
import Foundation
import FoundationXML

/// An XML file as a tree of elements. Prefixes are dropped: OFD puts them on elements only, and all mean the same.
public struct XMLTree: Hashable, Sendable {
    public let name: String
    public fileprivate(set) var attributes: [String: String]
    public fileprivate(set) var children: [XMLTree]
    /// All text directly inside, trimmed.
    public fileprivate(set) var content: String

    public func first(_ name: String) -> XMLTree? { children.first { $0.name == name } }
    public func all(_ name: String) -> [XMLTree] { children.filter { $0.name == name } }
    /// The content of a child.
    public func text(_ name: String) -> String? { first(name)?.content }

    /// How deep, and how many elements, a file from outside may have.
    static let depthMax = 64
    static let elementsMax = 100_000

    /// Reads UTF-8 without a document type: entities, outside files and everything that comes with them are refused.
    public init(reading bytes: [UInt8], name: String) throws(VerificationProblem) {
        guard Self.isPlain(bytes) else { throw VerificationProblem(.packageXML, name) }
        let parser = XMLParser(data: Data(bytes))
        parser.shouldProcessNamespaces = false
        parser.shouldResolveExternalEntities = false
        let reader = Reader()
        parser.delegate = reader
        guard parser.parse(), parser.parserError == nil, reader.isSound, let root = reader.root else {
            throw VerificationProblem(.packageXML, name)
        }
        self = root
    }

    fileprivate init(_ name: String, _ attributes: [String: String]) {
        self.name = name.split(separator: ":").last.map(String.init) ?? name
        self.attributes = attributes
        children = []
        content = ""
    }

    /// UTF-8, no NUL, and neither `<!DOCTYPE` nor `<!ENTITY` anywhere: in another encoding they could hide.
    private static func isPlain(_ bytes: [UInt8]) -> Bool {
        guard !bytes.contains(0), String(validating: bytes, as: UTF8.self) != nil else { return false }
        let data = Data(bytes)
        for word in ["<!DOCTYPE", "<!ENTITY"] where data.range(of: Data(word.utf8)) != nil { return false }
        // What the declaration names must be what was checked.
        guard let end = data.range(of: Data("?>".utf8)), data.starts(with: Data("<?xml".utf8)) else {
            return true
        }
        let head = String(decoding: data[..<end.lowerBound], as: UTF8.self).lowercased()
        return !head.contains("encoding") || head.contains("utf-8")
    }

    private final class Reader: NSObject, XMLParserDelegate {
        var root: XMLTree?
        var isSound = true
        private var open: [XMLTree] = []
        private var count = 0

        func parser(
            _ parser: XMLParser,
            didStartElement name: String,
            namespaceURI: String?,
            qualifiedName: String?,
            attributes: [String: String]
        ) {
            count += 1
            guard count <= XMLTree.elementsMax, open.count < XMLTree.depthMax else {
                isSound = false
                return parser.abortParsing()
            }
            open.append(XMLTree(name, attributes))
        }

        func parser(
            _ parser: XMLParser,
            didEndElement name: String,
            namespaceURI: String?,
            qualifiedName: String?
        ) {
            guard var done = open.popLast() else { return }
            done.content = done.content.trimmingCharacters(in: .whitespacesAndNewlines)
            if open.isEmpty {
                isSound = isSound && root == nil
                root = done
            } else {
                open[open.count - 1].children.append(done)
            }
        }

        func parser(_ parser: XMLParser, foundCharacters text: String) {
            if !open.isEmpty { open[open.count - 1].content += text }
        }

        func parser(_ parser: XMLParser, foundCDATA block: Data) {
            if !open.isEmpty { open[open.count - 1].content += String(decoding: block, as: UTF8.self) }
        }
    }
}
