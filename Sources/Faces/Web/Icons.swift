import Foundation
import Kernel
public import Mustache

/// Small drawings that stand in the page itself: `{{{icon.search}}}`.
public struct Icons: Sendable {
    private let drawings: [String: Markup]

    /// - Parameter drawings: the SVG text by name, of the set that `Scripts/assets` copied.
    init(drawings: [String: String]) { self.drawings = drawings.mapValues(Markup.init(trusted:)) }

    /// Reads `icons/*.svg` of the asset folder.
    static func load(folder: String) throws(AssetsMissing) -> Icons {
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: folder) else {
            throw AssetsMissing(path: folder)
        }
        var drawings: [String: String] = [:]
        for name in names where name.hasSuffix(".svg") {
            guard let bytes = FileManager.default.contents(atPath: "\(folder)/\(name)") else {
                throw AssetsMissing(path: "\(folder)/\(name)")
            }
            let text = String(decoding: bytes, as: UTF8.self)
            drawings[String(name.dropLast(4))] = dressed(text)
        }
        return Icons(drawings: drawings)
    }

    /// Icons say nothing that the words beside them do not say: hidden from screen readers.
    private static func dressed(_ svg: String) -> String {
        guard let open = svg.range(of: "<svg"), let end = svg[open.upperBound...].firstIndex(of: ">") else {
            return ""
        }
        var box = "0 0 16 16"
        if let start = svg.range(of: "viewBox=\""), let stop = svg[start.upperBound...].firstIndex(of: "\"") {
            box = String(svg[start.upperBound..<stop])
        }
        let body = svg[svg.index(after: end)...].trimmingCharacters(in: .whitespacesAndNewlines)
        return
            "<svg class=\"icon\" viewBox=\"\(box)\" fill=\"currentColor\" aria-hidden=\"true\" focusable=\"false\">"
            + body.replacingOccurrences(of: "\n", with: "")
    }

    public func has(_ name: String) -> Bool { drawings[name] != nil }

    /// An icon for a view; nothing when there is none of that name.
    public func markup(_ name: String) -> Markup { drawings[name] ?? Markup(trusted: "") }
}

extension Icons: MustacheParent {
    public func child(named name: String) -> Any? { drawings[name]?.description }
}
