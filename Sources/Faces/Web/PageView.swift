import Foundation
public import Mustache
import Synchronization

/// What one template shows, ready as text: the stored properties are the names in the template.
///
/// A property that is nil hides a property of the same name further out, so that a row without a hint never
/// shows the page's.
public protocol PageView: MustacheParent, Sendable {}

extension PageView {
    public func child(named name: String) -> Any? {
        switch PropertyPlaces.place(of: name, in: self) {
        case .absent: nil
        case .at(let place):
            PropertyPlaces.shown(in: Mirror(reflecting: self).children, at: place)
        case .unknown:
            PropertyPlaces.shown(Mirror(reflecting: self).children.first { $0.label == name }?.value)
        }
    }
}

/// Where the stored properties of each view lie, found by reflection once a type: templates ask every view around
/// for every name, and most of them do not have it.
private enum PropertyPlaces {
    enum Place {
        case absent
        case at(Int)
        /// The type has another shape for each value, as an enum has.
        case unknown
    }

    /// By type and name; nil for a type without a lasting shape. The program's types bound it.
    private static let known = Mutex<[ObjectIdentifier: [String: Int]?]>([:])

    static func place<View: PageView>(of name: String, in view: View) -> Place {
        let type = ObjectIdentifier(View.self)
        if let place = known.withLock({ known in known[type].map { place(of: name, $0) } }) { return place }
        let places = places(in: Mirror(reflecting: view))
        known.withLock { $0[type] = .some(places) }
        return place(of: name, places)
    }

    private static func place(of name: String, _ places: [String: Int]?) -> Place {
        guard let places else { return .unknown }
        return places[name].map { .at($0) } ?? .absent
    }

    private static func places(in mirror: Mirror) -> [String: Int]? {
        guard mirror.displayStyle == .struct else { return nil }
        var places: [String: Int] = [:]
        for (place, child) in mirror.children.enumerated() {
            if let label = child.label, places[label] == nil { places[label] = place }
        }
        return places
    }

    static func shown(in children: Mirror.Children, at place: Int) -> Any? {
        guard place < children.count else { return nil }
        return shown(children[children.index(children.startIndex, offsetBy: place)].value)
    }

    /// Which types of properties are optionals. The program's types bound it.
    private static let optionals = Mutex<[ObjectIdentifier: Bool]>([:])

    /// A property as a template takes it: one that is nil is there, and empty.
    static func shown(_ property: Any?) -> Any? {
        guard let property else { return nil }
        let type = ObjectIdentifier(type(of: property))
        if optionals.withLock({ $0[type] }) == false { return property }
        let value = Mirror(reflecting: property)
        let isOptional = value.displayStyle == .optional
        optionals.withLock { $0[type] = isOptional }
        return isOptional ? value.children.first?.value ?? NSNull() : property
    }
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
