import Kernel
import Web

extension Visit {
    /// The JSON body, when it is an object with no other members than these.
    /// - Throws: `WebRefusal.badField` that names the first unknown member, or `body` when it is no object.
    func only(_ names: Set<String>) throws(WebRefusal) -> JSON {
        guard case .object(let members) = body else { throw .badField(name: "body") }
        if let unknown = members.keys.filter({ !names.contains($0) }).sorted().first {
            throw .badField(name: String(unknown.prefix(80)))
        }
        return body
    }

    /// A moment in a member or parameter.
    /// - Throws: `WebRefusal.badField` when it is there and no moment.
    func moment(_ text: String?, named name: String) throws(WebRefusal) -> Instant? {
        guard let text else { return nil }
        guard let moment = Instant(parsing: text) else { throw .badField(name: name) }
        return moment
    }
}

extension JSON {
    /// A text member.
    /// - Throws: `WebRefusal.badField` when it is missing, no text, or longer than `lengthMax` characters.
    func needed(_ name: String, lengthMax: Int = 200) throws(WebRefusal) -> String {
        guard let text = self[name].text, !text.isEmpty, text.count <= lengthMax else {
            throw .badField(name: name)
        }
        return text
    }
}

/// Shapes that several calls share.
enum CallShapes {
    static let region = Shape.text(
        "Administrative division, six digits (GB/T 2260)",
        lengthMax: 6,
        pattern: "^[0-9]{6}$"
    )
    static let moment = Shape.text("Beijing time", format: "date-time")
    static let momentOrNull = moment.orNull
    static let once: [String: Shape] = ["Idempotency-Key": onceKey]
    /// Where a call may come without.
    static let onceIfAny: [String: Shape] = ["Idempotency-Key?": onceKey]
    private static let onceKey = Shape.text(
        "The same key and body give the first answer again",
        lengthMax: 64,
        pattern: "^[A-Za-z0-9_-]{16,64}$"
    )
}
