import Foundation
public import Mustache

/// What one template shows, ready as text: the stored properties are the names in the template.
///
/// A property that is nil hides a property of the same name further out, so that a row without a hint never
/// shows the page's.
public protocol PageView: MustacheParent, Sendable {}

extension PageView {
    public func child(named name: String) -> Any? {
        for child in Mirror(reflecting: self).children where child.label == name {
            let value = Mirror(reflecting: child.value)
            guard value.displayStyle == .optional else { return child.value }
            guard let wrapped = value.children.first else { return NSNull() }
            return wrapped.value
        }
        return nil
    }
}

/// A page without anything of its own.
public struct PlainView: PageView {
    public init() {}
}

/// Markup that our own code made (an icon, a QR code, a drawing), never text from outside. Templates write it
/// with three braces, which they may do for names that end in `markup` and for `icon.…` only.
public struct Markup: Sendable, CustomStringConvertible {
    public let description: String

    init(trusted text: String) { description = text }

    /// Text from anywhere, escaped.
    public init(escaping text: String) {
        description = Markup.escape(text)
    }

    static func escape(_ text: String) -> String {
        var out = ""
        out.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "&": out += "&amp;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
