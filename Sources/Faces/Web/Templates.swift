import Foundation
public import Kernel
import Mustache

/// All templates, read and parsed once. A bad one stops the start with its file and line.
public struct Templates: Sendable {
    private let library: MustacheLibrary
    /// Names without the suffix, `portal/home`.
    public let names: Set<String>

    public struct Bad: Error, CustomStringConvertible {
        public let description: String
    }

    /// Reads `Resources/templates/**/*.mustache`.
    public static func load(_ home: Home, messages: Messages, icons: Icons) throws(Bad) -> Templates {
        let folder = home.resource("templates")
        var sources: [String: String] = [:]
        guard let walk = FileManager.default.enumerator(atPath: folder) else {
            throw Bad(description: "\(folder): the template folder cannot be read")
        }
        for case let path as String in walk where path.hasSuffix(".mustache") {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(path)"),
                let text = String(validating: bytes, as: UTF8.self)
            else { throw Bad(description: "templates/\(path): the file cannot be read as UTF-8") }
            sources[String(path.dropLast(".mustache".count))] = text
        }
        return try Templates(sources: sources, messages: messages, icons: icons)
    }

    /// - Parameter sources: the text of each template by its name.
    public init(sources: [String: String], messages: Messages, icons: Icons) throws(Bad) {
        var library = MustacheLibrary()
        let check = TemplateCheck(names: Set(sources.keys), messages: messages, icons: icons)
        for (name, source) in sources.sorted(by: { $0.key < $1.key }) {
            if let problem = check.firstProblem(in: source) {
                throw Bad(description: "templates/\(name).mustache:\(problem.line): \(problem.text)")
            }
            do {
                try library.register(Templates.flush(source), named: name)
            } catch let error as MustacheTemplate.ParserError {
                throw Bad(
                    description: "templates/\(name).mustache:\(error.context.lineNumber): \(error.error) in "
                        + error.context.line.trimmingCharacters(in: .whitespaces)
                )
            } catch {
                throw Bad(description: "templates/\(name).mustache: \(error)")
            }
        }
        self.library = library
        names = Set(sources.keys)
    }

    /// Lines without the space before them: a partial's indentation would else be put into text areas.
    private static func flush(_ source: String) -> String {
        source.split(separator: "\n", omittingEmptySubsequences: false)
            .map { String($0.drop(while: { $0 == " " || $0 == "\t" })) }
            .joined(separator: "\n")
    }

    /// - Returns: nil when there is no template of that name.
    func render(_ name: String, _ root: PageRoot) -> String? { library.render(root, withTemplate: name) }
}

/// What can be known of a template before any page is shown.
struct TemplateCheck {
    let names: Set<String>
    let messages: Messages
    let icons: Icons

    struct Problem: Equatable {
        let line: Int
        let text: String
    }

    func firstProblem(in source: String) -> Problem? {
        for tag in TemplateTag.all(in: source) {
            if let text = problem(with: tag) { return Problem(line: tag.line, text: text) }
        }
        return formProblem(in: source)
    }

    private func problem(with tag: TemplateTag) -> String? {
        switch tag.kind {
        case ">", "<":
            if !tag.name.hasPrefix("*") && !names.contains(tag.name) {
                return "there is no template \(tag.name)"
            }
        case "{", "&":
            let last = tag.name.split(separator: ".").last.map(String.init) ?? ""
            let isOurs = tag.name.hasPrefix("icon.") || last.lowercased().hasSuffix("markup")
            if !isOurs { return "\(tag.name) would be written without escaping" }
        default: break
        }
        if tag.name.hasPrefix("t.") {
            let key = String(tag.name.dropFirst(2))
            for language in Language.allCases where !messages.has(key, in: language) {
                return "the message \(key) is missing in \(language.rawValue)"
            }
        }
        if tag.name.hasPrefix("icon."), !icons.has(String(tag.name.dropFirst(5))) {
            return "there is no icon \(tag.name.dropFirst(5)); Scripts/assets lists them"
        }
        return nil
    }

    /// Every form that changes something carries the guard.
    private func formProblem(in source: String) -> Problem? {
        var line = 1
        var open: Int?
        for text in source.split(separator: "\n", omittingEmptySubsequences: false) {
            let lower = text.lowercased()
            if lower.contains("<form"), lower.contains("method=\"post\"") { open = line }
            if lower.contains("{{>guard}}") || lower.contains("{{> guard}}") { open = nil }
            if lower.contains("</form>"), let open {
                return Problem(line: open, text: "the form lacks {{>guard}}")
            }
            line += 1
        }
        return nil
    }
}

/// A tag between double braces.
struct TemplateTag {
    let kind: Character
    let name: String
    let line: Int

    static func all(in source: String) -> [TemplateTag] {
        var tags: [TemplateTag] = []
        for (index, text) in source.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            var rest = text[...]
            while let open = rest.range(of: "{{") {
                let after = rest[open.upperBound...]
                guard let close = after.range(of: "}}") else { break }
                var inner = after[..<close.lowerBound].trimmingCharacters(in: .whitespaces)
                var kind: Character = " "
                if let first = inner.first, "#^/>{&<$!=%".contains(first) {
                    kind = first
                    inner.removeFirst()
                }
                let name = inner.trimmingCharacters(in: .whitespaces)
                if kind != "!" && kind != "=" && kind != "%" {
                    tags.append(TemplateTag(kind: kind, name: name, line: index + 1))
                }
                rest = after[close.upperBound...]
            }
        }
        return tags
    }
}
