import Foundation
public import Kernel
import Mustache
import Yams

/// The message catalogue: every word that the program itself says, in each language.
///
/// `Resources/messages/<language>/*.yaml` are flat maps from key to text; `{name}` is a placeholder.
public struct Messages: Sendable {
    public let texts: [Language: [String: String]]

    public init(texts: [Language: [String: String]]) { self.texts = texts }

    /// Why a catalogue cannot be used, with file and reason.
    public struct Unreadable: Error, CustomStringConvertible {
        public let description: String
    }

    /// Reads both languages.
    public static func load(_ home: Home) throws(Unreadable) -> Messages {
        var texts: [Language: [String: String]] = [:]
        for language in Language.allCases {
            texts[language] = try read(folder: home.resource("messages/\(language.rawValue)"))
                .merging(systems(home, language)) { program, _ in program }
        }
        return Messages(texts: texts)
    }

    /// What a verdict says, in one language, and nothing else: whoever checks a file needs no more.
    public static func verdicts(_ home: Home, in language: Language) throws(Unreadable) -> Messages {
        let path = home.resource("messages/\(language.rawValue)/verdicts.yaml")
        return Messages(texts: [language: try read(path)])
    }

    /// The words that systems bring along in their folders, of their rules' reasons and values.
    private static func systems(_ home: Home, _ language: Language) throws(Unreadable) -> [String: String] {
        var texts: [String: String] = [:]
        let systems = (try? FileManager.default.contentsOfDirectory(atPath: home.systems)) ?? []
        for system in systems.sorted() {
            let path = "\(home.systems)/\(system)/words.\(language.rawValue).yaml"
            guard FileManager.default.fileExists(atPath: path) else { continue }
            texts.merge(try read(path)) { first, _ in first }
        }
        return texts
    }

    private static func read(folder: String) throws(Unreadable) -> [String: String] {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw Unreadable(description: "\(folder): the message folder cannot be read")
        }
        var texts: [String: String] = [:]
        var origins: [String: String] = [:]
        for name in names.sorted() where name.hasSuffix(".yaml") {
            let path = "\(folder)/\(name)"
            for (key, value) in try read(path) {
                if let earlier = origins[key] {
                    throw Unreadable(description: "\(path): the key \(key) is already in \(earlier)")
                }
                origins[key] = name
                texts[key] = value
            }
        }
        return texts
    }

    /// One file.
    private static func read(_ path: String) throws(Unreadable) -> [String: String] {
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Unreadable(description: "\(path): the file cannot be read")
        }
        do {
            return try flat(try Yams.compose(yaml: String(decoding: bytes, as: UTF8.self)), path: path)
        } catch let error as Unreadable {
            throw error
        } catch {
            throw Unreadable(description: "\(path): \(error)")
        }
    }

    private static func flat(_ node: Node?, path: String) throws -> [String: String] {
        guard let node else { return [:] }
        guard let mapping = node.mapping else {
            throw Unreadable(description: "\(path): a flat map from key to text is expected")
        }
        var map: [String: String] = [:]
        for (key, value) in mapping {
            guard let key = key.string, let text = value.string else {
                let line = value.mark?.line ?? 0
                throw Unreadable(description: "\(path):\(line): a key and a text are expected")
            }
            map[key] = text
        }
        return map
    }

    /// The message in a language. A key that is nowhere comes back in brackets; a test keeps that from happening.
    public func text(_ key: String, in language: Language, _ arguments: [String: String] = [:]) -> String {
        guard let pattern = texts[language]?[key] ?? texts[.zh]?[key] else { return "[\(key)]" }
        return arguments.isEmpty ? pattern : Messages.fill(pattern, arguments)
    }

    public func has(_ key: String, in language: Language) -> Bool { texts[language]?[key] != nil }

    /// What is wrong and what to do next.
    public func explain(_ refusal: any Refusal, in language: Language) -> (wrong: String, next: String) {
        let key = "refusal.\(refusal.code)"
        guard has(key, in: language) else {
            let fallback = "refusal.unnamed"
            let arguments = ["code": refusal.code]
            return (
                text(fallback, in: language, arguments), text(fallback + ".next", in: language, arguments)
            )
        }
        return (
            text(key, in: language, refusal.arguments), text(key + ".next", in: language, refusal.arguments)
        )
    }

    /// Puts the values in the places of `{name}`; a place without a value stays as written. One pass: a value is
    /// never searched for places.
    static func fill(_ pattern: String, _ arguments: [String: String]) -> String {
        var out = ""
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{") {
            out += rest[..<open]
            let after = rest[rest.index(after: open)...]
            guard let close = after.firstIndex(of: "}"), let value = arguments[String(after[..<close])] else {
                out += "{"
                rest = after
                continue
            }
            out += value
            rest = after[after.index(after: close)...]
        }
        return out + rest
    }

    /// The names between braces.
    public static func places(in pattern: String) -> Set<String> {
        var names: Set<String> = []
        var rest = pattern[...]
        while let open = rest.firstIndex(of: "{") {
            let after = rest[rest.index(after: open)...]
            guard let close = after.firstIndex(of: "}") else { break }
            let name = after[..<close]
            let isName =
                !name.isEmpty && name.utf8.allSatisfy { $0.isLetterOrDigit || $0 == 0x5F || $0 == 0x2D }
            if isName { names.insert(String(name)) }
            rest = after
        }
        return names
    }

    /// `{{t.portal.home.title}}` in a template: each step lengthens the key, the end is looked up.
    func node(in language: Language) -> MessageNode {
        MessageNode(messages: self, language: language, key: "")
    }
}

struct MessageNode: MustacheParent, MustacheCustomRenderable, Sendable {
    let messages: Messages
    let language: Language
    let key: String

    func child(named name: String) -> Any? {
        MessageNode(messages: messages, language: language, key: key.isEmpty ? name : "\(key).\(name)")
    }

    var renderText: String { messages.text(key, in: language) }
    var isNull: Bool { !messages.has(key, in: language) }
}
